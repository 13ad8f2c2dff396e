/** Shapes as a trie in the kernel's memory: shapes that begin alike share their first nodes. The form is that of scan.ts in its sources. */
import { END, type ShapeNode } from './shape.ts'

const HEAD_BYTES = 32
const BLOCK_BYTES = 16

export interface TriePlace {
  /** The first node; 0 while there is none. */
  readonly root: number
  /** Where the next node is written. */
  readonly end: number
}

/** Adds a shape; null when there is no room for it or it is there already. */
export function writeShape(
  memory: Buffer,
  view: DataView,
  nodes: readonly ShapeNode[],
  { root, end, limit }: TriePlace & { readonly limit: number },
): TriePlace | null {
  if (end + nodes.reduce((sum, node) => sum + bytesOf(node), 0) > limit) return null
  let at = end
  let first = root
  /** The field that points to the node to come; 0 for the root. */
  let link = 0
  let isNew = false
  for (const node of nodes) {
    let candidate = link === 0 ? first : view.getUint32(link, true)
    while (candidate !== 0 && !isNode(memory, view, candidate, node)) {
      link = candidate + 12
      candidate = view.getUint32(link, true)
    }
    if (candidate === 0) {
      candidate = at
      writeNode(memory, view, at, node)
      at += bytesOf(node)
      if (link === 0) first = candidate
      else view.setUint32(link, candidate, true)
      isNew = true
    }
    link = candidate + 16
  }
  return isNew ? { root: first, end: at } : null
}

function blocksOf({ literal }: ShapeNode): number {
  return Math.max(1, Math.ceil(literal.length / BLOCK_BYTES))
}

function bytesOf(node: ShapeNode): number {
  return HEAD_BYTES + blocksOf(node) * 2 * BLOCK_BYTES
}

/** Two shapes may end alike and still differ in what is missing from them: their ends are never shared. */
function isNode(memory: Buffer, view: DataView, at: number, node: ShapeNode): boolean {
  const { literal, column, children } = node
  if (view.getUint32(at + 4, true) !== literal.length || view.getInt32(at + 8, true) !== column) return false
  if (view.getUint32(at + 20, true) !== children) return false
  return literal.every((byte, i) => memory[placeOf(at, i)] === byte)
}

function writeNode(memory: Buffer, view: DataView, at: number, node: ShapeNode): void {
  const { literal, column, children, nested, objects, shape } = node
  const blocks = blocksOf(node)
  view.setUint32(at, blocks, true)
  view.setUint32(at + 4, literal.length, true)
  view.setInt32(at + 8, column, true)
  view.setUint32(at + 12, 0, true)
  view.setUint32(at + 16, column === END ? shape : 0, true)
  view.setUint32(at + 20, children, true)
  view.setUint32(at + 24, nested, true)
  view.setUint32(at + 28, objects, true)
  for (let i = 0; i < blocks * BLOCK_BYTES; i++) {
    memory[placeOf(at, i)] = literal[i] ?? 0
    memory[placeOf(at, i) + BLOCK_BYTES] = i < literal.length ? 255 : 0
  }
}

/** Where byte `i` of a node's literal lies; its mask follows 16 bytes later. */
function placeOf(at: number, i: number): number {
  return at + HEAD_BYTES + Math.floor(i / BLOCK_BYTES) * 2 * BLOCK_BYTES + (i % BLOCK_BYTES)
}

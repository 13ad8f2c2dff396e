/**
 * A warning about functions that capture much: what they capture is copied for each worker and each action, where a broadcast is sent
 * once and shared. Sizes are of what is sent, roughly; only a bundle that is large is looked at closely.
 */
import type { UserFunction } from '../plan/step.ts'
import type { Bundle, BundleNode, Encoded } from './bundle.ts'
import type { CaptureRequest } from './capture.ts'
import { nodeNumber } from './decode.ts'

const LARGE_BYTES = 1 << 20

/** An object, or a value in one, that is no string. */
const VALUE_BYTES = 8

const warned = new WeakSet<UserFunction>()

/** Warns once of each function through which a large value is captured, naming the variable. */
export function warnOfLargeCaptures(bundle: Bundle, requests: readonly CaptureRequest[]): void {
  const total = bundle.nodes.reduce((sum, node) => sum + bytesIn(bundle, node), 0)
  if (total < LARGE_BYTES) return
  for (const [i, { fn, verb, at }] of requests.entries()) {
    const heaviest = heaviestVariable(bundle, bundle.nodes[bundle.functions[i] ?? -1])
    if (heaviest === null || heaviest.bytes < LARGE_BYTES || warned.has(fn)) continue
    warned.add(fn)
    const place = at.text === '' ? '' : ` (${at.text})`
    const megabytes = (heaviest.bytes / LARGE_BYTES).toFixed(1)
    process.emitWarning(
      `${verb}${place}: "${heaviest.name}" is captured in ${megabytes} MB, copied for each worker and each action. Broadcast it: const shared = ctx.broadcast(${heaviest.name}), then read shared.value in the function`,
      { type: 'KindlingWarning', code: 'KINDLING_LARGE_CAPTURE' },
    )
  }
}

interface Weighed {
  readonly name: string
  readonly node: BundleNode | undefined
  readonly bytes: number
}

/** The free variable through which most is reached, of the function itself or of one that it reaches by a variable. */
function heaviestVariable(bundle: Bundle, start: BundleNode | undefined): Weighed | null {
  let heaviest: Weighed | null = null
  const seen = new Set<BundleNode | undefined>()
  for (let node = start; node?.type === 'function'; node = heaviest?.node) {
    seen.add(node)
    const [most] = variablesOf(bundle, node)
      .map(([name, value]) => ({ name, node: nodeOf(bundle, value), bytes: reach(bundle, value) }))
      .filter((variable) => !seen.has(variable.node))
      .toSorted((a, b) => b.bytes - a.bytes)
    // A helper is named only where no variable of its own is that large.
    if (most === undefined || (heaviest !== null && most.bytes < LARGE_BYTES)) break
    heaviest = most
  }
  return heaviest
}

function nodeOf(bundle: Bundle, value: Encoded): BundleNode | undefined {
  const id = nodeNumber(value)
  return id === null ? undefined : bundle.nodes[id]
}

/** Bytes of all that is reached from a value. */
function reach(bundle: Bundle, value: Encoded): number {
  const seen = new Set<BundleNode>()
  const open = [value]
  let bytes = 0
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next === 'string') bytes += next.length
    const node = nodeOf(bundle, next)
    if (node === undefined || seen.has(node)) continue
    seen.add(node)
    bytes += bytesIn(bundle, node)
    for (const inner of contentOf(bundle, node)) if (nodeNumber(inner) !== null) open.push(inner)
  }
  return bytes
}

/** Bytes of a node itself. */
function bytesIn(bundle: Bundle, node: BundleNode): number {
  if (node.type === 'numbers' || node.type === 'buffer') return bundle.bytes[node.bytes]?.byteLength ?? 0
  let bytes = VALUE_BYTES
  for (const value of contentOf(bundle, node)) bytes += typeof value === 'string' ? value.length : VALUE_BYTES
  return bytes
}

function contentOf(bundle: Bundle, node: BundleNode): readonly Encoded[] {
  switch (node.type) {
    case 'object':
      return node.values
    case 'array':
    case 'set':
      return node.items
    case 'map':
      return node.entries
    case 'view':
      return [node.buffer]
    case 'bound':
      return [node.target, node.self, ...node.args]
    case 'function':
      return variablesOf(bundle, node).map(([, value]) => value)
    default:
      return []
  }
}

function variablesOf(bundle: Bundle, node: BundleNode & { readonly type: 'function' }): readonly [string, Encoded][] {
  const cells = node.cells.map(([name, cell]): [string, Encoded] => [name, bundle.cells[cell] ?? null])
  return [...node.env.map(([name, value]): [string, Encoded] => [name, value]), ...cells]
}

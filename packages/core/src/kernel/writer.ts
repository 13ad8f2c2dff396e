/** How a line is made, as the kernel reads it: literals and columns in turn. The form is that of write.ts in the kernel's sources. */

/** A literal, then the value of a column; null behind the last literal. */
export interface WriterPart {
  readonly literal: string
  readonly column: number | null
  /** Strings keep their quotes. */
  readonly isJson: boolean
}

const HEAD_BYTES = 8
const PART_BYTES = 16
const BLOCK_BYTES = 16
const LAST = -1
const JSON_FLAG = 0x100
/** The longest number, `-1.2345678901234567e-308`, and room for what is written 16 bytes at a time. */
const NUMBER_BYTES = 40

/** Writes the parts to `memory[at, limit)`; returns where they end, null when they have no room. */
export function writeWriter(
  memory: Buffer,
  view: DataView,
  parts: readonly WriterPart[],
  at: number,
  limit: number,
): number | null {
  const literals = parts.map(({ literal }) => Buffer.from(literal))
  const blockCounts = literals.map(({ length }) => Math.ceil(length / BLOCK_BYTES))
  const sizeBytes = blockCounts.reduce((sum, blocks) => sum + PART_BYTES + blocks * BLOCK_BYTES, HEAD_BYTES)
  // A multiple of 16, as the parts are: the next writer begins there.
  const end = at + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
  if (end > limit) return null
  const columnCount = parts.filter(({ column }) => column !== null).length
  const literalBytes = literals.reduce((sum, { length }) => sum + length, 0)
  view.setUint32(at, literalBytes + columnCount * NUMBER_BYTES, true)
  view.setUint32(at + 4, columnCount, true)
  let to = at + HEAD_BYTES
  for (const [i, { column, isJson }] of parts.entries()) {
    const literal = literals[i] as Buffer
    const blocks = blockCounts[i] as number
    view.setUint32(to, literal.length, true)
    view.setInt32(to + 4, column === null ? LAST : column + (isJson ? JSON_FLAG : 0), true)
    view.setUint32(to + 8, blocks, true)
    to += PART_BYTES
    memory.fill(0, to, to + blocks * BLOCK_BYTES)
    literal.copy(memory, to)
    to += blocks * BLOCK_BYTES
  }
  return end
}

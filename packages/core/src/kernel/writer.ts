/** How a line is made, as the kernel reads it: literals and columns in turn. The form is that of write.ts in the kernel's sources. */

/** A literal, and the value of a column behind it if there is one. */
export interface WriterPart {
  readonly literal: string
  readonly column?: number
  /** Strings keep their quotes. */
  readonly isJson?: boolean
  /** Neither is written when the field is missing, or when its parent is null or missing besides. */
  readonly omits?: 'missing' | 'nullishParent'
}

const HEAD_BYTES = 8
const PART_BYTES = 16
const BLOCK_BYTES = 16
const LAST = -1
const NONE = -2
const JSON_FLAG = 0x100
const OMIT_FLAG = 0x200
const OMIT_PARENT_FLAG = 0x400
/** The longest number, `-1.2345678901234567e-308`, and room for what is written 16 bytes at a time. */
const NUMBER_BYTES = 40

/** Writes the parts to `memory[at, limit)`; returns where they end, null when they have no room. */
export function writeWriter(
  memory: Buffer,
  view: DataView,
  some: readonly WriterPart[],
  at: number,
  limit: number,
): number | null {
  const parts = some.at(-1)?.column === undefined ? some : [...some, { literal: '' }]
  const literals = parts.map(({ literal }) => Buffer.from(literal))
  const blockCounts = literals.map(({ length }) => Math.ceil(length / BLOCK_BYTES))
  const sizeBytes = blockCounts.reduce((sum, blocks) => sum + PART_BYTES + blocks * BLOCK_BYTES, HEAD_BYTES)
  // A multiple of 16, as the parts are: the next writer begins there.
  const end = at + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES
  if (end > limit) return null
  const columnCount = parts.filter(({ column }) => column !== undefined).length
  const literalBytes = literals.reduce((sum, { length }) => sum + length, 0)
  view.setUint32(at, literalBytes + columnCount * NUMBER_BYTES, true)
  view.setUint32(at + 4, columnCount, true)
  let to = at + HEAD_BYTES
  for (const [i, part] of parts.entries()) {
    const literal = literals[i] as Buffer
    const blocks = blockCounts[i] as number
    view.setUint32(to, literal.length, true)
    view.setInt32(to + 4, i === parts.length - 1 ? LAST : codeOf(part), true)
    view.setUint32(to + 8, blocks, true)
    to += PART_BYTES
    memory.fill(0, to, to + blocks * BLOCK_BYTES)
    literal.copy(memory, to)
    to += blocks * BLOCK_BYTES
  }
  return end
}

function codeOf({ column, isJson, omits }: WriterPart): number {
  if (column === undefined) return NONE
  const flags = omits === undefined ? 0 : omits === 'missing' ? OMIT_FLAG : OMIT_FLAG | OMIT_PARENT_FLAG
  return column | flags | (isJson === true ? JSON_FLAG : 0)
}

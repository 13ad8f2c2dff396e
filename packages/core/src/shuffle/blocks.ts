/** Cutting rows into blocks of a size that pays: large enough to be written in columns, small enough that many can be open at once. */
import { encodeBlock } from './block.ts'
import { SizeEstimate } from './size.ts'

/** Bytes of rows in the heap; their block is a half or a quarter of that. */
const BLOCK_BYTES = 128 * 1024
const MOST_ROWS = 4096
/** Bytes of rows in all blocks that are open at the same time, when there are many: filled by a map task, or read by a merge. */
const ALL_BYTES = 16 * 1024 * 1024
/** Sorted runs that a merge may have to read at the same time; their blocks are cut for that. */
export const MERGED_AT_ONCE = 512

export class BlockBuffer {
  rowCount = 0
  #rows: unknown[] = []
  #room = 1
  readonly #size = new SizeEstimate()
  readonly #blockBytes: number
  readonly #give: (block: Uint8Array, firstRow: unknown, rowCount: number) => void

  /** @param openAtOnce how many such blocks will be filled, or read, at the same time */
  constructor(give: (block: Uint8Array, firstRow: unknown, rowCount: number) => void, openAtOnce: number = 1) {
    this.#give = give
    this.#blockBytes = Math.min(BLOCK_BYTES, ALL_BYTES / openAtOnce)
  }

  add(row: unknown): void {
    const bytes = this.#size.add(row)
    if (this.#rows.length === 0) this.#room = Math.max(1, Math.min(MOST_ROWS, Math.floor(this.#blockBytes / bytes)))
    this.rowCount++
    // Rows are measured now and then; a text that fills a block by itself shows at once.
    if (this.#rows.push(row) >= this.#room || textLength(row) > this.#blockBytes) this.flush()
  }

  flush(): void {
    if (this.#rows.length === 0) return
    const rows = this.#rows
    this.#rows = []
    this.#give(encodeBlock(rows), rows[0], rows.length)
  }
}

/** The length of a row that is a text, or of the value of a pair that is one. */
function textLength(row: unknown): number {
  const text: unknown = Array.isArray(row) ? row[1] : row
  return typeof text === 'string' ? text.length : 0
}

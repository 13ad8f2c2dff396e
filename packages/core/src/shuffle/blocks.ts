/** Cutting rows into blocks of a size that pays: large enough to be written in columns, small enough that many can be open at once. */
import { encodeBlock, encodePairs, isPlainPair, pairsOf } from './block.ts'
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
  /** Rows, unless all so far are plain pairs: these are taken apart at once, so that V8's collector needn't copy those that wait. */
  #rows: unknown[] = []
  #first: unknown[] = []
  #second: unknown[] = []
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
    if (this.#held === 0) this.#room = Math.max(1, Math.min(MOST_ROWS, Math.floor(this.#blockBytes / bytes)))
    this.rowCount++
    if (this.#rows.length === 0 && isPlainPair(row)) {
      this.#first.push(row[0])
      this.#second.push(row[1])
    } else {
      if (this.#first.length > 0) this.#joinPairs()
      this.#rows.push(row)
    }
    // Rows are measured now and then; a text that fills a block by itself shows at once.
    if (this.#held >= this.#room || textLength(row) > this.#blockBytes) this.flush()
  }

  flush(): void {
    const rows = this.#rows
    const first = this.#first
    const second = this.#second
    this.#rows = []
    this.#first = []
    this.#second = []
    if (first.length > 0) this.#give(encodePairs(first, second), [first[0], second[0]], first.length)
    else if (rows.length > 0) this.#give(encodeBlock(rows), rows[0], rows.length)
  }

  get #held(): number {
    return this.#rows.length + this.#first.length
  }

  #joinPairs(): void {
    this.#rows = pairsOf(this.#first, this.#second)
    this.#first = []
    this.#second = []
  }
}

/** The length of a row that is a text, or of the value of a pair that is one. */
function textLength(row: unknown): number {
  const text: unknown = Array.isArray(row) ? row[1] : row
  return typeof text === 'string' ? text.length : 0
}

/**
 * Record ends of one file of CSV: where it can be cut. Whether a line end ends a record depends on every quote before it, so the file is
 * scanned from its start, once, and only as far as somebody asks: while the first splits are parsed, the scan goes on to the next.
 * It reads at the speed of memory where there are no quotes; parsing the same bytes takes ten times as long and is what is done in parallel.
 */
import type { CsvDialect } from '../plan/csv-dialect.ts'
import type { FileStamp } from '../plan/source.ts'
import { openFile } from './byte-feed.ts'
import { RecordScanner } from './csv-scanner.ts'

const CHUNK_BYTES = 256 * 1024
const LF = 10
const CR = 13
/** The byte order mark, which is no part of the first field. */
const MARK = Buffer.from([0xef, 0xbb, 0xbf])

export class RecordEnds {
  readonly #path: string
  readonly #stamp: FileStamp
  readonly #dialect: CsvDialect
  /** Where the file was to be cut: ascending offsets, the first 0. */
  readonly #offsets: readonly number[]
  /** The first record end at or after each of them, as far as somebody has asked. */
  readonly #ends: number[] = [0]

  constructor(path: string, stamp: FileStamp, dialect: CsvDialect, offsets: readonly number[]) {
    this.#path = path
    this.#stamp = stamp
    this.#dialect = dialect
    this.#offsets = offsets
  }

  /**
   * The first record end at or after offset number `index`; the end of the file if there is none.
   * @throws DataError if the file is not what it was when it was listed
   */
  at(index: number): number {
    while (this.#ends.length <= index) {
      const last = this.#ends.at(-1) ?? 0
      const offset = this.#offsets[this.#ends.length] ?? this.#stamp.sizeBytes
      const isAtEnd = Math.max(last, offset) >= this.#stamp.sizeBytes
      this.#ends.push(isAtEnd ? this.#stamp.sizeBytes : last >= offset ? last : this.#scan(last, offset))
    }
    return this.#ends[index] as number
  }

  /** From one record end to the first at or after `offset`. */
  #scan(last: number, offset: number): number {
    const scanner = new RecordScanner(this.#dialect)
    // Without quotes every line end ends a record, whatever stands before.
    const start = this.#dialect.quote === null ? offset - 1 : last
    const feed = openFile(this.#path, this.#stamp, start)
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
      for (let base = start; ; ) {
        const filled = feed.read(buffer, 0, buffer.length)
        if (filled === 0) return this.#stamp.sizeBytes
        const from = base === 0 && buffer.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0
        const wanted = Math.min(Math.max(offset - base, from), filled)
        let end = scanner.last(buffer, from, wanted)
        if (end < wanted || base + end < offset) end = scanner.first(buffer, wanted, filled)
        if (end >= 0) {
          // The LF of a CR LF goes with its CR, so that lines are counted right.
          const isHalf =
            buffer[end - 1] === CR && (end < filled || feed.read(buffer, end, 1) === 1) && buffer[end] === LF
          return base + end + (isHalf ? 1 : 0)
        }
        base += filled
      }
    } finally {
      feed.close()
    }
  }
}

/**
 * The record scanner: where records of CSV end, found in their bytes without parsing them. A line end inside quotes ends no record, and
 * a quote opens only at the start of a field, so it must see a file from its start, or from a record end on.
 * CR and LF each end a record: the empty one between the two of a CR LF is a blank line, which is skipped.
 */
import type { CsvDialect } from '../plan/csv-dialect.ts'

const LF = 10
const CR = 13

/** What the next byte meets; numbers, as every byte compares them. After `CLOSED` a second quote is one quote of the field. */
const FIELD_START = 0
const PLAIN = 1
const QUOTED = 2
const CLOSED = 3

export class RecordScanner {
  readonly #quote: number
  readonly #delimiter: number
  #state = FIELD_START

  constructor({ quote, delimiter }: CsvDialect) {
    this.#quote = quote === null ? -1 : quote.charCodeAt(0)
    this.#delimiter = delimiter.charCodeAt(0)
  }

  /** Whether the bytes so far end inside quotes. */
  get isQuoted(): boolean {
    return this.#state === QUOTED
  }

  /** Goes on through `buffer[from, to)`; returns the index after the last record end in it, -1 if there is none. */
  last(buffer: Buffer, from: number, to: number): number {
    if (!this.#hasQuotes(buffer, from, to)) {
      const bytes = buffer.subarray(from, to)
      const at = Math.max(bytes.lastIndexOf(LF), bytes.lastIndexOf(CR))
      if (to > from) this.#state = at === bytes.length - 1 || bytes.at(-1) === this.#delimiter ? FIELD_START : PLAIN
      return at < 0 ? -1 : from + at + 1
    }
    let last = -1
    for (let at = this.first(buffer, from, to); at >= 0; at = this.first(buffer, at, to)) last = at
    return last
  }

  /** Goes on to the first record end in `buffer[from, to)`; returns the index after it, -1 if there is none. */
  first(buffer: Buffer, from: number, to: number): number {
    const quote = this.#quote
    const delimiter = this.#delimiter
    let state = this.#state
    let at = from
    for (; at < to; at++) {
      const byte = buffer[at]
      if (state === QUOTED) {
        if (byte === quote) state = CLOSED
      } else if (byte === LF || byte === CR) {
        this.#state = FIELD_START
        return at + 1
      } else if (byte === quote && state !== PLAIN) state = QUOTED
      else state = byte === delimiter ? FIELD_START : PLAIN
    }
    this.#state = state
    return -1
  }

  #hasQuotes(buffer: Buffer, from: number, to: number): boolean {
    if (this.#state === QUOTED || this.#state === CLOSED) return true
    return this.#quote >= 0 && buffer.subarray(from, to).includes(this.#quote)
  }
}

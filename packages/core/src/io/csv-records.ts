/**
 * The records of a split of CSV, as lists of fields. A split begins and ends with whole records, which splitting has made sure of.
 */
import { DataError } from '../errors.ts'
import type { CsvSplit } from '../plan/source.ts'
import type { Place } from '../plan/task.ts'
import { changed } from './byte-feed.ts'
import { CsvParser, type TakeRecord } from './csv-parser.ts'
import { RecordScanner } from './csv-scanner.ts'
import { startOfLine } from './line-ends.ts'
import { lineNumberAt } from './line-number.ts'
import { MAGIC_LENGTH, refuseCompressed } from './magic.ts'
import { openFeed } from './open-feed.ts'
import type { ReadSizes } from './row-source.ts'
import { shownPath } from './shown-path.ts'
import { Window } from './window.ts'

const LF = 10

/** As for lines: the text of a chunk stays in V8's young generation. */
const CHUNK_BYTES = 64 * 1024

export class CsvRecords {
  readonly #split: CsvSplit
  readonly #feed: ReturnType<typeof openFeed>
  readonly #window: Window
  readonly #scanner: RecordScanner
  readonly #parser: CsvParser
  /** The scanner has seen the window up to here. */
  #scanned = 0
  #isDone = false
  #isClosed = false
  /** The chunk that is being parsed, and its bytes in the window. */
  #text = ''
  #textFrom = 0
  #textTo = 0
  /** The lines before the chunk, as the parser counts them, and the number of the split's first line; 0 until somebody asks. */
  #linesBefore = 0
  #firstLine = 0

  constructor(split: CsvSplit, sizes: Partial<ReadSizes> = {}) {
    const { path, start, end, stamp, compression, dialect } = split
    this.#split = split
    this.#feed = openFeed(path, stamp, compression, start)
    this.#window = new Window(this.#feed, {
      start,
      end: compression === 'none' ? end : Number.POSITIVE_INFINITY,
      chunkBytes: sizes.chunkBytes ?? CHUNK_BYTES,
      maxRecordBytes: sizes.maxLineBytes,
    })
    this.#scanner = new RecordScanner(dialect)
    this.#parser = new CsvParser(dialect)
  }

  get bytesRead(): number {
    return this.#feed.bytesRead
  }

  /** Gives the records of the next chunk to `take`. False when there are no more, or none are wanted. */
  advance(take: TakeRecord): boolean {
    if (this.#isDone) return false
    const window = this.#window
    if (window.base === 0 && window.filled === 0) this.#begin()
    const to = this.#findRecords()
    this.#linesBefore = this.#parser.lines
    this.#textFrom = window.from + (this.#parser.isAfterCr && window.buffer[window.from] === LF ? 1 : 0)
    this.#textTo = to
    this.#text = window.buffer.toString('utf8', window.from, to)
    window.from = to
    if (window.isEnd && this.#scanner.isQuoted) this.#refuseOpenQuote()
    if (!this.#parser.parse(this.#text, take)) this.#isDone = true
    // The check comes after the last rows: only then is it known that the file stayed as it was while it was read.
    else if (this.#isDone) this.#feed.checkUnchanged()
    return !this.#isDone
  }

  /** Where the record begins that is being taken; null before the first. */
  place(): Place | null {
    if (this.#text === '') return null
    const { path, start, compression } = this.#split
    const { line } = this.#parser
    if (compression !== 'none') return { path, byteOffset: -1, line: line + 1 }
    if (this.#firstLine === 0) this.#firstLine = start === 0 ? 1 : lineNumberAt(path, start)
    const byte = startOfLine(this.#window.buffer, this.#textFrom, this.#textTo, line - this.#linesBefore)
    // The file may be gone by now: then the number is 0, as nobody knows it.
    return { path, byteOffset: this.#window.base + byte, line: this.#firstLine === 0 ? 0 : this.#firstLine + line }
  }

  preview(length: number): string | null {
    if (this.#text === '') return null
    const { start, end } = this.#parser
    return this.#text.slice(start, Math.min(end, start + length))
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#window.close()
  }

  /** Looks at the first bytes of a file. */
  #begin(): void {
    const window = this.#window
    while (window.filled < MAGIC_LENGTH && !window.isEnd) window.readMore()
    const head = window.buffer.subarray(0, Math.min(window.filled, MAGIC_LENGTH))
    if (this.#split.compression === 'none') refuseCompressed(this.#split.path, head)
    const hasMark = head.length >= 3 && head.readUIntBE(0, 3) === 0xefbbbf
    if (hasMark) window.from = 3
    this.#scanned = window.from
  }

  /** Reads until there are whole records from `from` on; returns where they end, and is done with the last of them. */
  #findRecords(): number {
    const window = this.#window
    for (;;) {
      const after = this.#scanner.last(window.buffer, this.#scanned, window.filled)
      this.#scanned = window.filled
      if (after >= 0 && !window.isEnd) return after
      const before = window.filled - window.from
      if (!window.isEnd && !window.readMore()) this.#refuseLong()
      this.#scanned = before
      if (window.isEnd) {
        this.#isDone = true
        this.#requireWhole()
        return window.filled
      }
    }
  }

  #requireWhole(): void {
    const { path, end, compression } = this.#split
    const { base, filled } = this.#window
    if (compression === 'none' && base + filled < end)
      throw changed(path, `it ends at byte ${base + filled}, before byte ${end}`)
  }

  #refuseLong(): never {
    const { path } = this.#split
    const { base, from, filled } = this.#window
    throw new DataError(
      `${shownPath(path)}: the record at byte ${base + from} is longer than ${filled} bytes, the most that a string can hold. ` +
        'Is a quote never closed?',
    )
  }

  /** Whatever follows such a quote would count as its field: no rows can be saved from that. */
  #refuseOpenQuote(): never {
    this.#parser.parse(this.#text, () => true)
    throw new DataError(
      'a quote that opens in this record is never closed. Close it, or pass { quote: null } if quotes mean nothing',
    )
  }
}

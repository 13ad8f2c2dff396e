/**
 * The line reader: the lines that *start* in `(split.start, split.end]`, in the first split also the one at 0, without
 * their ends. The line straddling `end` is ours; the one at or straddling `start` is the previous split's.
 * With `f(x)` the offset after the first line end at or after `x`, a split is the bytes `[f(start), f(end))`, so the splits of
 * a file hold each line once, whatever their sizes.
 * Source: Hadoop's LineRecordReader.
 */
import { isAscii } from 'node:buffer'
import type { LinesSplit } from '../plan/source.ts'
import type { Place } from '../plan/task.ts'
import { type ChunkMemory, type LineChunks, openChunks } from './line-chunks.ts'
import { startOfLine } from './line-ends.ts'
import { lineNumberAt } from './line-number.ts'
import { PREVIEW_LENGTH, type Push, type ReadSizes, type RowSource } from './row-source.ts'

/** @throws DataError when the file is not what it was when it was split, or is compressed and not named so */
export function openLines(split: LinesSplit, sizes?: Partial<ReadSizes>, memory?: ChunkMemory): LineReader {
  return new LineReader(split, openChunks(split, sizes, memory))
}

export class LineReader implements RowSource {
  rowsRead = 0
  readonly chunks: LineChunks
  private readonly split: LinesSplit
  private isDone = false
  /** The bytes that were pushed last: their text, where they lie, and where in the text the last row begins. */
  private text = ''
  private textFrom = 0
  private textTo = 0
  private at = -1
  /** A row of them whose place was asked for: where it begins in the text and in the buffer. */
  private placedAt = 0
  private placedByte = 0
  /** The number of the split's first line, from 1; 0 until somebody asks. */
  private firstLine = 0

  constructor(split: LinesSplit, chunks: LineChunks) {
    this.split = split
    this.chunks = chunks
  }

  get bytesRead(): number {
    return this.chunks.bytesRead
  }

  advance(push: Push<unknown>): boolean {
    const { chunks } = this
    if (this.isDone || !this.nextChunk()) return false
    if (!this.pushBytes(chunks.from, chunks.to, push)) this.isDone = true
    else if (chunks.isLast) this.finish()
    return !this.isDone
  }

  /** Reads the next chunk; false when there is none. */
  nextChunk(): boolean {
    this.chunks.lineCount = this.rowsRead
    return this.chunks.next()
  }

  /** Pushes the lines of `chunks.buffer[from, to)`, which ends with a line. */
  pushBytes(from: number, to: number, push: Push<unknown>): boolean {
    this.decode(from, to)
    return this.pushLines(push)
  }

  /** Takes the line at `chunks.buffer[from, to)`, which was not pushed, for the current one. */
  locate(from: number, to: number): void {
    this.decode(from, to)
    this.at = 0
  }

  /** Called after the last rows: only then is it known that the file stayed as it was while it was read. */
  finish(): void {
    this.isDone = true
    this.chunks.checkUnchanged()
  }

  /** @param row how many rows of the split there were up to this one, where some were not pushed */
  place(row: number = this.rowsRead): Place | null {
    if (this.at < 0) return null
    const { path, start, compression } = this.split
    if (compression !== 'none') return { path, byteOffset: -1, line: row }
    const { base, buffer, firstOffset } = this.chunks
    // From the row that was asked for last, so that a file of bad rows is not counted again for each.
    const ends = countEnds(this.text, this.placedAt, this.at)
    this.placedByte = startOfLine(buffer, this.placedByte, this.textTo, ends)
    this.placedAt = this.at
    return { path, byteOffset: base + this.placedByte, line: start === 0 ? row : this.lineInFile(row, firstOffset) }
  }

  /** The number of a row in the file; 0 when nobody knows how many lines come before the split. */
  private lineInFile(row: number, firstOffset: number): number {
    if (this.firstLine === 0) this.firstLine = lineNumberAt(this.split.path, firstOffset)
    return this.firstLine === 0 ? 0 : this.firstLine + row - 1
  }

  preview(length: number = PREVIEW_LENGTH): string | null {
    return this.at < 0 ? null : (/^[^\r\n]*/.exec(this.text.slice(this.at, this.at + length))?.[0] ?? '')
  }

  close(): void {
    this.chunks.close()
  }

  private decode(from: number, to: number): void {
    const { buffer } = this.chunks
    this.textFrom = from
    this.textTo = to
    // The same text, and 15 % less time for reading ASCII lines on Node 20.
    const encoding = isAscii(buffer.subarray(from, to)) ? 'latin1' : 'utf8'
    this.text = buffer.toString(encoding, from, to)
    this.at = -1
    this.placedAt = 0
    this.placedByte = from
  }

  private pushLines(push: Push<unknown>): boolean {
    const { text } = this
    if (text.includes('\r')) return this.pushMixedLines(push)
    let from = 0
    for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
      this.at = from
      this.rowsRead++
      if (!push(text.slice(from, to))) return false
      from = to + 1
    }
    return this.pushRest(push, from)
  }

  /** The same for a text with CRs. */
  private pushMixedLines(push: Push<unknown>): boolean {
    const { text } = this
    let from = 0
    let lf = -1
    let cr = -1
    for (;;) {
      // Each is searched only when it is passed, so that a text without one of them is searched for it once.
      if (lf < from) lf = indexOrEnd(text, '\n', from)
      if (cr < from) cr = indexOrEnd(text, '\r', from)
      const to = Math.min(lf, cr)
      if (to === text.length) return this.pushRest(push, from)
      this.at = from
      this.rowsRead++
      if (!push(text.slice(from, to))) return false
      from = lf === cr + 1 && lf < text.length ? lf + 1 : to + 1
    }
  }

  /** The last line of a file need not end. */
  private pushRest(push: Push<unknown>, from: number): boolean {
    if (from === this.text.length) return true
    this.at = from
    this.rowsRead++
    return push(this.text.slice(from))
  }
}

function indexOrEnd(text: string, what: string, from: number): number {
  const index = text.indexOf(what, from)
  return index < 0 ? text.length : index
}

function countEnds(text: string, from: number, to: number): number {
  return text.slice(from, to).match(/\r\n|\r|\n/g)?.length ?? 0
}

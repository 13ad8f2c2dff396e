/**
 * The rows of a chain whose first steps are compiled. Lines are read into the kernel's memory, scanned into columns, and dropped or given
 * by one generated loop; what it can't settle runs in V8 at its turn, so that results, errors and their order are V8's own.
 * While it runs it reviews what pays.
 */
import type { ScanProgram } from '../compile/scan.ts'
import type { ChunkMemory } from '../io/line-chunks.ts'
import { afterLastLineEnd, countLineEnds } from '../io/line-ends.ts'
import { type LineReader, openLines } from '../io/lines.ts'
import type { Push, RowSource } from '../io/row-source.ts'
import type { LinesSplit } from '../plan/source.ts'
import type { Place } from '../plan/task.ts'
import { type Mode, Scanner } from './scanner.ts'
import type { LineSink } from './task-state.ts'

const LF = 0x0a
/** What V8 reads at once; see `CHUNK_BYTES` of the line reader. */
const TEXT_BYTES = 64 * 1024
/** Rows between two reviews; the first comes earlier. */
const FIRST_REVIEW_ROWS = 4096
const REVIEW_ROWS = 16_384

/** The scanners of one program, for task after task. */
export class Scanners {
  readonly #scan: ScanProgram
  readonly #idle: Scanner[] = []

  constructor(scan: ScanProgram) {
    this.#scan = scan
  }

  /** One that no task uses; null where WebAssembly has no memory to give, or is switched off. V8 can do without. */
  take(): Scanner | null {
    try {
      return this.#idle.pop() ?? new Scanner(this.#scan)
    } catch {
      return null
    }
  }

  give(scanner: Scanner): void {
    this.#idle.push(scanner)
  }
}

/** Where rows go. */
export interface Ways {
  /** Lines, into the first steps. */
  readonly steps: Push<unknown>
  /** Lines that V8 has to read, or words, into the steps from there on. */
  readonly replay: Push<unknown>
  /** What the compiled steps give. */
  readonly out: Push<unknown>
  /** Lines that are made of that; null where nobody takes them. */
  readonly written: LineSink | null
}

export class ScanSource implements RowSource {
  readonly #scanner: Scanner
  readonly #scanners: Scanners
  readonly #reader: LineReader
  #mode: Mode | null = null
  #textRows = 0
  /** Where the chunk that is read ends in the kernel's memory. */
  #end = 0
  /** Rows of the batch that runs which ran in V8 before it. */
  #ranBefore = 0
  /** The row of the batch that V8 ran last. */
  #replayed = -1
  /** What the scanner had counted when this was closed. */
  #bailed: number | null = null
  #review = { rows: 0, bailed: 0, kept: 0, after: FIRST_REVIEW_ROWS }
  readonly #before: { readonly bailed: number }

  /** @throws DataError when the file is not what it was when it was split */
  constructor(scanners: Scanners, scanner: Scanner, split: LinesSplit) {
    this.#scanners = scanners
    this.#scanner = scanner
    const { buffer } = this.#scanner.kernel
    const memory: ChunkMemory = {
      take: (length) => (length === buffer.length ? buffer : Buffer.allocUnsafeSlow(length)),
      give: () => {},
    }
    this.#reader = openLines(split, { chunkBytes: buffer.length }, memory)
    const { state } = this.#scanner
    this.#before = { bailed: state.bailed }
    this.#review = { ...this.#review, bailed: state.bailed, kept: state.kept }
    state.row = -1
    state.isStopped = false
    state.isBroken = false
  }

  /** Where rows go from now on. */
  bind({ steps, replay, out, written }: Ways): void {
    const { state, kernel, scan } = this.#scanner
    state.out = out
    if (written !== null) state.lines = written
    state.replay = (row) => {
      state.row = -1
      this.#replayed = row
      const { BUFFER } = kernel.layout
      const from = kernel.rows[row] as number
      if (scan.words !== null) return replay(kernel.text(from, from + (kernel.texts(0)[2 * row + 1] as number)))
      const to = Math.min(kernel.rows[row + 1] as number, this.#end)
      return this.#reader.pushBytes(from - BUFFER, to - BUFFER, replay)
    }
    this.#lines = steps
  }
  #lines: Push<unknown> = () => false

  get rowsRead(): number {
    return this.#reader.rowsRead
  }

  get bytesRead(): number {
    return this.#reader.bytesRead
  }

  get rowsBailed(): number {
    return this.#textRows + (this.#bailed ?? this.#scanner.state.bailed) - this.#before.bailed
  }

  advance(): boolean {
    const reader = this.#reader
    const { chunks } = reader
    if (reader.nextChunk()) {
      const isInKernel = chunks.buffer.buffer === this.#scanner.kernel.memory.buffer
      const isMore = isInKernel ? this.#scanChunk(chunks.from, chunks.to) : this.#pushText(chunks.from, chunks.to)
      if (!isMore) return false
      if (!chunks.isLast) return true
      reader.finish()
    }
    this.#scanner.groups?.end()
    return false
  }

  place(): Place | null {
    this.#locate()
    const row = this.#currentRow()
    const { kernel, scan, state } = this.#scanner
    if (scan.words !== null && row >= 0) {
      const [first, word] = [kernel.rows[0] as number, kernel.rows[row] as number]
      return this.#reader.place(this.#reader.rowsRead + this.#linesIn(first, word) + 1)
    }
    const { bailed, kept } = state
    // The reader has counted only the rows that it pushed.
    const settled = row < 0 ? 0 : row + 1 - (bailed + kept - this.#ranBefore)
    return this.#reader.place(this.#reader.rowsRead + settled)
  }

  preview(length?: number): string | null {
    this.#locate()
    return this.#reader.preview(length)
  }

  close(): void {
    this.#reader.close()
    if (this.#bailed !== null) return
    // From now on the scanner may count for another source.
    this.#bailed = this.#scanner.state.bailed
    const give = (): void => this.#scanners.give(this.#scanner)
    if (this.#scanner.groups === null) give()
    else this.#scanner.groups.whenFree(give)
  }

  #scanChunk(from: number, to: number): boolean {
    const { kernel } = this.#scanner
    const { BUFFER } = kernel.layout
    this.#end = BUFFER + to
    if (from === to) return true
    if (this.#scanner.isForText(BUFFER + from, this.#end)) return this.#pushText(from, to)
    // The last line may end with a CR or the file. What the byte behind it is may be needed yet.
    const behind = kernel.memory[this.#end] as number
    const hasEnd = kernel.memory[this.#end - 1] === LF
    if (!hasEnd) kernel.memory[this.#end] = LF
    try {
      return this.#scanRows(BUFFER + from, hasEnd ? this.#end : this.#end + 1)
    } finally {
      kernel.memory[this.#end] = behind
    }
  }

  #scanRows(from: number, end: number): boolean {
    const scanner = this.#scanner
    const { kernel, state } = scanner
    const { BUFFER } = kernel.layout
    this.#mode ??= scanner.start(from, end)
    for (let at = from; at < end; ) {
      if (this.#mode === 'text' || scanner.batch === null) {
        const line = this.#finishLine(at)
        return line >= 0 && this.#pushText(line - BUFFER, this.#end - BUFFER)
      }
      const count = scanner.scanBatch(at, end)
      this.#ranBefore = state.bailed + state.kept
      const { batch } = scanner
      const done = batch(0, count)
      const next = kernel.rows[done] as number
      if (scanner.scan.words === null) this.#reader.rowsRead += done - (state.bailed + state.kept - this.#ranBefore)
      else this.#reader.rowsRead += done === count ? kernel.endedLines : this.#linesIn(at, next)
      state.row = -1
      this.#replayed = -1
      at = next
      if (state.isStopped) return false
      if (state.isBroken) this.#mode = 'text'
      else {
        scanner.learnMissed()
        this.#reviewMode(done)
      }
      if (this.#mode === 'text' || scanner.groups?.isOn === false) this.#leaveGroups()
    }
    return true
  }

  /** From now on V8 combines. Of words it makes as much as compiled code would. */
  #leaveGroups(): void {
    this.#scanner.groups?.finish()
    if (this.#mode === 'groups')
      this.#mode = this.#scanner.scan.words === null ? this.#scanner.enter('columns') : 'text'
  }

  /** How many lines end in the kernel's `memory[from, to)`. */
  #linesIn(from: number, to: number): number {
    return countLineEnds(this.#scanner.kernel.memory.subarray(from, to))
  }

  /** Behind the line of which a word lies at `at`. */
  #lineEnd(at: number): number {
    return Math.min(this.#scanner.kernel.memory.indexOf(LF, at) + 1, this.#end)
  }

  /** Runs the rest of the words of a line that others of were taken before; returns where the next line begins, or -1 when no more is wanted. */
  #finishLine(at: number): number {
    const scanner = this.#scanner
    const { kernel, state } = scanner
    if (
      scanner.scan.words === null ||
      kernel.memory[at - 1] === LF ||
      at === kernel.layout.BUFFER + this.#reader.chunks.from
    )
      return at
    const end = kernel.memory.indexOf(LF, at) + 1
    for (let from = at; from < end; ) {
      const count = scanner.scanBatch(from, end)
      for (let row = 0; row < count; row++) {
        if (state.replay(row)) continue
        state.isStopped = true
        return -1
      }
      from = kernel.rows[count] as number
    }
    this.#reader.rowsRead++
    this.#replayed = -1
    return end
  }

  /** Gives up on a way of reading that has not paid over the last rows. */
  #reviewMode(rowCount: number): void {
    const scanner = this.#scanner
    const { bailed, kept } = scanner.state
    const review = this.#review
    review.rows += rowCount
    if (review.rows < review.after) return
    const newKept = kept - review.kept
    const newInV8 = newKept + bailed - review.bailed
    if (this.#mode === 'columns' && newKept > review.rows / 8 && scanner.canMakeRows) this.#mode = scanner.enter('rows')
    else if (this.#mode === 'groups' && newInV8 > review.rows / 4) this.#leaveGroups()
    else if (newInV8 > review.rows / 2) this.#mode = 'text'
    this.#review = { rows: 0, bailed, kept, after: REVIEW_ROWS }
  }

  /** Lines for V8, a piece at a time. */
  #pushText(from: number, to: number): boolean {
    const reader = this.#reader
    const { buffer } = reader.chunks
    const before = reader.rowsRead
    try {
      for (let at = from; at < to; ) {
        const cut = to - at <= TEXT_BYTES ? to : afterLastLineEnd(buffer, at, at + TEXT_BYTES)
        const end = cut < 0 ? to : cut
        if (!reader.pushBytes(at, end, this.#lines)) return false
        at = end
      }
      return true
    } finally {
      this.#textRows += reader.rowsRead - before
    }
  }

  /** The row of the running batch that was given or run last; -1 when V8 reads all. */
  #currentRow(): number {
    const { row } = this.#scanner.state
    return row < 0 ? this.#replayed : row
  }

  /** Makes the row whose value was given last the reader's own. */
  #locate(): void {
    const { state, kernel, scan } = this.#scanner
    const { BUFFER } = kernel.layout
    if (scan.words !== null) {
      const word = kernel.rows[this.#currentRow()]
      if (word === undefined) return
      const from = kernel.memory.lastIndexOf(LF, word - 1) + 1
      this.#reader.locate(Math.max(from - BUFFER, this.#reader.chunks.from), this.#lineEnd(word) - BUFFER)
      return
    }
    const { row } = state
    if (row < 0) return
    const to = Math.min(kernel.rows[row + 1] as number, this.#end)
    this.#reader.locate((kernel.rows[row] as number) - BUFFER, to - BUFFER)
  }
}

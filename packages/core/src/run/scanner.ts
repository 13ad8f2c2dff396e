/**
 * A scanner: a kernel set up for one scan program, with the code made for it and the shapes it has learned. A worker keeps it from task to
 * task. It decides how rows are read: `columns` for what the program asks for, `groups` where that is combined by key besides, `rows` where whole
 * rows are made of columns too,
 * `text` where V8 reads them, since that costs less than failing to prove.
 */
import { type Expression, SPACES } from '../compile/expression.ts'
import { linePartsOf, numbersOf } from '../compile/line.ts'
import type { ScanColumn, ScanProgram } from '../compile/scan.ts'
import { Kernel, Tag, Verdict } from '../kernel/kernel.ts'
import { type Shape, shapeOf } from '../kernel/shape.ts'
import { areOwn } from './own-builtins.ts'
import { type Batch, type BatchState, type Maker, makeBatch, makeMaker } from './scan-code.ts'
import { ScanGroups } from './scan-groups.ts'
import { writerOf } from './scan-lines.ts'

export type Mode = 'groups' | 'columns' | 'rows' | 'text'

const EXPECTED = { number: Tag.number, string: Tag.string, any: 0 } as const

const CR = 0x0d
/** Rows looked at first when it must be known at once whether whole rows can be made. */
const SAMPLE_ROWS = 32
/** Shapes looked for in one task: rows that are all different are not worth it. */
const MAX_TRIES = 256

export class Scanner {
  readonly scan: ScanProgram
  readonly kernel: Kernel
  readonly state: BatchState
  batch: Batch | null = null
  #mode: Mode | null = null
  readonly #shapes: Shape[] = []
  readonly #batches = new Map<string, Batch>()
  #columns: readonly ScanColumn[] = []
  /** By the number of the shape. The batches made for whole rows hold on to this array. */
  readonly #makers: (Maker | undefined)[] = []
  #needles: readonly { readonly at: number; readonly size: number }[] = []
  #tries = 0
  /** What combines rows by key; null where they are given. */
  readonly groups: ScanGroups | null
  /** The numbers that lines or groups are made of beside columns; null when values are given. */
  #computed: readonly Expression[] | null

  constructor(scan: ScanProgram) {
    this.scan = scan
    this.state = {
      row: -1,
      bailed: 0,
      kept: 0,
      isStopped: false,
      isBroken: false,
      replay: () => false,
      out: () => false,
      lines: () => {},
    }
    const { group } = scan
    this.kernel = new Kernel({ hasGroups: group !== null })
    this.groups = group === null ? null : new ScanGroups(this.kernel, { ...scan, group }, this.state)
    const parts = scan.line === null ? null : linePartsOf(scan.line, [])
    this.#computed = parts === null ? null : numbersOf(parts)
  }

  /** For a task whose first chunk is `memory[from, to)`: the mode to begin in. */
  start(from: number, to: number): Mode {
    this.#tries = 0
    if (!areOwn(this.scan.builtins)) return 'text'
    const hasFilter = this.scan.checks.some((check) => check.op === 'filter')
    if (this.groups?.isOn === true) return this.enter('groups')
    if (this.scan.gives !== 'row' || hasFilter) return this.enter('columns')
    this.#sample(from, to)
    return this.enter('rows')
  }

  /** Goes over to a mode, or to `text` when it isn't possible. */
  enter(mode: Mode): Mode {
    if (mode === 'text' || mode === this.#mode) return mode
    if (this.scan.group !== null) this.#computed = mode === 'groups' ? ScanGroups.computed(this.scan.group) : null
    const wholeRows = mode === 'rows' ? this.#rowColumns() : []
    if (wholeRows === null) return 'text'
    const columns = [...this.scan.columns, ...wholeRows]
    const paths = columns.map(({ path }) => path)
    if (
      !this.kernel.ask(
        paths,
        columns.map(({ expects }) => EXPECTED[expects]),
      )
    )
      return 'text'
    this.#needles = this.scan.matches.map(({ text }) => {
      const bytes = Buffer.from(text)
      return { at: this.kernel.hold(bytes), size: bytes.length }
    })
    if (this.#needles.some(({ at }) => at < 0)) return 'text'
    this.#mode = mode
    this.#columns = columns
    if (this.scan.words !== null) {
      this.kernel.verdicts.fill(Verdict.regular)
      this.kernel.tags(0).fill(Tag.string)
    }
    this.#makers.length = 0
    for (const j of this.#computed?.keys() ?? []) this.kernel.tags(columns.length + j).fill(Tag.number)
    if (this.scan.gives === 'columns' && this.scan.line !== null) this.kernel.writers.fill(this.#writer([]))
    const known = this.#shapes.splice(0)
    for (const shape of known) this.#learn(shape)
    this.batch = this.#batchFor(mode)
    return mode
  }

  /** Whether whole rows could be made of the rows seen so far. */
  get canMakeRows(): boolean {
    return this.scan.gives === 'row' && this.#rowColumns() !== null
  }

  /** Whether V8 has to cut lines of `memory[from, to)` into words, since they may end, or be cut, where the kernel does not look. */
  isForText(from: number, to: number): boolean {
    const { kernel, scan } = this
    if (scan.words === null) return false
    return (
      kernel.memory.subarray(from, to).includes(CR) ||
      (scan.words.separator === SPACES && kernel.hasWideSpace(from, to))
    )
  }

  /** Scans one batch; returns how many rows it has. */
  scanBatch(from: number, to: number): number {
    const { kernel, scan } = this
    const { MAX_ROWS } = kernel.layout
    const count =
      scan.words === null
        ? kernel.scan(from, to, MAX_ROWS)
        : kernel.words(from, to, scan.words.separator === SPACES ? null : scan.words.separator, MAX_ROWS)
    for (const [mask, { kind, column }] of scan.matches.entries()) {
      const { at, size } = this.#needles[mask] as { at: number; size: number }
      kernel.match(kind, column, at, size, mask, count)
    }
    return count
  }

  /** Learns the shape of the first row of the last scan that has none. */
  learnMissed(): void {
    const { kernel } = this
    const row = kernel.firstMissed
    if (row < 0 || !kernel.canLearn || this.#tries >= MAX_TRIES) return
    this.#tries++
    const shape = shapeOf(kernel.memory.subarray(kernel.rows[row], kernel.rows[row + 1]))
    if (shape !== null) this.#learn(shape)
  }

  #learn(shape: Shape): void {
    const number = this.kernel.learn(shape)
    if (number === 0) return
    this.#shapes.push(shape)
    const { kernel, scan } = this
    // A line may be made of the columns that are asked for anyway.
    if (this.#mode !== 'rows' && scan.line === null) return
    if (scan.gives !== 'row' || !this.#isMade(shape)) return
    const fields = shape.fields.map(({ name }) => name)
    const columns = this.#columns
    if (!fields.every((name) => columns.some(({ path }) => path.length === 1 && path[0] === name))) return
    if (scan.line !== null) kernel.writers[number] = this.#writer(fields)
    else this.#makers[number] = makeMaker({ kernel, scan, columns }, fields)
  }

  /** Where the writer of lines for rows of these fields stands; 0 when the kernel can't hold it. */
  #writer(fields: readonly string[]): number {
    const { kernel, scan } = this
    const computed = this.#computed ?? []
    const parts = scan.line === null ? null : linePartsOf(scan.line, fields)
    return parts === null ? 0 : kernel.holdWriter(writerOf(parts, this.#columns, computed))
  }

  /** Whether rows of a shape, whole, are made of columns faster than V8 parses them: strings would have to be decoded, but for lines. */
  #isMade({ fields }: Shape): boolean {
    const isLine = this.scan.line !== null
    return (
      fields.length > 0 &&
      fields.every(
        ({ name, type }) =>
          (type === 'number' || type === 'literal' || (type === 'string' && isLine)) && name !== '__proto__',
      )
    )
  }

  #sample(from: number, to: number): void {
    const { memory } = this.kernel
    for (let i = 0, at = from; i < SAMPLE_ROWS && at < to; i++) {
      const end = memory.indexOf(0x0a, at) + 1
      if (end === 0 || end > to) return
      const shape = shapeOf(memory.subarray(at, end))
      if (shape !== null) this.#shapes.push(shape)
      at = end
    }
  }

  /** The fields of rows that aren't columns yet; null when whole rows can't be made, or had better not. */
  #rowColumns(): readonly ScanColumn[] | null {
    const isMade = (shape: Shape): boolean => this.#isMade(shape)
    const names = new Set(this.#shapes.filter(isMade).flatMap(({ fields }) => fields.map(({ name }) => name)))
    for (const { path } of this.scan.columns) if (path.length === 1) names.delete(path[0] ?? '')
    const count = this.scan.columns.length + names.size + (this.#computed?.length ?? 0)
    if (!this.#shapes.some(isMade) || count > this.kernel.layout.MAX_COLUMNS) return null
    return [...names].map((name) => ({ path: [name], expects: 'any' }))
  }

  #batchFor(mode: Mode): Batch {
    const key = `${mode} ${JSON.stringify(this.#columns)}`
    let batch = this.#batches.get(key)
    if (batch === undefined) {
      const { kernel, scan, state } = this
      const makers = mode === 'rows' && scan.line === null ? this.#makers : null
      batch = makeBatch({
        kernel,
        scan,
        columns: this.#columns,
        state,
        makers,
        computed: this.#computed,
        groups: mode === 'groups' ? this.groups : null,
      })
      this.#batches.set(key, batch)
    }
    return batch
  }
}

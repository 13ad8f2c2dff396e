/**
 * The code that workers make from a scan program: one loop over a batch of rows. Its plain form, for each row:
 *
 *     if (every column has the type the code is made for) drop it, or give its value
 *     else if (the row is valid) the same with values of any type
 *     else run its text through the user's functions
 *
 * Where the value is a line of a file, rows whose line the kernel can make are only selected, and made into lines many at a time.
 *
 * Compiled code may call only built-ins that are still the engine's own; that is asked again after each piece of the user's code.
 * It holds no text of the user's: only expressions of the whitelist, printed anew.
 */
import { isUtf8 } from 'node:buffer'
import { compileFunction } from 'node:vm'
import { INHERITED } from '../compile/builtins.ts'
import { matchOf } from '../compile/columns.ts'
import { type Expression, isOptionalPath, pathOf } from '../compile/expression.ts'
import type { LinePart } from '../compile/line.ts'
import { OPTIONAL_MEMBER, optionalMember, print } from '../compile/print.ts'
import type { ScanColumn, ScanProgram } from '../compile/scan.ts'
import { type Kernel, Tag, Verdict } from '../kernel/kernel.ts'
import type { WriterPart } from '../kernel/writer.ts'
import type { LineSink } from './task-state.ts'

/** What a batch tells of its rows, and what it may call for them. */
export interface BatchState {
  /** The row whose value was given last. */
  row: number
  /** Rows that ran in V8 because compiled code could not tell what becomes of them. */
  bailed: number
  /** Rows that ran in V8 to give what compiled code knew they give. */
  kept: number
  /** The sink wants no more. */
  isStopped: boolean
  /** A built-in is no longer the engine's own. */
  isBroken: boolean
  /** Runs the text of a row through the user's functions; false when no more rows are wanted. */
  replay(row: number): boolean
  /** Takes what the compiled steps give. */
  out(value: unknown): boolean
  /** Takes lines that the kernel made. */
  lines: LineSink
}

/** Runs rows `[from, count)` of the last scan; returns the row after the last that it ran. */
export type Batch = (from: number, count: number) => number

/** A value of a whole row, for rows of one shape. */
export type Maker = (row: number) => unknown

/** Says that a column does not tell what the field is. Thrown and caught by generated code only. */
const BAIL = new Error('a field is not what compiled code can tell')

/** The engine's own functions, taken before any code of the user's runs in this thread. */
const OWN = new Map<string, unknown>()
const ownParse = JSON.parse

function builtin(path: string): unknown {
  let value: unknown = globalThis
  for (const name of path.split('.')) value = (value as Record<string, unknown>)[name]
  return value
}

/** Whether objects inherit nothing of the user's, such as a `toJSON`. */
function isPlain(): boolean {
  return Object.getOwnPropertyNames(Object.prototype).length === INHERITED.size
}

/** Whether all are native functions, as far as their text tells, and what they were when first seen; and JSON is nobody's but theirs. */
export function areOwn(paths: readonly string[]): boolean {
  if (paths.includes('JSON.stringify') && !isPlain()) return false
  return paths.every((path) => {
    const value = builtin(path)
    if (!OWN.has(path)) {
      const isNative =
        typeof value === 'function' && /\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(value))
      OWN.set(path, isNative ? value : undefined)
    }
    return value !== undefined && OWN.get(path) === value
  })
}

export interface BatchOptions {
  readonly kernel: Kernel
  readonly scan: ScanProgram
  /** The columns of the kernel: the program's, and behind them the row's other fields where whole rows are made. */
  readonly columns: readonly ScanColumn[]
  readonly state: BatchState
  /** Makers by the number of the shape; null where whole rows are not made. */
  readonly makers: readonly (Maker | undefined)[] | null
  /** The numbers that are computed for lines, which become columns behind those of the kernel; null where values are given. */
  readonly computed: readonly Expression[] | null
}

export function makeBatch(options: BatchOptions): Batch {
  const { kernel, scan, columns, state, makers, computed } = options
  const names = new Names(kernel, columns, scan)
  const steps = (leaf: (e: Expression) => string | undefined, drop: string): string =>
    scan.checks
      .map((check) =>
        check.op === 'evaluate'
          ? `${print(check.value, leaf)};`
          : `if (!${print(check.test, leaf)}) ${check.op === 'filter' ? drop : 'throw BAIL'};`,
      )
      .join('\n')
  const isIntact = [
    ...scan.builtins.map((path, i) => `${path} === own[${i}]`),
    ...(scan.builtins.includes('JSON.stringify') ? ['isPlain()'] : []),
  ].join(' && ')
  const after = `if (!(${isIntact})) { state.isBroken = true; return i + 1 }`
  // Rows that were selected come before the one that runs now.
  const flush = computed === null ? '' : 'if (n > 0) { if (!write(n)) return i; n = 0 }'
  const run = (counter: 'bailed' | 'kept'): string =>
    `${flush} state.${counter}++; if (!state.replay(i)) { state.isStopped = true; return i + 1 } ${after} continue;`
  const out = (value: string, isUsers: boolean): string =>
    `state.row = i; if (!state.out(${value})) { state.isStopped = true; return i + 1 } ${isUsers ? after : ''} continue;`
  /** What is done for a kept row: first what may fail, then what follows when it has not. */
  const settle = (leaf: (e: Expression) => string | undefined): readonly [string, string] => {
    if (computed !== null) {
      const numbers = computed.map((e, j) => {
        const x = `x${j}`
        return `const ${x} = ${print(e, leaf)}; if (typeof ${x} !== 'number' || ${x} - ${x} !== 0) isLine = false; computed${j}[i] = ${x};`
      })
      return [
        ['isLine = writers[shapes[i]] !== 0;', ...numbers].join('\n'),
        `if (!isLine) { ${run('kept')} } selected[n++] = i; continue;`,
      ]
    }
    switch (scan.gives) {
      case 'text':
        return ['', run('kept')]
      case 'nothing':
        return ['', out('(void 0)', false)]
      case 'columns':
        return [`value = ${print(scan.value, leaf)};`, out('value', true)]
      case 'row':
        if (makers === null) return ['', run('kept')]
        return [
          'if (makers[shapes[i]] !== undefined) value = makers[shapes[i]](i);',
          `if (makers[shapes[i]] === undefined) { ${run('kept')} } ${out('value', true)}`,
        ]
    }
  }
  const attempt = (leaf: (e: Expression) => string | undefined): string => {
    const [first, then] = settle(leaf)
    return `
      let value, isLine;
      try {
        ${steps(leaf, 'continue')}
        ${first}
      } catch { ${run('bailed')} }
      ${then}`
  }
  const code = `'use strict';
return function batch(i, count) {
  let n = 0;
  for (; i < count; i++) {
    const verdict = verdicts[i];
    if (verdict === ${Verdict.regular}) {${attempt(names.fast)}
    }
    if (verdict === ${Verdict.irregular}) {${attempt(names.general)}
    }
    ${run('bailed')}
  }
  ${flush}
  return count;
}`
  const own = scan.builtins.map((path) => OWN.get(path))
  const given: Record<string, unknown> = {
    ...names.values(),
    [OPTIONAL_MEMBER]: optionalMember,
    verdicts: kernel.verdicts,
    shapes: kernel.shapes,
    makers,
    state,
    own,
    isPlain,
    BAIL,
    selected: kernel.selected,
    writers: kernel.writers,
    write: (count: number) => writeSelected(kernel, scan, state, count),
  }
  for (const j of computed?.keys() ?? []) given[`computed${j}`] = kernel.numbers(columns.length + j)
  // Written above: a function of two numbers that gives a number.
  return compileFunction(code, Object.keys(given), { filename: 'kindling:scan' })(...Object.values(given)) as Batch
}

/** The value of whole rows whose fields are these columns, in this order. */
export function makeMaker(
  options: Pick<BatchOptions, 'kernel' | 'scan' | 'columns'>,
  fields: readonly string[],
): Maker {
  const { kernel, scan, columns } = options
  const names = new Names(kernel, columns, scan)
  const literal = fields.map((name) => `${JSON.stringify(name)}: ${names.column(columnOf(columns, [name]), false)}`)
  const leaf = (e: Expression): string | undefined =>
    e.op === 'row' ? `({ ${literal.join(', ')} })` : names.general(e)
  const code = `'use strict';\nreturn function make(i) { return ${print(scan.value, leaf)} }`
  const given: Record<string, unknown> = { ...names.values(), [OPTIONAL_MEMBER]: optionalMember }
  return compileFunction(code, Object.keys(given), { filename: 'kindling:scan' })(...Object.values(given)) as Maker
}

/**
 * Makes lines of the selected rows, in order; those of which the kernel can't make any run through the user's functions.
 * @returns false when not all that follows may run like this
 */
function writeSelected(kernel: Kernel, scan: ScanProgram, state: BatchState, count: number): boolean {
  const { selected } = kernel
  for (let at = 0; at < count; ) {
    const end = state.isBroken ? at : kernel.write(at, count)
    const { lines } = kernel
    // Of bytes that are no UTF-8, V8 makes others.
    if (end > at && isUtf8(lines)) {
      state.row = selected[end - 1] as number
      state.lines(lines, end - at)
      at = end
      continue
    }
    for (const stop = Math.max(end, at + 1); at < stop; at++) {
      state.kept++
      if (!state.replay(selected[at] as number)) {
        state.isStopped = true
        return false
      }
      if (!areOwn(scan.builtins)) state.isBroken = true
    }
  }
  return !state.isBroken
}

/** The writers' parts as the kernel takes them: each literal with the column behind it. */
export function writerOf(
  parts: readonly LinePart[],
  columns: readonly ScanColumn[],
  computed: readonly Expression[],
): readonly WriterPart[] {
  const all: WriterPart[] = []
  let literal = ''
  for (const part of [...parts, { literal: '\n' }]) {
    if ('literal' in part) {
      literal += part.literal
      continue
    }
    if ('number' in part) all.push({ literal, column: columns.length + computed.indexOf(part.number) })
    else {
      const { path, form, key, isOptional } = part
      const value = { column: columnOf(columns, path), isJson: form === 'json' }
      if (key === null) all.push({ literal, ...value })
      else {
        if (literal !== '') all.push({ literal })
        all.push({ literal: key, ...value, omits: isOptional && path.length > 1 ? 'nullishParent' : 'missing' })
      }
    }
    literal = ''
  }
  return [...all, { literal }]
}

function columnOf(columns: readonly ScanColumn[], path: readonly string[]): number {
  const key = JSON.stringify(path)
  return columns.findIndex((column) => JSON.stringify(column.path) === key)
}

/** How generated code spells the fields of a row, and what it needs for that. */
class Names {
  readonly #kernel: Kernel
  readonly #columns: readonly ScanColumn[]
  readonly #matches: ScanProgram['matches']

  constructor(kernel: Kernel, columns: readonly ScanColumn[], scan: ScanProgram) {
    this.#kernel = kernel
    this.#columns = columns
    this.#matches = scan.matches
  }

  /** For regular rows, where columns of numbers hold numbers and those of strings plain strings. */
  readonly fast = (e: Expression): string | undefined => {
    const match = matchOf(e)
    if (match !== null) {
      const column = columnOf(this.#columns, match.path)
      const mask = this.#matches.findIndex((m) => m.column === column && m.kind === match.kind && m.text === match.text)
      const isNegated = e.op === 'binary' && e.sign.startsWith('!')
      if (mask >= 0) return `(match${mask}[i] === ${isNegated ? 0 : 1})`
    }
    const typed = this.#typeOf(e, true)
    if (typed !== undefined) return typed
    const path = pathOf(e)
    if (path === null) return undefined
    const column = columnOf(this.#columns, path)
    return this.#columns[column]?.expects === 'number' ? `numbers${column}[i]` : this.column(column, isOptionalPath(e))
  }

  /** For all rows. */
  readonly general = (e: Expression): string | undefined => {
    const typed = this.#typeOf(e, false)
    if (typed !== undefined) return typed
    const path = pathOf(e)
    return path === null ? undefined : this.column(columnOf(this.#columns, path), isOptionalPath(e))
  }

  /** The type of a field, for which its text need not be read. */
  #typeOf(e: Expression, isRegular: boolean): string | undefined {
    const path = e.op === 'unary' && e.sign === 'typeof' ? pathOf(e.of) : null
    if (e.op !== 'unary' || path === null) return undefined
    const column = columnOf(this.#columns, path)
    const expects = this.#columns[column]?.expects
    if (isRegular && expects !== 'any') return `'${expects}'`
    const read = `${isOptionalPath(e.of) ? 'optional' : 'field'}${column}(i)`
    return `(tags${column}[i] === ${Tag.string} ? 'string' : typeof ${read})`
  }

  column(column: number, isOptional: boolean): string {
    return `(tags${column}[i] === ${Tag.number} ? numbers${column}[i] : ${isOptional ? 'optional' : 'field'}${column}(i))`
  }

  values(): Record<string, unknown> {
    const kernel = this.#kernel
    const values: Record<string, unknown> = {}
    for (const [i, { path }] of this.#columns.entries()) {
      values[`numbers${i}`] = kernel.numbers(i)
      values[`tags${i}`] = kernel.tags(i)
      values[`field${i}`] = fieldReader(kernel, i, path, false)
      values[`optional${i}`] = fieldReader(kernel, i, path, path.length > 1)
    }
    for (const i of this.#matches.keys()) values[`match${i}`] = kernel.matches(i)
    return values
  }
}

/** Reads a field of any type. */
function fieldReader(
  kernel: Kernel,
  column: number,
  path: readonly string[],
  isOptional: boolean,
): (row: number) => unknown {
  const tags = kernel.tags(column)
  const numbers = kernel.numbers(column)
  const texts = kernel.texts(column)
  const name = path.at(-1) ?? ''
  const textOf = (row: number, quotes: number): string => {
    const from = texts[2 * row] ?? 0
    return kernel.text(from - quotes, from + (texts[2 * row + 1] ?? 0) + quotes)
  }
  return (row) => {
    switch (tags[row]) {
      case Tag.number:
        return numbers[row]
      case Tag.string:
        return textOf(row, 0)
      case Tag.true:
        return true
      case Tag.false:
        return false
      case Tag.null:
        return null
      case Tag.missing:
        // The user's code may have given all objects such a field.
        if (name in Object.prototype) throw BAIL
        return undefined
      case Tag.escaped:
        return ownParse(textOf(row, 1))
      case Tag.longNumber:
        return Number(textOf(row, 0))
      case Tag.nullishParent:
        if (isOptional) return undefined
        throw BAIL
      default:
        throw BAIL
    }
  }
}

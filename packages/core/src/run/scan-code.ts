/**
 * The code that workers make from a scan program: one loop over a batch of rows. Its plain form, for each row:
 *
 *     if (every column has the type the code is made for) drop it, or give its value
 *     else if (the row is valid) the same with values of any type
 *     else run its text through the user's functions
 *
 * Where the value is a line of a file, or a pair that is combined by key, rows that the kernel can do that with are only selected, and taken
 * many at a time.
 *
 * Compiled code may call only built-ins that are still the engine's own; that is asked again after each piece of the user's code.
 * It holds no text of the user's: only expressions of the whitelist, printed anew.
 */
import { compileFunction } from 'node:vm'
import type { Expression } from '../compile/expression.ts'
import { print } from '../compile/print.ts'
import type { ScanColumn, ScanProgram } from '../compile/scan.ts'
import { type Kernel, Verdict } from '../kernel/kernel.ts'
import { isPlain, ownFunction } from './own-builtins.ts'
import type { ScanGroups } from './scan-groups.ts'
import { writeSelected } from './scan-lines.ts'
import { columnOf, Names } from './scan-names.ts'
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

export interface BatchOptions {
  readonly kernel: Kernel
  readonly scan: ScanProgram
  /** The columns of the kernel: the program's, and behind them the row's other fields where whole rows are made. */
  readonly columns: readonly ScanColumn[]
  readonly state: BatchState
  /** Makers by the number of the shape; null where whole rows are not made. */
  readonly makers: readonly (Maker | undefined)[] | null
  /** The numbers that are computed for lines or groups, which become columns behind those of the kernel; null where values are given. */
  readonly computed: readonly Expression[] | null
  /** What combines the rows; null where they aren't grouped. */
  readonly groups: ScanGroups | null
}

export function makeBatch(options: BatchOptions): Batch {
  const { kernel, scan, columns, state, makers, computed, groups } = options
  const names = new Names(kernel, columns, scan)
  const steps = (leaf: (e: Expression) => string | undefined, drop: string): string =>
    scan.checks
      .map((check) =>
        check.op === 'filter' ? `if (!${print(check.test, leaf)}) ${drop};` : `${print(check.value, leaf)};`,
      )
      .join('\n')
  const isIntact = [
    ...scan.builtins.map((path, i) => `${path} === own[${i}]`),
    ...(scan.builtins.includes('JSON.stringify') ? ['isPlain()'] : []),
  ].join(' && ')
  const after = isIntact === '' ? '' : `if (!(${isIntact})) { state.isBroken = true; return i + 1 }`
  // Rows that were selected come before the one that runs now.
  const flush = computed === null ? '' : 'if (n > 0) { if (!take(n)) return i; n = 0 }'
  const run = (counter: 'bailed' | 'kept'): string =>
    `${flush} state.${counter}++; if (!state.replay(i)) { state.isStopped = true; return i + 1 } ${after} continue;`
  const out = (value: string, isUsers: boolean): string =>
    `state.row = i; if (!state.out(${value})) { state.isStopped = true; return i + 1 } ${isUsers ? after : ''} continue;`
  /** What is done for a kept row: first what may fail, then what follows when it has not. */
  const settle = (leaf: (e: Expression) => string | undefined): readonly [string, string] => {
    if (computed !== null) {
      const numbers = computed.map((e, j) => {
        const x = `x${j}`
        // What isn't finite is no number in JSON.
        const test = `typeof ${x} !== 'number'${groups === null ? ` || ${x} - ${x} !== 0` : ''}`
        return `const ${x} = ${print(e, leaf)}; if (${test}) isReady = false; computed${j}[i] = ${x};`
      })
      return [
        [`isReady = ${groups === null ? 'writers[shapes[i]] !== 0' : keyTest(groups)};`, ...numbers].join('\n'),
        `if (!isReady) { ${run('kept')} } selected[n++] = i; continue;`,
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
      let value, isReady;
      try {
        ${steps(leaf, 'continue')}
        ${first}
      } catch { ${run('bailed')} }
      ${then}`
  }
  // Words are all alike.
  const rows =
    scan.words !== null
      ? attempt(names.fast)
      : `
    const verdict = verdicts[i];
    if (verdict === ${Verdict.regular}) {${attempt(names.fast)}
    }
    if (verdict === ${Verdict.irregular}) {${attempt(names.general)}
    }
    ${run('bailed')}`
  const code = `'use strict';
return function batch(i, count) {
  let n = 0;
  for (; i < count; i++) {${rows}
  }
  ${flush}
  return count;
}`
  const own = scan.builtins.map((path) => ownFunction(path))
  const given: Record<string, unknown> = {
    ...names.values(),
    verdicts: kernel.verdicts,
    shapes: kernel.shapes,
    makers,
    state,
    own,
    isPlain,
    selected: kernel.selected,
    writers: kernel.writers,
    keyTag: groups?.keyTag,
    adopt: (tag: number) => groups?.adopt(tag),
    take: (count: number) => (groups === null ? writeSelected(kernel, scan, state, count) : groups.take(count)),
  }
  for (const j of computed?.keys() ?? []) given[`computed${j}`] = kernel.numbers(columns.length + j)
  // Written above: a function of two numbers that gives a number.
  return compileFunction(code, Object.keys(given), { filename: 'kindling:scan' })(...Object.values(given)) as Batch
}

/** Whether the key of row `i` is one that the kernel holds. */
function keyTest({ keyColumn, allTag }: ScanGroups): string {
  const tag = `tags${keyColumn}[i]`
  return allTag === null ? `${tag} === keyTag[0] || adopt(${tag})` : 'true'
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
  const given = names.values()
  return compileFunction(code, Object.keys(given), { filename: 'kindling:scan' })(...Object.values(given)) as Maker
}

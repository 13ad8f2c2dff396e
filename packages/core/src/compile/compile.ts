/**
 * Compiling: walks the steps of a chain that begins with lines, holding what a row has become as an expression, and stops at the first
 * step it can't see through. What it can't see through costs speed, never the answer.
 */
import type { FunctionCode } from '../closure/code.ts'
import type { OperatorStep } from '../plan/operator.ts'
import type { Step } from '../plan/step.ts'
import { INHERITED, methodPaths } from './builtins.ts'
import { ObjectRefusal } from './captured.ts'
import { columnsOf } from './columns.ts'
import {
  children,
  constant,
  type Expression,
  item,
  LINE,
  LINES,
  Refusal,
  ROW,
  record,
  SPACES,
  sequence,
  some,
  UNDEFINED,
  WORD,
} from './expression.ts'
import { groupOf, type Known, type ScanGroup } from './group.ts'
import { lineOf, linePartsOf, numbersOf, type ScanLine } from './line.ts'
import { lower } from './lower.ts'
import type { ScanCheck, ScanProgram, StepReport } from './scan.ts'
import { passedBy } from './schema.ts'

const MAX_COLUMNS = 32
const MAX_MATCHES = 16
/** Parts of one expression, written out. */
const MAX_SIZE = 4000

export interface Chain extends Known {
  /** The operator of these steps in its stage. */
  readonly operator: number
  readonly steps: readonly OperatorStep<number>[]
  /** What becomes of the rows at its end: they are only counted, or each is a line of a file of text or JSON; null for anything else. */
  readonly end: 'count' | ScanLine['form'] | null
}

export interface Compiled {
  readonly scan: ScanProgram | null
  /** One for each step; none when the chain neither parses nor combines what it reads. */
  readonly reports: readonly StepReport[]
  /** Whether more would be compiled if captured objects were known to stay as they are. */
  readonly mayTrust: boolean
}

export function compileChain(chain: Chain): Compiled {
  const compiled = compileFrom(LINE, null, chain)
  const hasOther = compiled.scan !== null || compiled.reports.length > 0
  if (hasOther || !chain.steps.some(({ step }) => step.op === 'combine')) return compiled
  // Lines that are combined as they are, are rows of one column.
  const ofLines = compileFrom(WORD, { separator: LINES, step: -1 }, chain)
  return ofLines.scan === null || ofLines.scan.group === null ? compiled : ofLines
}

function compileFrom(line: Expression, cut: ScanProgram['words'], chain: Chain): Compiled {
  const { steps } = chain
  const checks: ScanCheck[] = []
  let value = line
  let why: string | null = null
  let mayTrust = false
  let stepCount = 0
  let words = cut
  /** A step that a filter drops rows of has run before it: what could throw there must be seen not to. */
  const check = (): void => {
    if (sequence(value, UNDEFINED) !== UNDEFINED) checks.push({ op: 'evaluate', value })
    // What comes first has been evaluated then.
    while (value.op === 'sequence') value = value.then
  }
  const applied = (fn: number, to: Expression): Expression => {
    const code = chain.codes[fn]
    if (code === undefined) throw new Error(`no function ${fn}`)
    const result = lower(code, [to], chain.trustsObjects)
    if (sizeOf(result) > MAX_SIZE) throw new Refusal('is too long when written out')
    return result
  }
  for (const { step } of steps) {
    try {
      if (step.op === 'parseJson') {
        value = parsedBy(step, value, chain.codes)
        check()
        stepCount++
        continue
      }
      if (step.op === 'flatMap') {
        const all = applied(step.fn, value)
        if (value !== LINE || all.op !== 'words' || checks.length > 0)
          throw new Refusal('flatMap is compiled only where it splits lines')
        words = { separator: all.separator, step: stepCount }
        value = WORD
      } else if (step.op === 'filter') {
        const test = applied(step.fn, value)
        if (!isGivenBy(test, 'columns')) throw new Refusal('tests the whole row')
        checks.push({ op: 'filter', test })
      } else {
        value = mapped(step, value, applied)
        check()
      }
      stepCount++
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      why = error.message
      mayTrust = error instanceof ObjectRefusal
      break
    }
  }
  const combine = steps[stepCount]?.step
  let group: ScanGroup | null = null
  if (combine?.op === 'combine') {
    try {
      group = groupOf(value, combine.combiner, chain)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      why = error.message
      mayTrust = error instanceof ObjectRefusal
    }
  }
  const scan = scanOf(chain, { stepCount, words, all: checks, value, group })
  const compiledCount = 'ok' in scan || scan.group === null ? stepCount : stepCount + 1
  const reasonOf = (i: number): string | null => {
    if (i < compiledCount) return 'ok' in scan ? scan.why : null
    return i === compiledCount ? why : 'follows a step that is not compiled'
  }
  if (
    'ok' in scan &&
    words === null &&
    !steps.some(({ step }) => step.op === 'parseJson' || ('fn' in step && mentionsParse(chain.codes[step.fn])))
  ) {
    return { scan: null, reports: [], mayTrust: false }
  }
  return {
    scan: 'ok' in scan ? null : scan,
    reports: steps.map(({ node }, i) => ({ node, why: reasonOf(i) })),
    mayTrust,
  }
}

interface Lowered {
  readonly stepCount: number
  readonly words: ScanProgram['words']
  /** What must be evaluated, in the order of the steps. */
  readonly all: readonly ScanCheck[]
  readonly value: Expression
  readonly group: ScanGroup | null
}

function scanOf(
  { operator, steps, end }: Chain,
  { stepCount, words, all, value, group }: Lowered,
): ScanProgram | { readonly ok: false; readonly why: string } {
  const refuse = (why: string): { readonly ok: false; readonly why: string } => ({ ok: false, why })
  const gives =
    end === 'count' && stepCount === steps.length
      ? 'nothing'
      : isGivenBy(value, 'columns')
        ? 'columns'
        : isGivenBy(value, 'row')
          ? 'row'
          : 'text'
  // The value is evaluated anyway where it is given, or by the user's functions; what an earlier map makes, and a later one drops, is not.
  const last = all.at(-1)
  const isLastGiven = gives !== 'nothing' && last?.op === 'evaluate' && last.value === value
  const keyed = group === null ? [] : readBy(group, value)
  const before = isLastGiven ? all.slice(0, -1) : all
  // Of a pair that is combined the key is looked at, and what is combined is computed; the rest of its value is not.
  const checks =
    isLastGiven && keyed.length > 0 ? [...before, { op: 'evaluate', value: item(value, 1) } as const] : before
  const evaluated = checks.map((check) => (check.op === 'filter' ? check.test : sequence(check.value, UNDEFINED)))
  const given = gives === 'columns' || gives === 'row' ? value : UNDEFINED
  if (words !== null && keyed.length === 0 && gives !== 'nothing')
    return refuse('splits lines, which V8 does as fast unless the words are combined by key')
  const isParsed = [...all.map((c) => (c.op === 'filter' ? c.test : c.value)), value].some((e) => some(e, isRow))
  if (!isParsed) return refuse('comes before any JSON.parse of the line')
  if (gives === 'text' && !checks.some((check) => check.op === 'filter'))
    return refuse('keeps every row, with its line')
  if (!evaluated.every((e) => isGivenBy(e, 'columns'))) return refuse('computes with the whole row')
  const { columns: read, matches } = columnsOf([...evaluated, given, ...keyed])
  const columns = words === null ? read : read.map((column) => ({ ...column, expects: 'string' as const }))
  if (columns.length > MAX_COLUMNS) return refuse(`reads ${columns.length} fields, of ${MAX_COLUMNS} at most`)
  if (matches.length > MAX_MATCHES) return refuse(`compares ${matches.length} texts, of ${MAX_MATCHES} at most`)
  const isWritten = (end === 'json' || end === 'text') && stepCount === steps.length && gives !== 'text'
  const line = isWritten ? writable(lineOf(value, end), columns.length) : null
  const writers = line === null ? [] : ['JSON.stringify', 'String']
  const isGrouped = keyed.length > 0 && columns.length + keyed.length <= MAX_COLUMNS
  const grouped = isGrouped ? group : null
  const folds =
    grouped === null || 'constant' in grouped.combine ? [] : [...grouped.combine.first, ...grouped.combine.then]
  return {
    operator,
    stepCount,
    words,
    columns,
    matches,
    checks: checks.map((check, i) =>
      check.op === 'filter' ? check : { op: 'evaluate', value: evaluated[i] ?? UNDEFINED },
    ),
    value: given,
    gives,
    line,
    group: grouped,
    builtins: [
      ...new Set([...readersOf(words), ...writers, ...[...evaluated, given, ...keyed, ...folds].flatMap(builtinsOf)]),
    ],
  }
}

/** What a group reads of a row; nothing where that is more than columns can tell. */
function readBy({ key, values }: ScanGroup, pair: Expression): readonly Expression[] {
  const all = [key, ...values]
  return [...all, sequence(item(pair, 1), UNDEFINED)].every((e) => isGivenBy(e, 'columns')) ? all : []
}

/** The built-in functions in whose place the kernel reads lines. */
function readersOf(words: ScanProgram['words']): readonly string[] {
  if (words === null) return ['JSON.parse']
  if (words.step < 0) return []
  return ['String.prototype.split', ...(words.separator === SPACES ? ['RegExp.prototype.exec'] : [])]
}

/** The line if it can be made of columns, of which computed numbers take one each. */
function writable(line: ScanLine, columnCount: number): ScanLine | null {
  const parts = linePartsOf(line, [])
  return parts === null || columnCount + numbersOf(parts).length > MAX_COLUMNS ? null : line
}

/** What a step that is no filter makes of a row. */
function mapped(
  step: Step<number>,
  value: Expression,
  applied: (fn: number, to: Expression) => Expression,
): Expression {
  switch (step.op) {
    case 'map':
      return applied(step.fn, value)
    case 'keyBy':
      return pair(applied(step.fn, value), value)
    case 'asKeys':
      return pair(value, constant(null))
    case 'mapValues':
      return pair(item(value, 0), applied(step.fn, item(value, 1)))
    case 'keys':
      return item(value, 0)
    case 'values':
      return item(value, 1)
    default:
      throw new Refusal(`${step.op} is not compiled`)
  }
}

function pair(key: Expression, value: Expression): Expression {
  return { op: 'array', items: [key, value] }
}

/** What `jsonLines` gives for a line that is an object; V8 sees to the others. */
function parsedBy(
  { schema, onBadRow }: Step<number> & { op: 'parseJson' },
  line: Expression,
  codes: readonly FunctionCode[],
): Expression {
  if (line !== LINE) throw new Refusal('parses something else than the line')
  const value = schema === null ? ROW : passedBy(schemaOf(codes[schema]))
  if (onBadRow !== 'collect') return value
  const [first, row] = value.op === 'sequence' ? [value.first, value.then] : [UNDEFINED, value]
  const collected = record(null, [
    ['ok', constant(true)],
    ['value', row],
  ])
  return sequence(first, collected)
}

function schemaOf(code: FunctionCode | undefined): unknown {
  return code?.ok === false ? code.schema : undefined
}

function mentionsParse(code: FunctionCode | undefined): boolean {
  return code?.ok === true && /parse/i.test(code.source)
}

function isRow(e: Expression): boolean {
  return e.op === 'row' || e.op === 'word'
}

/** Whether an expression can be evaluated from columns, or from columns and the whole row. */
function isGivenBy(e: Expression, source: 'columns' | 'row'): boolean {
  if (e.op === 'line') return false
  // Comparing the line with a constant is the kernel's; nothing else of it is lowered.
  if (e.op === 'method' && e.of.op === 'line') return true
  if (e.op === 'row') return source === 'row'
  if (e.op === 'get') {
    let root: Expression = e
    while (root.op === 'get') root = root.of
    return root.op === 'row' && !INHERITED.has(e.name)
  }
  return children(e).every((child) => isGivenBy(child, source))
}

function builtinsOf(e: Expression): readonly string[] {
  const own = e.op === 'call' ? [e.name] : e.op === 'method' ? methodPaths(e.name) : []
  return [...own, ...children(e).flatMap(builtinsOf)]
}

/** The parts of an expression, each counted as often as it is written; shared ones are measured once. */
function sizeOf(e: Expression, known: Map<Expression, number> = new Map()): number {
  const size = known.get(e)
  if (size !== undefined) return size
  const sum = 1 + children(e).reduce((total, child) => total + sizeOf(child, known), 0)
  known.set(e, sum)
  return sum
}

/**
 * Compiling: walks the steps of a chain that begins with lines, holding what a row has become as an expression, and stops at the first
 * step it can't see through. What it can't see through costs speed, never the answer.
 */
import type { FunctionCode } from '../closure/code.ts'
import type { OperatorStep } from '../plan/operator.ts'
import type { Step } from '../plan/step.ts'
import { INHERITED, methodPaths } from './builtins.ts'
import { columnsOf } from './columns.ts'
import {
  children,
  constant,
  type Expression,
  LINE,
  Refusal,
  ROW,
  record,
  sequence,
  some,
  UNDEFINED,
} from './expression.ts'
import { lineOf, linePartsOf, numbersOf, type ScanLine } from './line.ts'
import { lower } from './lower.ts'
import type { ScanCheck, ScanProgram, StepReport } from './scan.ts'
import { passedBy } from './schema.ts'

const MAX_COLUMNS = 32
const MAX_MATCHES = 16
/** Parts of one expression, written out. */
const MAX_SIZE = 4000

export interface Chain {
  /** The operator of these steps in its stage. */
  readonly operator: number
  readonly steps: readonly OperatorStep<number>[]
  /** The functions of the stage, by number. */
  readonly codes: readonly FunctionCode[]
  /** What becomes of the rows at its end: they are only counted, or each is a line of a file of text or JSON; null for anything else. */
  readonly end: 'count' | ScanLine['form'] | null
}

export interface Compiled {
  readonly scan: ScanProgram | null
  /** One for each step; none when the chain has nothing to do with JSON. */
  readonly reports: readonly StepReport[]
}

export function compileChain(chain: Chain): Compiled {
  const { steps } = chain
  const checks: ScanCheck[] = []
  let value = LINE
  let why: string | null = null
  let stepCount = 0
  /** A step that a filter drops rows of has run before it: what could throw there must be seen not to. */
  const check = (): void => {
    if (sequence(value, UNDEFINED) !== UNDEFINED) checks.push({ op: 'evaluate', value })
    // What comes first has been evaluated then.
    while (value.op === 'sequence') value = value.then
  }
  for (const { step } of steps) {
    try {
      if (step.op === 'parseJson') {
        value = parsedBy(step, value, chain.codes)
        check()
        stepCount++
        continue
      }
      if (step.op !== 'map' && step.op !== 'filter') throw new Refusal(`${step.op} is not compiled`)
      const code = chain.codes[step.fn]
      if (code === undefined) throw new Error(`no function ${step.fn}`)
      const result = lower(code, [value])
      if (sizeOf(result) > MAX_SIZE) throw new Refusal('is too long when written out')
      if (step.op === 'map') {
        value = result
        check()
      } else {
        if (!isGivenBy(result, 'columns')) throw new Refusal('tests the whole row')
        checks.push({ op: 'filter', test: result })
      }
      stepCount++
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      why = error.message
      break
    }
  }
  const scan = scanOf(chain, stepCount, checks, value)
  const reasonOf = (i: number): string | null => {
    if (i < stepCount) return 'ok' in scan ? scan.why : null
    return i === stepCount ? why : 'follows a step that is not compiled'
  }
  if (
    'ok' in scan &&
    !steps.some(({ step }) => step.op === 'parseJson' || ('fn' in step && mentionsParse(chain.codes[step.fn])))
  ) {
    return { scan: null, reports: [] }
  }
  return {
    scan: 'ok' in scan ? null : scan,
    reports: steps.map(({ node }, i) => ({ node, why: reasonOf(i) })),
  }
}

function scanOf(
  { operator, steps, end }: Chain,
  stepCount: number,
  all: readonly ScanCheck[],
  value: Expression,
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
  const checks = isLastGiven ? all.slice(0, -1) : all
  const evaluated = checks.map((check) => (check.op === 'filter' ? check.test : sequence(check.value, UNDEFINED)))
  const given = gives === 'columns' || gives === 'row' ? value : UNDEFINED
  const isParsed = [...all.map((c) => (c.op === 'filter' ? c.test : c.value)), value].some((e) => some(e, isRow))
  if (!isParsed) return refuse('comes before any JSON.parse of the line')
  if (gives === 'text' && !checks.some((check) => check.op === 'filter'))
    return refuse('keeps every row, with its line')
  if (!evaluated.every((e) => isGivenBy(e, 'columns'))) return refuse('computes with the whole row')
  const { columns, matches } = columnsOf([...evaluated, given])
  if (columns.length > MAX_COLUMNS) return refuse(`reads ${columns.length} fields, of ${MAX_COLUMNS} at most`)
  if (matches.length > MAX_MATCHES) return refuse(`compares ${matches.length} texts, of ${MAX_MATCHES} at most`)
  const isWritten = (end === 'json' || end === 'text') && stepCount === steps.length && gives !== 'text'
  const line = isWritten ? writable(lineOf(value, end), columns.length) : null
  const writers = line === null ? [] : ['JSON.stringify', 'String']
  return {
    operator,
    stepCount,
    columns,
    matches,
    checks: checks.map((check, i) =>
      check.op === 'filter' ? check : { op: 'evaluate', value: evaluated[i] ?? UNDEFINED },
    ),
    value: given,
    gives,
    line,
    builtins: [...new Set(['JSON.parse', ...writers, ...[...evaluated, given].flatMap(builtinsOf)])],
  }
}

/** The line if it can be made of columns, of which computed numbers take one each. */
function writable(line: ScanLine, columnCount: number): ScanLine | null {
  const parts = linePartsOf(line, [])
  return parts === null || columnCount + numbersOf(parts).length > MAX_COLUMNS ? null : line
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
  return e.op === 'row'
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

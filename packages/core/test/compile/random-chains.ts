/** Chains of functions as users write them, from what is compiled and some of what is not, as text that makes them. */
import { runInThisContext } from 'node:vm'
import * as z from 'zod'
import type { OnBadRow } from '../../src/plan/bad-row.ts'
import type { Combiner } from '../../src/plan/combiner.ts'
import type { Random } from './random.ts'

export interface ChainText {
  readonly steps: readonly StepText[]
  readonly sink: 'collect' | 'count' | 'sum' | 'text' | 'json'
}

export type StepText =
  | { readonly op: 'map' | 'filter' | 'flatMap' | 'keyBy' | 'mapValues' | 'asKeys'; readonly text: string }
  /** The function is all of those that the combiner has. */
  | { readonly op: 'combine'; readonly type: Combiner<number>['type']; readonly zero?: unknown; readonly text: string }
  /** `text` is of the schema. */
  | { readonly op: 'parseJson'; readonly text: string; readonly onBadRow: OnBadRow }

/** Schemas that many of the random lines pass, and many do not. */
const SCHEMAS = {
  two: z.object({ index: z.number(), total: z.number() }),
  more: z.object({
    total: z.number().min(-1).lt(300),
    index: z.nullable(z.number()),
    level: z.string(),
    ok: z.union([z.boolean()]).or(z.null()),
  }),
  optional: z.object({
    path: z.string().optional(),
    index: z.number().optional(),
    level: z.string(),
    ok: z.optional(z.boolean()),
  }),
  typed: z.object({ level: z.string(), ok: z.boolean(), index: z.number().nonnegative() }),
  chosen: z.object({
    level: z.enum(['error', 'info', 'café', 'x']),
    user: z.object({ id: z.int() }),
    index: z.number(),
  }),
  literal: z.object({ ok: z.literal([true, null, 'error']), total: z.number() }),
  loose: z.looseObject({ index: z.number() }),
}

/** What a step can read of its row. */
interface Fields {
  readonly numbers: readonly string[]
  readonly strings: readonly string[]
  readonly others: readonly string[]
}

const ROW: Fields = {
  numbers: ['r.index', 'r.total', 'r.index', 'r.total', 'r.user?.id', 'r.user?.id', 'r.user.id'],
  strings: ['r.level', 'r.path', 'r.level', 'r.user?.name', 'r.user?.name', 'r.user.name'],
  others: ['r.ok', 'r.missing', 'r["level"]', 'r.user', 'r.missing?.deep', 'r.user?.missing?.deep', 'r.a', 'r["é"]'],
}

const TEXTS = ['LIMITS.word', "'error'", "'err'", "''", "'or'", 'WORD', "'café'", "'0123456789abcdef'"]

class Writer {
  readonly #r: Random
  readonly #fields: Fields

  constructor(r: Random, fields: Fields) {
    this.#r = r
    this.#fields = fields
  }

  number(depth: number): string {
    const r = this.#r
    const n = (): string => this.number(depth - 1)
    if (depth <= 0 || r.chance(0.4))
      return r.pick([
        ...this.#fields.numbers,
        ...this.#fields.numbers,
        '0.5',
        'HALF',
        '1.95',
        '-1',
        '100',
        'MINUS_ZERO',
        'NOT',
        '1e300',
        'LIMITS.half',
        "LIMITS.of['two']",
      ])
    return r.pick([
      () => `(${n()} ${r.pick(['+', '+', '-', '*', '/', '%'])} ${n()})`,
      () => `(${n()} ${r.pick(['|', '&', '^', '<<', '>>', '>>>'])} ${n()})`,
      () => `Math.${r.pick(['abs', 'floor', 'sqrt', 'sign', 'round', 'log', 'trunc'])}(${n()})`,
      () => `Math.${r.pick(['max', 'min', 'pow', 'hypot'])}(${n()}, ${n()})`,
      () => `${r.pick(this.#fields.strings)}.length`,
      () => `${r.pick(this.#fields.strings)}?.length`,
      () => `(${this.any(0)} ?? ${n()})`,
      () => `(${this.test(depth - 1)} ? ${n()} : ${n()})`,
      () => `Number(${this.any(depth - 1)})`,
      () => `half(${n()})`,
      () => `${r.pick(['-', '+', '~', '!'])}${r.pick(this.#fields.numbers)}`,
      () => `(${this.text(0)}).indexOf(${r.pick(TEXTS)})`,
    ])()
  }

  text(depth: number): string {
    const r = this.#r
    if (depth <= 0 || r.chance(0.4)) return r.pick([...this.#fields.strings, ...this.#fields.strings, ...TEXTS])
    return r.pick([
      () => `\`\${${this.any(depth - 1)}}-\${${this.number(0)}}\``,
      () =>
        `${r.pick(this.#fields.strings)}.${r.pick(['toUpperCase()', 'trim()', 'slice(1)', 'slice(-2, 9)', 'charAt(2)', 'padStart(5)'])}`,
      () => `String(${this.any(depth - 1)})`,
      () => `(${this.text(depth - 1)} + ${this.any(depth - 1)})`,
      () => `(${this.test(0)} ? ${this.text(0)} : ${this.text(0)})`,
      () => `(${this.number(0)}).toFixed(2)`,
    ])()
  }

  any(depth: number): string {
    const r = this.#r
    return r.pick([() => this.number(depth), () => this.text(depth), () => r.pick(this.#fields.others)])()
  }

  test(depth: number): string {
    const r = this.#r
    const t = (): string => this.test(depth - 1)
    const compared = (): string =>
      `${this.number(depth - 1)} ${r.pick(['>', '<', '>=', '<=', '===', '!=='])} ${this.number(depth - 1)}`
    const matched = (): string =>
      `${r.pick(this.#fields.strings)} ${r.pick(['===', '===', '!==', '==', '!='])} ${r.pick(TEXTS)}`
    if (depth <= 0) return r.pick([compared, matched])()
    return r.pick([
      compared,
      compared,
      matched,
      matched,
      () => `${r.pick(TEXTS)} === ${r.pick(this.#fields.strings)}`,
      () => `${r.pick(this.#fields.strings)}.${r.pick(['includes', 'startsWith', 'endsWith'])}(${r.pick(TEXTS)})`,
      () => `${r.pick(this.#fields.strings)}?.length > 3`,
      () => `(${t()} && ${t()})`,
      () => `(${t()} || ${t()})`,
      () => `!(${t()})`,
      () => `typeof ${this.any(0)} === '${r.pick(['string', 'number', 'undefined'])}'`,
      () =>
        `${this.any(0)} ${r.pick(['==', '!=', '===', '!=='])} ${r.pick(['null', 'undefined', 'true', '"12"', '12'])}`,
      () => `Number.isFinite(${this.any(0)})`,
      () => r.pick(this.#fields.others),
      () => `isHigh(r)`,
    ])()
  }
}

const PARSES = [
  '(line) => JSON.parse(line)',
  '(l) => { return JSON.parse(l) }',
  'JSON.parse',
  '(l) => parse(l)',
  'function (l) { return JSON.parse(l) }',
]
const CHECKED_PARSES = ['two', 'typed', 'optional', 'chosen'].map((name) => `(l) => ${name}.parse(JSON.parse(l))`)
const OPAQUE = [
  '(r) => { LIMITS.half += 1; return true }',
  '(r) => /1/.test(String(r.total))',
  '(r) => Object.keys(r ?? {}).length > 2',
  '(r) => [1, 2].includes(1)',
]

export function chainOf(r: Random): ChainText {
  const steps: StepText[] = [
    r.chance(0.25)
      ? {
          op: 'parseJson',
          text: `schemas.${r.pick(Object.keys(SCHEMAS))}`,
          onBadRow: r.pick(['error', 'skip', 'skip', 'collect'] as const),
        }
      : { op: 'map', text: r.chance(0.1) ? r.pick(CHECKED_PARSES) : r.pick(PARSES) },
  ]
  const [first] = steps
  if (first?.op === 'parseJson' && first.onBadRow === 'collect')
    steps.push({
      op: 'map',
      text: r.pick(['(r) => r.ok ? r.value : { index: r.line, level: r.error }', '(r) => r.value ?? r']),
    })
  if (first?.op === 'map' && r.chance(0.2)) {
    const test = `${r.pick(['', '!'])}l.${r.pick(['includes', 'includes', 'startsWith', 'endsWith'])}(${r.pick([...TEXTS, "'}'", "'{\"'", '\'"level": "err\''])})`
    steps.unshift({ op: 'filter', text: `(l) => ${test}` })
  }
  let fields = ROW
  let isObject = true
  const isGrouped = r.chance(0.35)
  for (let left = r.below(isGrouped ? 2 : 4); left > 0 && isObject; left--) {
    const w = new Writer(r, fields)
    const kind = r.below(10)
    if (kind < 5) steps.push({ op: 'filter', text: filterText(r, w) })
    else if (kind < 7) {
      steps.push({
        op: 'map',
        text: `(r) => ({ ...r, sum: ${w.number(2)}, ${r.pick(['tag', 'level', '10'])}: ${w.any(1)} })`,
      })
      fields = { ...ROW, numbers: [...ROW.numbers, 'r.sum', 'r.sum'] }
    } else if (kind < 8) {
      const user = `user: ${r.pick(['r.user', '{ id: r.index, name: r.level }', 'r.user?.id'])}`
      steps.push({
        op: 'map',
        text: `(r) => ({ index: ${w.number(1)}, total: r.total, level: ${w.text(1)}, path: r.path, ok: r.ok, ${user} })`,
      })
    } else if (kind < 9) steps.push({ op: 'filter', text: r.pick(OPAQUE) })
    else isObject = false
  }
  const w = new Writer(r, fields)
  if (isObject && isGrouped) {
    steps.push(...groupingOf(r, w))
    return { steps, sink: r.pick(['collect', 'collect', 'json'] as const) }
  }
  const end = r.below(12)
  if (end === 0) steps.push({ op: 'map', text: `(r) => ${w.number(2)}` })
  if (end === 1) steps.push({ op: 'map', text: `(r) => JSON.stringify(r)` })
  if (end === 2) steps.push({ op: 'map', text: `({ index, total: t = 3, ...rest }) => [index, t, rest]` })
  if (end === 3)
    steps.push({ op: 'map', text: `({ index, total: t = 3, user: { id } = { id: 1 } }) => [index, t, id]` })
  if (end === 4) steps.push({ op: 'map', text: `(r) => JSON.stringify({ ...r, s: ${w.number(1)} })` })
  if (end === 5) steps.push({ op: 'flatMap', text: `(r) => [r.index, r]` })
  if (end === 6) steps.push({ op: 'map', text: `(r) => \`\${${w.any(0)}},\${${w.number(1)}} \${r.path}\`` })
  if (end === 7) steps.push({ op: 'map', text: `(r) => r.level + ${r.pick(TEXTS)} + ${w.number(0)}` })
  if (end === 8)
    steps.push({
      op: 'map',
      text: `(r) => ({ id: r.path, "caf\u00e9": ${w.number(1)}, ok: r.ok, in: { n: ${w.any(0)} } })`,
    })
  if (end === 10)
    steps.push({
      op: 'map',
      text: `(r) => ({ a: r.total, user: { name: r.user?.name, kind: 'x', id: r.user?.id }, ok: r.ok })`,
    })
  if (end === 9) steps.push({ op: 'map', text: `(r) => ${r.pick(ROW.strings)}` })
  const sinks = end > 5 ? (['text', 'json'] as const) : (['collect', 'collect', 'count', 'text', 'json'] as const)
  const sink = end === 0 && r.chance(0.5) ? 'sum' : r.pick(sinks)
  return { steps, sink }
}

/** Steps that make pairs, and combine them by key. */
function groupingOf(r: Random, w: Writer): readonly StepText[] {
  const key = r.pick([
    () => r.pick(['r.level', 'r.path', 'r.user?.name', 'r.user.name', 'r.index', 'r.user?.id', 'r.ok', 'r.missing']),
    () => r.pick(['r.level', 'r.path', 'r.level', 'r.index']),
    () => r.pick(['r.level', 'r.path', 'r.level', 'r.index']),
    () => w.number(1),
    () => `Math.floor(${w.number(0)} / 10)`,
    () => w.any(1),
  ])()
  const values = [
    () => '1',
    () => '1',
    () => 'null',
    () => w.number(0),
    () => w.number(2),
    () => 'r.total',
    () => w.any(1),
  ]
  const value = r.pick(values)()
  const pairs = r.pick<() => StepText[]>([
    () => [{ op: 'map', text: `(r) => [${key}, ${value}]` }],
    () => [{ op: 'map', text: `(r) => [${key}, ${value}]` }],
    () => [
      { op: 'keyBy', text: `(r) => ${key}` },
      { op: 'mapValues', text: `(r) => ${value}` },
    ],
    () => [{ op: 'keyBy', text: `(r) => ${key}` }],
    () => [
      { op: 'map', text: `(r) => ${key}` },
      { op: 'asKeys', text: '() => 0' },
    ],
    () => [
      { op: 'map', text: `(r) => [${key}, ${value}]` },
      { op: 'filter', text: `([k, v]) => ${r.pick(['v > 0', 'k !== WORD', 'k && v', 'typeof k === "string"'])}` },
      { op: 'map', text: `(pair) => [pair[0], ${r.pick(['pair[1]', '1', 'pair[1] * 2', 'pair[2]'])}]` },
    ],
  ])()
  const fn = r.pick([
    '(a, b) => a + b',
    '(a, b) => a + b',
    'function (a, b) { return a + b }',
    '(a, b = 1) => a + b',
    '(a, b) => Math.max(a, b)',
    '(a, b) => (a > b ? a : b)',
    '(a, b) => a * 0.5 + b',
    '(a) => a',
    '(a, b) => (b > 0 ? a + b : a)',
    '(a, b) => a + (b?.total ?? 1)',
    '(a, b) => [(a[0] ?? 0) + b, 1]',
    '(a, b) => { const s = a - b; return s }',
    '(a, b) => a || b',
    '(a, b) => `${a}${b}`',
  ])
  const type = r.pick(['reduce', 'reduce', 'reduce', 'fold', 'count', 'first', 'custom', 'group'] as const)
  if (r.chance(0.3)) return [...pairs.slice(0, -1), ...structuredOf(r, w, key)]
  return [...pairs, { op: 'combine', type, text: fn, zero: r.pick([0, 0, 1.5, -0, '', null]) }]
}

/** Steps whose groups are arrays or objects of numbers. */
function structuredOf(r: Random, w: Writer, key: string): readonly StepText[] {
  const pair = (value: string): StepText => ({ op: 'map', text: `(r) => [${key}, ${value}]` })
  const n = (): string => w.number(1)
  return r.pick<() => StepText[]>([
    () => [pair(`[${n()}, 1]`), { op: 'combine', type: 'reduce', text: '(a, b) => [a[0] + b[0], a[1] + b[1]]' }],
    () => [pair(`[1, ${n()}]`), { op: 'combine', type: 'reduce', text: '([m, x], [n, y]) => [m + n, Math.max(x, y)]' }],
    () => [
      pair(`({ n: 1, most: ${n()} })`),
      {
        op: 'combine',
        type: 'reduce',
        text: '(a, b) => ({ ...a, most: a.most > b.most ? a.most : b.most, n: a.n + b.n })',
      },
    ],
    () => [
      { op: 'keyBy', text: `(r) => ${key}` },
      {
        op: 'combine',
        type: 'fold',
        zero: { n: 0, ok: 0, sum: 0 },
        text: `(a, r) => ({ n: a.n + 1, ok: a.ok + (${w.test(1)} ? 1 : 0), sum: ${w.test(0)} && a.sum > -1 ? a.sum + ${n()} : a.sum })`,
      },
    ],
    () => [pair(n()), { op: 'combine', type: 'fold', zero: [0, 1], text: '([a, b], x) => [a + x, b * 0.5]' }],
    () => [pair(n()), { op: 'combine', type: 'fold', zero: [0], text: '(a, x) => [a[0] + x, 1]' }],
    () => [pair('r.user'), { op: 'combine', type: 'reduce', text: '(a, b) => ({ id: a.id + b.id })' }],
  ])()
}

function filterText(r: Random, w: Writer): string {
  return r.pick([
    () => `(r) => ${w.test(2)}`,
    () => `(r) => ${w.test(1)}`,
    () => `(r) => { const a = ${w.any(1)}; const b = ${w.number(1)}; return ${w.test(1)} || a === b }`,
    () => `(r) => { if (${w.test(0)}) return false; return ${w.test(1)} }`,
    () => `(r) => { if (${w.test(0)}) return ${w.test(0)}; else { return ${w.test(0)} } }`,
    () => `({ index, level, user }) => index > HALF || level === 'error' || user.id > 50`,
    () => `isHigh`,
  ])()
}

/** Makes the functions of a chain; they share the constants and helpers around them. */
export function functionsOf(chain: ChainText): readonly ((...args: never[]) => unknown)[] {
  const text = `((schemas) => {
    const HALF = 0.5, MINUS_ZERO = -0, NOT = NaN, WORD = 'info', BLANK = ' '
    const LIMITS = { half: 0.5, word: 'error', of: { two: 2 } }
    const { two, typed, optional, chosen } = schemas
    const half = (x) => { const h = x / 2; return h }
    const isHigh = (r) => r.index + r.total > HALF
    const parse = (text) => JSON.parse(text)
    return [${chain.steps.map((step) => step.text).join(',\n')}]
  })`
  // Written by this file.
  const make = runInThisContext(text) as (schemas: object) => readonly ((...args: never[]) => unknown)[]
  return make(SCHEMAS)
}

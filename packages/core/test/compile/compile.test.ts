/** What is compiled, what is refused and in which words. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import type { Compiled } from '../../src/compile/compile.ts'
import type { UserFunction } from '../../src/plan/step.ts'
import { pairOf } from './differential.ts'
import type { ChainText } from './random-chains.ts'

// Read by the functions below.
const LIMIT = 1.95
const OPTIONS = { limit: 2 }
const isHigh = (r: Row): boolean => r.index + r.total > LIMIT
const isEndless = (r: Row): boolean => r.index > 0 && isEndless(r)
const parse = (text: string): Row => JSON.parse(text) as Row

interface Row {
  index: number
  total: number
  level: string
  user?: { id: number; name?: string }
}

type Verb = 'map' | 'filter' | 'flatMap'

async function compiled(
  steps: readonly [Verb, UserFunction][],
  sink: ChainText['sink'] = 'collect',
): Promise<Compiled> {
  const chain = { steps: steps.map(([op]) => ({ op, text: '' })), sink }
  const { report } = await pairOf(
    chain,
    steps.map(([, fn]) => fn),
  )
  return report
}

const parseStep: [Verb, UserFunction] = ['map', (line: string) => JSON.parse(line) as Row]

/** Why each step after a parse runs in V8; null for those that are compiled. */
async function reasons(...steps: [Verb, UserFunction][]): Promise<readonly (string | null)[]> {
  return (await compiled([parseStep, ...steps])).reports.slice(1).map(({ why }) => why)
}

test('a parse of the line is recognised in every usual spelling', async () => {
  const spellings: UserFunction[] = [
    JSON.parse,
    (line: string) => JSON.parse(line) as Row,
    (line: string) => {
      return JSON.parse(line) as Row
    },
    (line: string) => {
      const row = JSON.parse(line) as Row
      return row
    },
    function (line: string) {
      return JSON.parse(line) as Row
    },
    (line: string) => parse(line),
    parse,
  ]
  for (const spelling of spellings) {
    const { scan } = await compiled([
      ['map', spelling],
      ['filter', (r: Row) => r.index > LIMIT],
    ])
    expect(scan, String(spelling)).toMatchObject({ stepCount: 2, gives: 'row', columns: [{ path: ['index'] }] })
  }
})

async function checked(schema: unknown): Promise<Compiled> {
  const chain = { steps: [{ op: 'parseJson', text: '', onBadRow: 'error' }], sink: 'collect' } as const
  // A schema takes the place of a function in a program.
  const { report } = await pairOf(chain, [schema as UserFunction])
  return report
}

test('a schema of zod is compiled where it only asks what values are', async () => {
  const schema = z.object({
    id: z.int().min(1),
    name: z.string(),
    at: z.object({ x: z.number().lt(2), y: z.nullable(z.number()) }),
    kind: z.enum(['a', 'b']),
    size: z.literal([1, null]),
    isOn: z.boolean(),
    note: z.string().optional(),
  })
  const { scan, reports } = await checked(schema)
  expect(reports).toEqual([{ node: 1, why: null }])
  expect(scan?.checks).toMatchObject([{ op: 'evaluate', value: { op: 'sequence', first: { op: 'require' } } }])
  expect(scan?.columns.map(({ path, expects }) => `${path.join('.')} ${expects}`)).toEqual([
    'id number',
    'name string',
    'at.x number',
    'at.y number',
    'kind string',
    'size any',
    'isOn any',
    'note string',
  ])
})

test('a captured schema is known too, where it parses what JSON.parse gave', async () => {
  const Reading = z.object({ index: z.number(), total: z.number().max(1) })
  const { scan, reports } = await compiled([
    ['map', (line: string) => Reading.parse(JSON.parse(line))],
    ['filter', (r: Row) => r.index + r.total > LIMIT],
  ])
  expect(reports.map(({ why }) => why)).toEqual([null, null])
  expect(scan).toMatchObject({ gives: 'columns', columns: [{ path: ['index'] }, { path: ['total'] }] })
})

test.each<[unknown, string]>([
  [z.object({ a: z.optional(z.object({ b: z.number() })) }), 'may be missing'],
  [z.object({ a: z.string().min(2) }), 'with checks of type string'],
  [z.object({ a: z.email() }), 'of type string'],
  [z.object({ a: z.coerce.number() }), 'that converts'],
  [z.object({ a: z.number() }).transform(({ a }) => a), 'with pipe'],
  [z.object({ a: z.number() }).refine(({ a }) => a > 1), 'with checks of type object'],
  [z.strictObject({ a: z.number() }), 'strict or loose'],
  [z.object({ a: z.number().multipleOf(2) }), 'of a number'],
  [z.object({ toString: z.number() }), 'a field toString'],
  [z.number(), 'not of an object'],
])('other schemas are left to zod: %#', async (schema, why) => {
  const { scan, reports } = await checked(schema)
  expect(scan).toBeNull()
  expect(reports[0]?.why).toContain(why)
})

test.each<[string, 'text' | 'json', UserFunction, boolean]>([
  ['JSON of the row and a number', 'text', (r: Row) => JSON.stringify({ ...r, sum: r.index + r.total }), true],
  ['an object', 'json', (r: Row) => ({ id: r.level, at: { n: -r.index }, kind: 'a' }), true],
  ['an object', 'text', (r: Row) => ({ id: r.level, is: true }), true],
  ['a field', 'text', (r: Row) => r.level, true],
  ['a template', 'text', (r: Row) => `${r.level},${r.index + r.total}`, true],
  ['joined strings', 'text', (r: Row) => `${r.level},` + r.index, true],
  ['a test', 'text', (r: Row) => r.index > 1, false],
  ['a method', 'text', (r: Row) => r.level.toUpperCase(), false],
  ['a list', 'json', (r: Row) => [r.index], false],
  ['a name that JavaScript puts first', 'json', (r: Row) => ({ a: r.index, 10: r.total }), false],
  ['what is JSON already', 'json', (r: Row) => JSON.stringify(r), false],
])('a line of a file can be made of columns, or not: %s as %s', async (_, sink, fn, isMade) => {
  const { scan } = await compiled([parseStep, ['filter', (r: Row) => r.index > LIMIT], ['map', fn]], sink)
  expect(scan).not.toBeNull()
  expect(scan?.line !== null).toBe(isMade)
})

test('lines that are filtered before they are parsed are compared with constants', async () => {
  const { scan, reports } = await compiled([
    ['filter', (line: string) => line.includes('error') && !line.startsWith('#')],
    parseStep,
    ['filter', (r: Row) => r.level === 'error'],
  ])
  expect(reports.map(({ why }) => why)).toEqual([null, null, null])
  expect(scan?.matches).toEqual([
    { column: -1, kind: 'includes', text: 'error' },
    { column: -1, kind: 'startsWith', text: '#' },
    { column: 0, kind: '===', text: 'error' },
  ])
  const { reports: others } = await compiled([['filter', (line: string) => line.trim() !== ''], parseStep])
  expect(others[0]?.why).toBe('uses the line itself')
})

test('the script of the README needs two columns of numbers', async () => {
  const { scan, reports } = await compiled([
    parseStep,
    ['map', (r: Row) => ({ ...r, sum_val: r.index + r.total })],
    ['filter', (r: Row & { sum_val: number }) => r.sum_val > LIMIT],
    ['map', (r: unknown) => JSON.stringify(r)],
  ])
  expect(reports.map(({ why }) => why)).toEqual([null, null, null, null])
  expect(scan?.columns).toEqual([
    { path: ['index'], expects: 'number' },
    { path: ['total'], expects: 'number' },
  ])
})

test('expressions as users write them are compiled', async () => {
  const steps: [Verb, UserFunction][] = [
    ['filter', (r: Row) => r.level === 'error' && r.index > 100],
    [
      'filter',
      (r: Row) => r.level.includes('rr') || r.level.startsWith('e') || r.level.endsWith('r') || r.level.length > 3,
    ],
    ['filter', (r: Row) => Math.hypot(r.index, r.total) > 1 && Math.PI > 3],
    ['filter', ({ index, total = 1 }: { index: number; total?: number }) => index > total],
    ['filter', ({ user: { id }, index = 1 }: { user: { id: number }; index?: number }) => id > index],
    ['filter', (r: Row) => (r.user?.id ?? 0) > 2 && r.user?.name !== undefined],
    ['filter', (r: Row) => `${r.level}-${r.index}` !== 'error-1'],
    ['filter', isHigh],
    ['filter', (r: Row) => !isHigh(r)],
    [
      'filter',
      (r: Row) => {
        if (r.level === 'debug') return false
        const sum = r.index + r.total
        return sum > LIMIT
      },
    ],
    ['map', (r: Row) => ({ index: r.index, level: r.level, both: r.index + r.total })],
    ['map', (r: { index: number; both: number }) => [r.index, r.both]],
  ]
  for (const step of steps) expect(await reasons(step), String(step[1])).toEqual([null])
})

test('what gives numbers gives them from columns, and what is only counted gives nothing', async () => {
  const latency: [Verb, UserFunction] = ['map', (r: Row) => r.index]
  expect((await compiled([parseStep, latency])).scan).toMatchObject({ gives: 'columns', checks: [] })
  expect((await compiled([parseStep, latency], 'count')).scan).toMatchObject({ gives: 'nothing', columns: [] })
})

test('a step that is not understood stops there, with its reason in the words of the user', async () => {
  const filter = (fn: UserFunction): Promise<readonly (string | null)[]> => reasons(['filter', fn])
  expect(await filter((r: Row) => /x/.test(r.level))).toEqual([
    'calls "/x/.test(r.level)", which is not a built-in that is compiled',
  ])
  expect(await filter((r: Row) => r.index > (OPTIONS as { least?: number }).least!)).toEqual([
    expect.stringMatching(/^reads OPTIONS.*least.*, which the captured object does not have$/),
  ])
  expect(await filter((r: Row) => r.index in OPTIONS)).toEqual(['uses in in "r.index in OPTIONS"'])
  expect(await filter((r: Row) => String(OPTIONS) > r.level)).toEqual(['uses the captured object OPTIONS as a value'])
  expect(await filter((r: Row) => isEndless(r))).toEqual([
    expect.stringContaining('calls functions too deep, or itself'),
  ])
  expect(await filter((r: Row) => process.pid > r.index)).toEqual(['reads the global process'])
  expect(await filter((r: Row) => Object.keys(r).length > 2)).toEqual([
    'calls "Object.keys(r)", which is not a built-in that is compiled',
  ])
  expect(await filter((r: Row) => r as unknown as boolean)).toEqual(['tests the whole row'])
  expect(await filter((r: Row) => Reflect.get(r, 'constructor') === r.constructor)).toEqual([expect.any(String)])
  expect(await filter((r: Row) => (r as unknown as { __proto__: unknown }).__proto__ === null)).toEqual([
    'reads .__proto__, which every object inherits',
  ])
  expect(await filter((r: Row) => JSON.stringify(r) > 'x')).toEqual(['tests the whole row'])
  expect(await reasons(['flatMap', (r: Row) => [r]], ['filter', isHigh])).toEqual([
    'flatMap is compiled only where it splits lines',
    'follows a step that is not compiled',
  ])
  expect(await reasons(['map', (r: Row) => ({ sum: 1, ...r })], ['filter', isHigh])).toEqual([
    'spreads "...r" after other fields',
    'follows a step that is not compiled',
  ])
})

test('a captured object is read as constants where no function can change it', async () => {
  const isOver: [Verb, UserFunction] = ['filter', (r: Row) => r.index > OPTIONS.limit]
  expect(await reasons(isOver)).toEqual([null])
  expect(await reasons(isOver, ['map', (r: Row) => ({ index: r.index - OPTIONS.limit })])).toEqual([null, null])
  const [why, next] = await reasons(isOver, ['filter', (r: Row) => Boolean((OPTIONS.limit = r.index))])
  expect(why).toMatch(/^reads OPTIONS.limit of a captured object, which a function that is not compiled might change$/)
  expect(next).toBe('follows a step that is not compiled')
})

test('a line that is used for itself is left to V8', async () => {
  const { scan, reports } = await compiled([
    ['map', (line: string) => line.trim()],
    ['map', JSON.parse],
  ])
  expect(scan).toBeNull()
  expect(reports.map(({ why }) => why)).toEqual(['uses the line itself', 'follows a step that is not compiled'])
  expect(await compiled([['map', (line: string) => line.length]])).toEqual({ scan: null, reports: [], mayTrust: false })
})

test('a filter that follows a map is proved only where the map could not have thrown', async () => {
  const { scan } = await compiled([
    parseStep,
    ['map', (r: Row) => ({ ...r, id: r.user?.id, name: r.user!.name!.length })],
    ['filter', (r: Row) => r.index > 1],
  ])
  expect(scan?.checks.map(({ op }) => op)).toEqual(['evaluate', 'filter'])
  expect(scan?.columns.map(({ path }) => path.join('.'))).toContain('user.name')
})

test('a function that assigns what it captured is no function of its row', async () => {
  let count = 0
  const fn = (r: Row): boolean => {
    count++
    return r.index > count
  }
  expect(await reasons(['filter', fn])).toEqual(['assigns count'])
})

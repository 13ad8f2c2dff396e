/**
 * Random pipelines give what plain arrays give: the same rows, in the same order, in the same partitions, on every engine, and
 * every action the answer of its array. A failure prints the seed and the smallest pipeline that shows it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { type Context, createContext, type Dataset } from 'kindling'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ENGINES, withFiles } from './engines.ts'
import { isBefore, isSubsequence, linesOf, type Partitions, slicesOf } from './model.ts'
import { VERBS, weigh } from './model-verbs.ts'

const RUNS = 100

type Source =
  | { readonly type: 'items'; readonly items: readonly unknown[]; readonly slices: number }
  | {
      readonly type: 'range'
      readonly start: number
      readonly count: number
      readonly step: number
      readonly slices: number
    }
  | { readonly type: 'empty' }

type Steps = readonly (readonly [verb: string, n: number])[]

const scalar = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('\ud800', 'x\udc00', '', '__proto__'),
  fc.bigInt({ min: -5n, max: 5n }),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, Number.NaN, Number.POSITIVE_INFINITY),
  fc.date({ noInvalidDate: true }),
)
const value = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 3 }), scalar, { maxKeys: 3, noNullPrototype: true }) },
  { weight: 1, arbitrary: fc.array(fc.tuple(scalar, scalar), { maxLength: 2 }).map((entries) => new Map(entries)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) },
)
const slices = fc.integer({ min: 1, max: 5 })
const source: fc.Arbitrary<Source> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('items'), items: fc.array(value, { maxLength: 12 }), slices }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('range'),
      start: fc.integer({ min: -5, max: 5 }),
      // Some are longer than a batch of the engine's.
      count: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(1024, 1025, 4097)),
      step: fc.constantFrom(1, 2, -1, 0.25),
      slices,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'empty' } as const) },
)
const steps: fc.Arbitrary<Steps> = fc.array(
  fc.tuple(fc.constantFrom(...Object.keys(VERBS)), fc.integer({ min: 0, max: 4 })),
  { maxLength: 6 },
)

/** Bytes in which line ends, byte order marks, long characters and broken ones are frequent. */
const nastyBytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        [10],
        [13],
        [13, 10],
        [0xef, 0xbb, 0xbf],
        [0xe2, 0x80, 0xa8],
        [0xc2, 0x85],
        [0xf0, 0x9f, 0x98, 0x80],
      ),
      fc.constantFrom([0xff], [0xfe], [0xf0, 0x9f], [0xe2], [0x80], [0], [11], [12], [97], [32]),
    ),
    { maxLength: 40 },
  )
  .map((parts) => Uint8Array.from(parts.flat()))

describe.each(ENGINES)('on %s', (_name, options) => {
  let ctx: Context
  beforeAll(async () => {
    ctx = await createContext(options)
  })
  afterAll(() => ctx.stop())

  const open = (from: Source): [Dataset<unknown>, Partitions] => {
    if (from.type === 'empty') return [ctx.empty<unknown>(), []]
    if (from.type === 'items') return [ctx.parallelize(from.items, from.slices), slicesOf(from.items, from.slices)]
    const { start, count, step } = from
    const numbers = Array.from({ length: count }, (_, i) => start + i * step)
    return [ctx.range(start, start + count * step, step, from.slices), slicesOf(numbers, from.slices)]
  }

  test('a pipeline puts into each partition the rows that its arrays have', async () => {
    await fc.assert(
      fc.asyncProperty(source, steps, async (from, verbs) => {
        const [rows, model] = apply(open(from), verbs)
        expect(rows.getNumPartitions()).toBe(model.length)
        expect(await rows.glom().collect()).toStrictEqual(model)
      }),
      { numRuns: RUNS },
    )
  })

  test('every action gives what the array of all rows gives', async () => {
    await fc.assert(
      fc.asyncProperty(source, steps, fc.integer({ min: -1, max: 6 }), async (from, verbs, n) => {
        const [rows, model] = apply(open(from), verbs)
        await checkActions(rows, model, n)
        await checkFolds(rows, model)
      }),
      { numRuns: RUNS / 2 },
    )
  })

  test('min and max follow the default order, whatever the types and the partitions', async () => {
    // The order does not tell -0 from 0, nor 1n from 1; which of two equals is given is not promised.
    const plain = scalar.filter((item) => !Object.is(item, -0) && typeof item !== 'bigint')
    const comparable = fc.array(fc.oneof(plain, fc.array(plain, { maxLength: 2 })), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(comparable, slices, async (items, n) => {
        const rows = ctx.parallelize(items, n)
        const least = items.reduce((best, item) => (isBefore(item, best) ? item : best))
        const most = items.reduce((best, item) => (isBefore(best, item) ? item : best))
        expect([await rows.min(), await rows.max()]).toStrictEqual([least, most])
      }),
      { numRuns: RUNS },
    )
  })

  test('a sample keeps the order, is the same each time, and changes no partition count', async () => {
    const fraction = fc.double({ min: 0, max: 3, noNaN: true })
    await fc.assert(
      fc.asyncProperty(source, steps, fraction, fc.integer(), fc.boolean(), async (from, verbs, rate, seed, again) => {
        const [rows, model] = apply(open(from), verbs)
        const sample = rows.sample(again, rate, seed)
        const found = await sample.glom().collect()
        expect(await sample.glom().collect()).toStrictEqual(found)
        expect(found).toHaveLength(model.length)
        found.forEach((part, k) => {
          const whole = model[k] ?? []
          expect(isSubsequence(again ? withoutRepeats(part) : part, whole, isDeepStrictEqual)).toBe(true)
          if (!again && rate >= 1) expect(part).toStrictEqual(whole)
        })
      }),
      { numRuns: RUNS / 2 },
    )
  })

  test('text files give their lines, however they are cut, and pipelines go on from there', async () => {
    const files = fc.array(fc.tuple(nastyBytes, fc.boolean()), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 9 }), steps, async (contents, minPartitions, verbs) => {
        const directory = mkdtempSync(join(tmpdir(), 'kindling-model-'))
        try {
          const named = contents.map(([bytes, isGzip], i) =>
            isGzip ? [`${i}.gz`, gzipSync(bytes)] : [`${i}.txt`, bytes],
          )
          withFiles(directory, Object.fromEntries(named) as Record<string, Uint8Array>)
          const text = ctx.textFile(directory, { minPartitions })
          // Where files are cut is the engine's choice; that the pieces are the whole is not.
          const pieces = await text.glom().collect()
          expect(pieces.flat()).toStrictEqual(contents.flatMap(([bytes]) => linesOf(bytes)))
          const [rows, model] = apply([text, pieces], verbs)
          expect(await rows.glom().collect()).toStrictEqual(model)
        } finally {
          rmSync(directory, { recursive: true, force: true })
        }
      }),
      { numRuns: RUNS / 2 },
    )
  })
})

/** Both sides of a pipeline. */
function apply([rows, model]: [Dataset<unknown>, Partitions], verbs: Steps): [Dataset<unknown>, Partitions] {
  let arePairs = false
  for (const [name, n] of verbs) {
    const verb = VERBS[name]
    if (verb === undefined || (verb.needsPairs && !arePairs)) continue
    rows = verb.real(rows, n)
    model = verb.model(model, n)
    arePairs = verb.givesPairs ?? arePairs
  }
  return [rows, model]
}

async function checkActions(rows: Dataset<unknown>, model: Partitions, n: number): Promise<void> {
  const all = model.flat()
  expect(await rows.collect()).toStrictEqual(all)
  expect(await rows.count()).toBe(all.length)
  expect(await rows.take(n)).toStrictEqual(all.slice(0, Math.max(0, n)))
  expect(await rows.isEmpty()).toBe(all.length === 0)
  const walked: unknown[] = []
  for await (const row of rows.toLocalIterator()) {
    if (walked.length >= n + 3) break
    walked.push(row)
  }
  expect(walked).toStrictEqual(all.slice(0, n + 3))
  if (all.length === 0) await expect(rows.first()).rejects.toThrow('empty')
  else expect(await rows.first()).toStrictEqual(all[0])
}

async function checkFolds(rows: Dataset<unknown>, model: Partitions): Promise<void> {
  const weights = model.flat().map(weigh)
  const texts = rows.map((row) => `${typeof row}${weigh(row)};`)
  const expected = model.map((list) => list.map((row) => `${typeof row}${weigh(row)};`).join(''))
  expect(await rows.map(weigh).sum()).toBe(weights.reduce((a, b) => a + b, 0))
  expect(await texts.fold('|', (a, b) => a + b)).toBe(`|${expected.map((text) => `|${text}`).join('')}`)
  const lists = await rows.aggregate<number[]>(
    [-1],
    (list, row) => {
      list.push(weigh(row))
      return list
    },
    (a, b) => a.concat(b),
  )
  expect(lists).toStrictEqual([-1, ...model.flatMap((list) => [-1, ...list.map(weigh)])])
  if (weights.length === 0) {
    for (const action of [() => texts.reduce((a, b) => a + b), () => rows.min(weigh), () => rows.max(weigh)])
      await expect(action()).rejects.toThrow('empty')
    return
  }
  expect(await texts.reduce((a, b) => a + b)).toBe(expected.join(''))
  expect(weigh(await rows.min(weigh))).toBe(weights.reduce((a, b) => Math.min(a, b)))
  expect(weigh(await rows.max(weigh))).toBe(weights.reduce((a, b) => Math.max(a, b)))
}

function withoutRepeats(rows: readonly unknown[]): unknown[] {
  return rows.filter((row, i) => i === 0 || !isDeepStrictEqual(row, rows[i - 1]))
}

/**
 * The fuzz: random pipelines, wide verbs among them, give what plain arrays give, under every setting, for a fixed time each. Each run
 * has new seeds and prints the first; `FUZZ_SEED=n` runs from that one again, and with the seed of a failure and its path as `FUZZ_PATH`
 * that very pipeline; `FUZZ_SECONDS` is the time for each setting.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Context, type ContextOptions, createContext, type Dataset } from 'kindling'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inOrder, type Modelled, parts, Refused } from './fuzz-model.ts'
import { VERBS } from './fuzz-verbs.ts'
import { slicesOf } from './model.ts'
import { weigh } from './model-verbs.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000)
const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 10)
const PATH = process.env['FUZZ_PATH']

/** So little that every table, sort and block goes to disk. */
const SPILLING = '4KB'
const SETTINGS: readonly (readonly [name: string, options: ContextOptions])[] = [
  ['inline', { master: 'inline' }],
  ['local[2]', { master: 'local[2]' }],
  ['local[2] in processes', { master: 'local[2]', isolation: 'process' }],
  ['inline, spilling', { master: 'inline', memory: SPILLING }],
  ['local[2], spilling', { master: 'local[2]', memory: SPILLING }],
]

/** Pipelines with more rows teach nothing more, and take longer. */
const MOST_ROWS = 3000
/** How many pairs a join of the laws gives at most. */
const MOST_PAIRS = 50_000
/** Cases of one seed. */
const ROUND = 10

type Steps = readonly (readonly [verb: string, n: number])[]

// No -0, which as a key may stand for 0 and the other way round: contract tests hold what becomes of it.
const scalar = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: false }).map((n) => (n === 0 ? 0 : n)),
  fc.constantFrom('', '0', 'a', 'b', 'é', '\ud800', '__proto__', 'long '.repeat(30)),
  fc.constantFrom(null, undefined, true, false, Number.NaN, Infinity, 2 ** 53, 1n, -(2n ** 70n)),
  fc.date({ min: new Date(0), max: new Date(3) }),
)
const value = fc.oneof(
  { weight: 8, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 2 }) },
  { weight: 2, arbitrary: fc.record({ a: scalar, b: scalar }, { requiredKeys: [], noNullPrototype: true }) },
  { weight: 1, arbitrary: fc.array(fc.tuple(scalar, scalar), { maxLength: 2 }).map((entries) => new Map(entries)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) },
)
/** Rows of one kind go through other code than mixed ones. */
const items: fc.Arbitrary<readonly unknown[]> = fc.oneof(
  fc.array(value, { maxLength: 12 }),
  fc.array(scalar, { maxLength: 40 }),
  fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 400 }),
  fc.array(fc.constantFrom('a', 'b', 'c', 'dd', 'é'), { maxLength: 100 }),
  fc.array(
    fc.record({ id: fc.integer({ min: 0, max: 9 }), name: fc.constantFrom('x', 'y') }, { noNullPrototype: true }),
    {
      maxLength: 60,
    },
  ),
)
const source = fc.record({ items, slices: fc.integer({ min: 0, max: 6 }) })
const step = fc.tuple(fc.constantFrom(...Object.keys(VERBS)), fc.integer({ min: 1, max: 5 }))
/** Many begin with pairs, which most wide verbs need. */
const first = fc.constantFrom<[string, number]>(['map', 1], ['mapToPair', 4], ['mapToPair', 40], ['keyByItself', 1])
const steps: fc.Arbitrary<Steps> = fc
  .tuple(fc.option(first), fc.array(step, { minLength: 1, maxLength: 9 }))
  .map(([pairs, rest]) => (pairs === null ? rest : [pairs, ...rest]))

describe.each(SETTINGS)('on %s', (name, options) => {
  let ctx: Context
  let directory: string
  let spilledBytes = 0
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'kindling-fuzz-'))
    ctx = await createContext({ ...options, tmpDir: directory })
    ctx.on('taskEnd', ({ metrics }) => {
      spilledBytes += metrics?.spilledBytes ?? 0
    })
    ctx.setCheckpointDir(join(directory, 'checkpoints'))
  })
  afterAll(async () => {
    await ctx.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test(
    'random pipelines give what arrays give, twice',
    async () => {
      let ran = 0
      let refused = 0
      const property = fc.asyncProperty(source, steps, async (from, verbs) => {
        ran++
        const rows = from.slices === 0 ? ctx.empty<unknown>() : ctx.parallelize(from.items, from.slices)
        const model = parts(from.slices === 0 ? [] : slicesOf(from.items, from.slices))
        const [dataset, expected] = apply(rows, model, verbs)
        if (expected === null) {
          refused++
          await expect(dataset.collect()).rejects.toThrow(/key|order/)
          return
        }
        expect(dataset.getNumPartitions()).toBe(expected.count)
        // The second time what was moved or kept is read again.
        for (let i = 0; i < 2; i++) compare(await dataset.glom().collect(), expected)
        expect(await dataset.count()).toBe(expected.parts.flat().length)
      })
      await checkFor(SECONDS, property)
      console.info(`fuzz on ${name}: ${ran} pipelines, ${refused} of them refused, FUZZ_SEED=${SEED}`)
      expect(ran).toBeGreaterThan(0)
    },
    SECONDS * 1000 + 120_000,
  )

  test(
    'laws that need no model hold for many rows',
    async () => {
      const shape = fc.record({
        count: fc.integer({ min: 0, max: 4000 }),
        keys: fc.integer({ min: 1, max: 500 }),
        slices: fc.integer({ min: 1, max: 5 }),
        n: fc.integer({ min: 1, max: 6 }),
      })
      const property = fc.asyncProperty(shape, async ({ count, keys, slices, n }) => {
        const rows = ctx
          .range(0, count, 1, slices)
          .map((i): [string, number] => [`k${(i * 7919) % keys}`, (i * 31) % 97])
        await checkLaws(rows, n)
      })
      await checkFor(SECONDS / 2, property)
      expect(spilledBytes > 0).toBe(options.memory === SPILLING)
    },
    SECONDS * 1000 + 120_000,
  )
})

/** Runs a property with new data, in rounds of a seed each, until the time is over; one round however slow the machine is. */
async function checkFor(seconds: number, property: fc.IAsyncProperty<unknown>): Promise<void> {
  const end = performance.now() + seconds * 1000
  let seed = SEED
  do {
    await fc.assert(property as fc.IAsyncProperty<unknown[]>, {
      seed: seed++,
      ...(PATH === undefined ? {} : { path: PATH }),
      numRuns: ROUND,
    })
  } while (performance.now() < end)
}

/** Both sides of a pipeline, as far as it goes; null where the engine has to refuse it. */
function apply(rows: Dataset<unknown>, model: Modelled, verbs: Steps): [Dataset<unknown>, Modelled | null] {
  let arePairs = false
  for (const [name, n] of verbs) {
    const verb = VERBS[name]
    if (verb === undefined || (verb.needsPairs && !arePairs) || !isKnown(model, verb.needs)) continue
    let next: Modelled
    try {
      next = verb.model(model, n)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      return [verb.real(rows, n, model.known), null]
    }
    if (next.parts.flat().length > MOST_ROWS) continue
    rows = verb.real(rows, n, model.known)
    model = next
    arePairs = verb.givesPairs ?? arePairs
  }
  return [rows, model]
}

function isKnown({ known }: Modelled, needed: Modelled['known']): boolean {
  return needed === 'bag' || known === 'parts' || (needed === 'list' && known === 'list')
}

function compare(found: readonly (readonly unknown[])[], { known, parts: expected, count }: Modelled): void {
  expect(found).toHaveLength(count)
  if (known === 'parts') expect(found).toStrictEqual(expected)
  else if (known === 'list') expect(found.flat()).toStrictEqual(expected.flat())
  else expect(inOrder(found.flat())).toStrictEqual(inOrder(expected.flat()))
}

async function checkLaws(rows: Dataset<[string, number]>, n: number): Promise<void> {
  const all = await rows.collect()
  const texts = inOrder(all)
  const same = async (other: Dataset<[string, number]>): Promise<void> =>
    expect(inOrder(await other.collect())).toStrictEqual(texts)

  expect(await rows.count()).toBe(all.length)
  await same(rows.repartition(n))
  await same(rows.coalesce(n))
  await same(rows.partitionBy(n))
  await same(rows.sortByKey(n % 2 === 0, n))
  await same(rows.filter(() => true).cache())
  expect(await rows.take(n)).toStrictEqual(all.slice(0, n))

  const sums = rows.reduceByKey((a, b) => a + b, n)
  const grouped = rows.groupByKey().mapValues((values) => values.reduce((a, b) => a + b, 0))
  expect(inOrder(await sums.collect())).toStrictEqual(inOrder(await grouped.collect()))

  const other = rows.filter(([, value]) => value < n).mapValues((value) => value % 3)
  const ofOther = await other.countByKey()
  const pairs = all.reduce((sum, [key]) => sum + (ofOther.get(key) ?? 0), 0)
  if (pairs <= MOST_PAIRS) {
    const product = rows
      .cogroup(other)
      .flatMapValues(([a, b]) => a.flatMap((x) => b.map((y): [number, number] => [x, y])))
    expect(inOrder(await rows.join(other, n).collect())).toStrictEqual(inOrder(await product.collect()))
  }
  const distinct = rows.distinct(n)
  expect(await distinct.distinct().count()).toBe(await distinct.count())
  expect(await rows.union(other).subtract(other).subtract(rows).count()).toBe(0)

  const keys = (await rows.sortByKey(true, n).collect()).map(([key]) => key)
  expect(keys).toStrictEqual([...keys].sort())
  if (all.length > 0) {
    const weights = rows.map((row) => weigh(row[1]))
    expect(await weights.treeReduce((a, b) => Math.max(a, b))).toBe(await weights.reduce((a, b) => Math.max(a, b)))
  }
}

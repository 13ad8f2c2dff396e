/** Any narrow pipeline over any data in any slices gives what plain arrays give, partition by partition, on every engine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { type Context, createContext, type Dataset } from 'kindling'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { coalesced, each, indexed, linesOf, type Partitions, type Row, slices, uniquelyNumbered } from './arrays.ts'

/** A number that any row has, so that functions need not know what rows are. */
const sizeOf = (row: unknown): number => {
  if (typeof row === 'number') return Number.isFinite(row) ? Math.abs(Math.trunc(row)) % 7 : 3
  if (typeof row === 'string') return row.length % 7
  return Array.isArray(row) ? row.length : 1
}

interface Pipeline {
  readonly dataset: Dataset<Row>
  readonly model: Partitions
}

/** One random verb: on the dataset, and on the model. */
interface Verb {
  readonly text: string
  apply(pipeline: Pipeline, ctx: Context): Pipeline
}

function verb(text: string, dataset: (d: Dataset<Row>) => Dataset<Row>, model: (p: Partitions) => Partitions): Verb {
  return { text, apply: (at) => ({ dataset: dataset(at.dataset), model: model(at.model) }) }
}

const small = fc.integer({ min: 0, max: 5 })

const verbs: fc.Arbitrary<Verb> = fc.oneof(
  small.map((k) =>
    verb(
      `map ${k}`,
      (d) => d.map((row) => sizeOf(row) + k),
      (p) => each(p, (rows) => rows.map((row) => sizeOf(row) + k)),
    ),
  ),
  fc.constant(
    verb(
      'map to text',
      (d) => d.map((row) => `${String(sizeOf(row))}!`),
      (p) => each(p, (rows) => rows.map((row) => `${String(sizeOf(row))}!`)),
    ),
  ),
  small.map((k) =>
    verb(
      `filter ${k}`,
      (d) => d.filter((row) => sizeOf(row) !== k),
      (p) => each(p, (rows) => rows.filter((row) => sizeOf(row) !== k)),
    ),
  ),
  small.map((k) =>
    verb(
      `flatMap ${k}`,
      (d) => d.flatMap((row) => Array.from({ length: (sizeOf(row) + k) % 3 }, () => row)),
      (p) =>
        each(p, (rows) => rows.flatMap((row) => Array.from({ length: (sizeOf(row) + k) % 3 }, () => [row]).flat(1))),
    ),
  ),
  small.map((k) =>
    verb(
      `mapPartitions, first ${k}`,
      (d) =>
        d.mapPartitions(function* (rows) {
          let left = k
          for (const row of rows) if (left-- > 0) yield row
        }),
      (p) => each(p, (rows) => rows.slice(0, k)),
    ),
  ),
  fc.constant(
    verb(
      'mapPartitionsWithIndex',
      (d) => d.mapPartitionsWithIndex((i, rows) => [i, ...rows]),
      (p) => each(p, (rows, i) => [i, ...rows]),
    ),
  ),
  fc.constant(
    verb(
      'glom',
      (d) => d.glom(),
      (p) => each(p, (rows) => [rows]),
    ),
  ),
  small.map((k) =>
    verb(
      `keyBy, mapValues, flatMapValues ${k}`,
      (d) =>
        d
          .keyBy((row) => sizeOf(row))
          .mapValues((row) => sizeOf(row) * 2)
          .flatMapValues((n) => [n, k].slice(0, (n + k) % 3)),
      (p) =>
        each(p, (rows) =>
          rows.flatMap((row) => [sizeOf(row) * 2, k].slice(0, (sizeOf(row) * 2 + k) % 3).map((n) => [sizeOf(row), n])),
        ),
    ),
  ),
  fc.constant(
    verb(
      'keyBy, keys',
      (d) => d.keyBy((row) => sizeOf(row)).keys(),
      (p) => each(p, (rows) => rows.map(sizeOf)),
    ),
  ),
  fc.constant(
    verb(
      'keyBy, values',
      (d) => d.keyBy((row) => sizeOf(row)).values(),
      (p) => p,
    ),
  ),
  fc.constant(
    verb(
      'union with itself',
      (d) => d.union(d),
      (p) => [...p, ...p],
    ),
  ),
  fc.tuple(fc.array(small, { maxLength: 4 }), fc.integer({ min: 1, max: 3 })).map(
    ([items, count]): Verb => ({
      text: `union with ${items.join()} in ${count}`,
      apply: ({ dataset, model }, ctx) => ({
        dataset: dataset.union(ctx.parallelize(items, count)),
        model: [...model, ...slices(items, count)],
      }),
    }),
  ),
  fc.constant(
    verb(
      'zip with itself',
      (d) => d.zip(d.map((row) => sizeOf(row))),
      (p) => each(p, (rows) => rows.map((row) => [row, sizeOf(row)])),
    ),
  ),
  fc.integer({ min: 1, max: 4 }).map((n) =>
    verb(
      `coalesce ${n}`,
      (d) => d.coalesce(n),
      (p) => coalesced(p, n),
    ),
  ),
  fc.constant(verb('zipWithIndex', (d) => d.zipWithIndex(), indexed)),
  fc.constant(verb('zipWithUniqueId', (d) => d.zipWithUniqueId(), uniquelyNumbered)),
  fc.constant(
    verb(
      'mapAsync',
      (d) => d.mapAsync(async (row) => row, { concurrency: 2 }),
      (p) => p,
    ),
  ),
  fc.boolean().map((all) =>
    verb(
      `sample of ${all ? 'all' : 'none'}`,
      (d) => d.sample(false, all ? 1 : 0, 1),
      (p) => (all ? p : each(p, () => [])),
    ),
  ),
)

const rowValues: fc.Arbitrary<Row> = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -20, max: 20 }) },
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom<Row>(undefined, null, true, 7n, '', '\ud800', -0),
  fc.array(small, { maxLength: 3 }),
  // A row without a prototype comes back as a plain object, as from any structured clone.
  fc.record({ a: small }, { noNullPrototype: true }),
)

const pipelines = {
  items: fc.array(rowValues, { maxLength: 12 }),
  count: fc.integer({ min: 1, max: 5 }),
  // A union or a zip doubles the rows: few verbs keep the largest pipeline at some thousand.
  chain: fc.array(verbs, { maxLength: 7 }),
}

// A name for what fast-check prints when a pipeline fails.
const shown = (chain: readonly Verb[]): string => chain.map((v) => v.text).join(' · ')

describe.each([
  { master: 'inline', runs: 120 },
  { master: 'local[2]', runs: 80 },
])('on $master', ({ master, runs }) => {
  let ctx: Context
  let directory: string
  beforeAll(async () => {
    ctx = await createContext({ master })
    directory = mkdtempSync(join(tmpdir(), 'kindling-model-'))
  })
  afterAll(async () => {
    await ctx.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  test('any narrow pipeline has the rows and partitions of plain arrays', async () => {
    await fc.assert(
      fc.asyncProperty(pipelines.items, pipelines.count, pipelines.chain, async (items, count, chain) => {
        const start: Pipeline = { dataset: ctx.parallelize(items, count), model: slices(items, count) }
        const { dataset, model } = chain.reduce((at, step) => step.apply(at, ctx), start)
        expect(dataset.getNumPartitions(), shown(chain)).toBe(model.length)
        expect(await dataset.glom().collect(), shown(chain)).toStrictEqual(model)
      }),
      { numRuns: runs },
    )
  })

  test('any action gives what a plain array gives', async () => {
    await fc.assert(
      fc.asyncProperty(pipelines.items, pipelines.count, pipelines.chain, small, async (items, count, chain, n) => {
        const start: Pipeline = { dataset: ctx.parallelize(items, count), model: slices(items, count) }
        const { dataset, model } = chain.slice(0, 4).reduce((at, step) => step.apply(at, ctx), start)
        const rows = model.flat(1)
        expect(await dataset.collect(), shown(chain)).toStrictEqual(rows)
        expect(await dataset.count()).toBe(rows.length)
        expect(await dataset.take(n)).toStrictEqual(rows.slice(0, n))
        expect(await dataset.isEmpty()).toBe(rows.length === 0)
        const walked: Row[] = []
        for await (const row of dataset) walked.push(row)
        expect(walked).toStrictEqual(rows)
        if (rows.length > 0) expect(await dataset.first()).toStrictEqual(rows[0])
        else await expect(dataset.first()).rejects.toThrow('empty')
        await checkFolds(dataset, model)
      }),
      { numRuns: Math.ceil(runs / 3) },
    )
  })

  test('a sample is a part of the rows, the same for the same seed however rows are collected', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(300),
        pipelines.count,
        fc.integer(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (length, count, seed, fraction) => {
          const rows = ctx.range(0, length, 1, count).sample(false, fraction, seed)
          const kept = await rows.collect()
          expect(new Set(kept).size).toBe(kept.length)
          expect(kept).toStrictEqual([...kept].filter((n) => n >= 0 && n < length).sort((a, b) => a - b))
          expect((await rows.glom().collect()).flat()).toStrictEqual(kept)
          expect(await rows.count()).toBe(kept.length)
        },
      ),
      { numRuns: Math.ceil(runs / 4) },
    )
  })

  test('any bytes in any splits have the lines of their text', async () => {
    const nasty = fc.constantFrom(
      0x0a,
      0x0d,
      0xef,
      0xbb,
      0xbf,
      0xff,
      0xc3,
      0xa9,
      0xe2,
      0x80,
      0xa8,
      0xf0,
      0x9f,
      0x00,
      0x41,
    )
    const files = fc.array(fc.array(nasty, { maxLength: 40 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 30 }), async (contents, minPartitions) => {
        const paths = contents.map((content, i) => {
          const path = join(directory, `${i}.txt`)
          writeFileSync(path, Uint8Array.from(content))
          return path
        })
        const lines = contents.flatMap((content) => linesOf(Uint8Array.from(content)))
        expect(await ctx.textFile(paths, { minPartitions }).collect()).toStrictEqual(lines)
      }),
      { numRuns: runs },
    )
  })
})

/** Folds, with functions for which it matters how often the zero enters, but not where the partitions lie. */
async function checkFolds(dataset: Dataset<Row>, model: Partitions): Promise<void> {
  const sizes = model.flat(1).map(sizeOf)
  const numbers = dataset.map((row) => sizeOf(row))
  const total = sizes.reduce((a, b) => a + b, 0)
  expect(await numbers.sum()).toBe(total)
  expect(await numbers.fold(10, (a, b) => a + b)).toBe(total + 10 * (model.length + 1))
  const joined = await numbers.aggregate(
    '',
    (text, n) => text + String(n),
    (a, b) => a + b,
  )
  expect(joined).toBe(sizes.join(''))
  if (sizes.length === 0) {
    await expect(numbers.max()).rejects.toThrow('empty')
    await expect(numbers.reduce((a, b) => a + b)).rejects.toThrow('empty')
    return
  }
  expect(await numbers.reduce((a, b) => a + b)).toBe(total)
  expect(await numbers.min()).toBe(Math.min(...sizes))
  expect(await numbers.max()).toBe(Math.max(...sizes))
}

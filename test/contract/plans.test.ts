/**
 * Golden plans: what `explain()` and `toDebugString()` say of small programs, each kept as a file that people can read.
 * Add a program and a run writes its file (not in CI, where a file must be there); `vitest run -u` rewrites what was meant to change.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Context, createContext, type Dataset } from 'kindling'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { withFiles } from './engines.ts'

let ctx: Context
let directory: string
beforeAll(async () => {
  ctx = await createContext({ master: 'local[3]' })
  directory = withFiles(mkdtempSync(join(tmpdir(), 'kindling-plans-')), {
    'a.txt': 'one\ntwo\nthree\nfour\n',
    'b.txt': 'five\n',
  })
})
afterAll(async () => {
  await ctx.stop()
  rmSync(directory, { recursive: true, force: true })
})

/** a and b in three partitions. */
const pairs = (): Dataset<[string, number]> =>
  ctx.parallelize<string, number>(
    [
      ['a', 1],
      ['b', 2],
      ['a', 3],
    ],
    3,
  )

/** Each makes the dataset whose plan the file of this name holds. */
const PROGRAMS: Readonly<Record<string, () => Dataset<unknown>>> = {
  'a-source-alone': () => ctx.parallelize([1, 2, 3]),
  'nothing-at-all': () => ctx.empty(),
  'rows-of-formats': () =>
    ctx
      .jsonLines(join(directory, 'a.txt'), z.unknown(), { onBadRow: 'skip' })
      .union(ctx.jsonLines(join(directory, 'b.txt')))
      .union(ctx.csv(join(directory, '*.txt'), { header: false, onBadRow: 'collect' }))
      .union(ctx.from([1, 2], 2).filterAsync(async (n) => n > 1, { concurrency: 4 })),
  'one-step': () => ctx.range(10).map((n) => n + 1),
  'a-chain-of-steps': () =>
    ctx
      .range(0, 100, 1, 4)
      .filter((n) => n % 2 === 0)
      .flatMap((n) => [n, -n])
      .keyBy((n) => n > 0)
      .mapValues((n) => n * 2)
      .flatMapValues((n) => [n])
      .values(),
  'steps-without-functions': () =>
    ctx.range(0, 8, 1, 2).zipWithIndex().zipWithUniqueId().keys().sample(false, 0.5, 7).glom(),
  'steps-on-partitions': () =>
    ctx
      .range(0, 8, 1, 2)
      .mapPartitions((rows) => rows)
      .mapPartitionsWithIndex((partition, rows) => [...rows].map((n) => n + partition))
      .mapAsync(async (n) => n, { concurrency: 3 }),
  'programs-as-steps': () => ctx.parallelize(['b', 'a'], 1).pipe(['sort', '-r']).pipe('tr a-z A-Z | head -1'),
  'a-long-function': () =>
    ctx.parallelize(['a'], 1).map((word) => {
      const letters = word
        .split('')
        .filter((letter) => letter !== ' ')
        .map((letter) => letter.toUpperCase())
      return letters.join('')
    }),
  'text-files': () => ctx.textFile(directory, { minPartitions: 4 }).filter((line) => line !== ''),
  'a-list-of-text-files': () => ctx.textFile([join(directory, 'a.txt'), join(directory, 'b.txt')]),
  'whole-text-files': () => ctx.wholeTextFiles(join(directory, '*.txt')).keys(),
  'a-union-of-two': () =>
    ctx
      .range(0, 4, 1, 2)
      .map((n) => n * n)
      .union(ctx.parallelize([7], 1)),
  'a-union-of-unions': () => {
    const [a, b, c, d] = [ctx.range(1), ctx.range(2), ctx.range(3), ctx.range(4)]
    return ctx.union([a.union(b), c, d.map((n) => -n)]).filter((n) => n !== 0)
  },
  'a-dataset-twice': () => {
    const squares = ctx.range(0, 6, 1, 2).map((n) => n * n)
    return squares.union(squares)
  },
  'a-zip-of-steps': () => {
    const words = ctx.parallelize(['x', 'yy', 'zzz'], 2)
    return words.zip(words.map((word) => word.length)).filter(([, length]) => length > 1)
  },
  'fewer-partitions': () =>
    ctx
      .range(0, 100, 1, 9)
      .map((n) => n % 7)
      .coalesce(2)
      .filter((n) => n > 3),
  'no-more-partitions-than-there-are': () => ctx.range(0, 10, 1, 2).coalesce(5),
  'named-datasets': () =>
    ctx
      .range(0, 4, 1, 2)
      .setName('numbers')
      .map((n) => n + 1)
      .setName('one more')
      .union(ctx.empty<number>().setName('none'))
      .setName('all'),
  'everything-at-once': () => {
    const lines = ctx.textFile(join(directory, 'a.txt'), { minPartitions: 1 })
    const lengths = lines.map((line) => line.length).setName('lengths')
    return lines
      .zip(lengths)
      .coalesce(1)
      .union(ctx.parallelize([['b', 1]], 2))
      .keys()
  },
  'a-reduce-by-key': () =>
    ctx
      .textFile(join(directory, 'a.txt'), { minPartitions: 1 })
      .map((line): [string, number] => [line, 1])
      .reduceByKey((a, b) => a + b, 2)
      .mapValues((n) => n + 1),
  'verbs-by-key-after-one-shuffle': () =>
    pairs()
      .partitionBy(4)
      .filter(([, n]) => n > 1)
      .groupByKey()
      .mapValues((values) => values.length)
      .foldByKey(0, (a, b) => a + b),
  'a-join-of-two-shuffles': () => pairs().join(pairs().mapValues((n) => -n)),
  'a-join-of-sides-that-lie-alike': () => {
    const placed = pairs().partitionBy(2)
    return placed.leftOuterJoin(placed.mapValues((n) => n * 2))
  },
  'a-join-with-one-side-in-place': () => pairs().partitionBy(5).join(pairs()),
  'a-cogroup-of-three': () => pairs().groupWith(pairs().partitionBy(3), pairs()),
  sorts: () =>
    pairs()
      .sortByKey(false, 2)
      .sortBy(([, n]) => n),
  'placed-and-sorted': () =>
    pairs().repartitionAndSortWithinPartitions(
      2,
      (key) => key.length,
      true,
      (key) => key,
    ),
  sets: () =>
    ctx
      .range(0, 9, 1, 3)
      .distinct(2)
      .intersection(ctx.range(0, 5, 1, 2))
      .subtract(ctx.range(1)),
  'a-product': () => ctx.range(0, 4, 1, 2).cartesian(ctx.parallelize(['x', 'y'], 1)),
  'spread-rows': () => ctx.range(0, 9, 1, 3).repartition(2).coalesce(4, true),
  'kept-rows': () =>
    pairs()
      .persist('DISK_ONLY')
      .reduceByKey((a, b) => a + b)
      .cache()
      .keys(),
  'samples-and-splits': () => {
    const [part = pairs()] = pairs().randomSplit([1, 3], 5)
    return part.sampleByKey(false, { a: 1, b: 0.5 }, 7)
  },
}

test.each(Object.entries(PROGRAMS))('the plan of %s is the one on file', async (name, program) => {
  const dataset = program()
  const text = `${withoutPlaces(await dataset.explain())}\n\n${withoutNumbers(dataset.toDebugString())}\n`
  await expect(text).toMatchFileSnapshot(join('golden', `${name}.txt`))
})

test('every plan on file has its program', () => {
  const names = readdirSync(new URL('golden/', import.meta.url)).map((file) => basename(file, '.txt'))
  expect(names.filter((name) => !(name in PROGRAMS))).toEqual([])
})

test('a plan shows each verb beside the line that calls it', async () => {
  const plan = await ctx
    .range(3)
    .map((n) => n + 1)
    .filter((n) => n > 1)
    .explain()
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
  const places = plan.split('\n').flatMap((line) => {
    const match = /^ *(\w+).* {2}(?:.*[\\/])?plans\.test\.ts:(\d+):\d+$/.exec(line)
    return match === null ? [] : [[match[1], source[Number(match[2]) - 1]?.trim().split('(')[0]]]
  })
  expect(places).toEqual([
    ['range', '.range'],
    ['map', '.map'],
    ['filter', '.filter'],
  ])
})

test('the places of a plan stand in one column', async () => {
  const plan = await ctx
    .range(3)
    .map((n) => n + 1)
    .union(ctx.range(2))
    .explain()
  const columns = plan.split('\n').flatMap((line) => {
    const match = /^(.*) {2}\S*plans\.test\.ts:/.exec(line)
    return match === null ? [] : [match[1]?.length]
  })
  expect(columns).toHaveLength(4)
  expect(new Set(columns).size).toBe(1)
})

test('a plan is shown without running anything', async () => {
  const dataset = ctx.range(3).map((n): number => {
    throw new Error(`row ${n} was computed`)
  })
  await expect(dataset.explain()).resolves.toContain('map')
  expect(dataset.toDebugString()).toContain('map')
  await expect(dataset.collect()).rejects.toThrow('was computed')
})

/** The lines and columns of this file change with every edit, and the temporary directory with every run. */
function withoutPlaces(plan: string): string {
  // What follows the place says what is compiled.
  return plan
    .replaceAll(directory, '<directory>')
    .replace(
      / +(\S*[\\/])?plans\.test\.ts:\d+:\d+(?: +(.*))?$/gm,
      (_, _folder, said?: string) => `  plans.test.ts${said === undefined ? '' : `  ${said}`}`,
    )
}

/** Datasets are numbered within the process; here from 0. */
function withoutNumbers(lineage: string): string {
  const ids = [...lineage.matchAll(/\[(\d+)\]/g)].map((match) => Number(match[1]))
  const order = [...new Set(ids)].sort((a, b) => a - b)
  return lineage.replace(/\[(\d+)\]/g, (_, id: string) => `[${order.indexOf(Number(id))}]`)
}

/** The contract of actions that describe rows: moments, histograms, samples, estimates, and folds in a tree. */
import type { Context, Dataset } from 'kindling'
import { contract, failure } from './engines.ts'

const numbers = (ctx: Context, ...rows: number[]): Dataset<number> => ctx.parallelize(rows, 3)

/** To nine digits, so that the order in which partitions are joined does not show. */
const near = (value: number): number => Number(value.toPrecision(9))

contract('moments', [
  {
    name: 'of some numbers',
    program: async (ctx) => {
      const stats = await numbers(ctx, 2, 4, 4, 4, 5, 5, 7, 9).stats()
      return Object.fromEntries(Object.entries(stats).map(([name, value]) => [name, near(value as number)]))
    },
    expected: {
      count: 8,
      sum: 40,
      mean: 5,
      min: 2,
      max: 9,
      variance: 4,
      stdev: 2,
      sampleVariance: near(32 / 7),
      sampleStdev: near(Math.sqrt(32 / 7)),
    },
  },
  {
    name: 'of no numbers: 0, 0, NaN, NaN, and infinite extremes, with partitions or without',
    program: async (ctx) => {
      const none = numbers(ctx)
      return [
        await none.sum(),
        await none.mean(),
        await none.variance(),
        await none.stdev(),
        await none.sampleVariance(),
        await none.sampleStdev(),
        await none.stats(),
        await ctx.empty<number>().stats(),
      ]
    },
    expected: [
      0,
      0,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      ...[1, 2].map(() => ({
        count: 0,
        sum: 0,
        mean: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        variance: Number.NaN,
        stdev: Number.NaN,
        sampleVariance: Number.NaN,
        sampleStdev: Number.NaN,
      })),
    ],
  },
  {
    name: 'of one number: no spread, and none that a sample could tell',
    program: async (ctx) => {
      const one = numbers(ctx, 3)
      return [
        await one.mean(),
        await one.variance(),
        await one.stdev(),
        await one.sampleVariance(),
        await one.sampleStdev(),
      ]
    },
    expected: [3, 0, 0, Number.NaN, Number.NaN],
  },
  {
    name: 'large means do not cancel the spread',
    program: async (ctx) => {
      const rows = ctx.range(0, 1000, 1, 4).map((n) => 1e9 + (n % 3))
      return [near(await rows.variance()), near(await rows.mean())]
    },
    // 334 rows of 0, 333 of 1, 333 of 2.
    expected: [near((333 + 4 * 333) / 1000 - 0.999 ** 2), near(1e9 + 0.999)],
  },
  {
    name: 'NaN and infinity show in what they touch',
    program: async (ctx) => {
      const nan = await numbers(ctx, 1, Number.NaN, 2).stats()
      const infinite = await numbers(ctx, 1, Infinity).stats()
      return [nan.count, nan.sum, nan.mean, infinite.sum, infinite.max, infinite.min]
    },
    expected: [3, Number.NaN, Number.NaN, Infinity, Infinity, 1],
  },
  ...(['stats', 'mean', 'variance', 'stdev', 'sampleVariance', 'sampleStdev', 'sum', 'histogram'] as const).map(
    (verb) => ({
      name: `${verb} rejects what is no number, naming it`,
      program: async (ctx: Context): Promise<unknown> => {
        const rows = ctx.parallelize<unknown>([1, '2'], 2) as Dataset<number>
        return verb === 'histogram' ? rows.histogram([0, 1]) : rows[verb]()
      },
      expected: failure('DataError', `${verb} (`, 'number', '"2"'),
    }),
  ),
])

contract('histograms', [
  {
    name: 'buckets hold their lower edge, the last one its upper edge too; NaN and what lies outside count nowhere',
    program: (ctx) => numbers(ctx, -1, 0, 1, 4.9, 5, 10, 10.1, Number.NaN, Infinity).histogram([0, 5, 10]),
    expected: [
      [0, 5, 10],
      [3, 2],
    ],
  },
  {
    name: 'uneven edges',
    program: (ctx) => numbers(ctx, 1, 2, 3, 50, 99).histogram([0, 3, 99]),
    expected: [
      [0, 3, 99],
      [2, 3],
    ],
  },
  {
    name: 'buckets of equal width, from the smallest row to the largest',
    program: (ctx) => ctx.range(0, 101, 1, 3).histogram(4),
    expected: [
      [0, 25, 50, 75, 100],
      [25, 25, 25, 26],
    ],
  },
  {
    name: '6 to 99 in 9: every row counts, the ends are the extremes',
    program: async (ctx) => {
      const [edges, counts] = await ctx.range(6, 100, 1, 4).histogram(9)
      return [edges.length, edges[0], edges[9], counts.reduce((a, b) => a + b, 0), Math.min(...counts) >= 10]
    },
    expected: [10, 6, 99, 94, true],
  },
  {
    name: 'rows that are all equal are one bucket',
    program: (ctx) => numbers(ctx, 5, 5, 5).histogram(3),
    expected: [[5, 5], [3]],
  },
  {
    name: 'edges over no rows count nothing',
    program: (ctx) => numbers(ctx).histogram([0, 1, 2]),
    expected: [
      [0, 1, 2],
      [0, 0],
    ],
  },
  {
    name: 'a number of buckets over nothing is refused',
    program: (ctx) => numbers(ctx).histogram(2),
    expected: failure('DataError', 'histogram (', 'no rows'),
  },
  ...[Number.NaN, Infinity, -Infinity].map((odd) => ({
    name: `a number of buckets over ${odd} is refused`,
    program: (ctx: Context) => numbers(ctx, 1, odd).histogram(2),
    expected: failure('DataError', 'histogram (', 'not finite'),
  })),
  {
    name: 'edges that do not grow, too few of them, and no whole number of buckets are refused',
    program: async (ctx) => {
      const said: unknown[] = []
      for (const given of [[1, 1], [2, 1], [1], [], [0, Number.NaN], 0, 1.5, Number.NaN]) {
        said.push(
          await numbers(ctx, 1)
            .histogram(given)
            .catch((error: Error) => [error.name, error.message.startsWith('histogram (')]),
        )
      }
      return said
    },
    expected: Array.from({ length: 8 }, () => ['PlanError', true]),
  },
])

contract('samples of a fixed size', [
  {
    name: 'exactly n different rows, or all there are',
    program: async (ctx) => {
      const rows = ctx.range(0, 100, 1, 4)
      const some = await rows.takeSample(false, 10, 1)
      const all = await rows.takeSample(false, 1000, 1)
      return [some.length, new Set(some).size, all.length, new Set(all).size, some.every((n) => n >= 0 && n < 100)]
    },
    expected: [10, 10, 100, 100, true],
  },
  {
    name: 'with replacement exactly n, more than there are too',
    program: async (ctx) => {
      const sample = await ctx.range(0, 3, 1, 2).takeSample(true, 20, 5)
      return [sample.length, sample.every((n) => n >= 0 && n < 3), new Set(sample).size]
    },
    expected: [20, true, 3],
  },
  {
    name: 'the same seed gives the same rows in the same order, another one others',
    program: async (ctx) => {
      const rows = ctx.range(0, 1000, 1, 3)
      const [a, b, c] = [
        await rows.takeSample(false, 20, 7),
        await rows.takeSample(false, 20, 7),
        await rows.takeSample(false, 20, 8),
      ]
      return [JSON.stringify(a) === JSON.stringify(b), JSON.stringify(a) === JSON.stringify(c)]
    },
    expected: [true, false],
  },
  {
    name: 'the order is random, not that of the rows',
    program: async (ctx) => {
      const sample = await ctx.range(0, 100, 1, 2).takeSample(false, 100, 3)
      return sample.every((n, i) => n === i)
    },
    expected: false,
  },
  {
    name: 'every row has its chance',
    program: async (ctx) => {
      const rows = ctx.range(0, 10, 1, 3)
      const seen = new Set<number>()
      for (let seed = 0; seed < 30; seed++) for (const n of await rows.takeSample(false, 3, seed)) seen.add(n)
      return seen.size
    },
    expected: 10,
  },
  {
    name: 'of nothing, and none of something',
    program: async (ctx) => [
      await ctx.empty().takeSample(true, 5, 1),
      await ctx.parallelize([], 3).takeSample(false, 5, 1),
      await ctx.range(5).takeSample(false, 0, 1),
    ],
    expected: [[], [], []],
  },
  {
    name: 'fewer than 0 rows are refused, and a seed that is none',
    program: async (ctx) => {
      const said = async (rows: Promise<unknown>): Promise<unknown> =>
        rows.catch((error: Error) => [error.name, error.message.startsWith('takeSample (')])
      return [
        await said(ctx.range(3).takeSample(false, -1)),
        await said(ctx.range(3).takeSample(true, 1.5)),
        await said(ctx.range(3).takeSample(true, 1, Number.NaN)),
      ]
    },
    expected: [
      ['PlanError', true],
      ['PlanError', true],
      ['PlanError', true],
    ],
  },
])

contract('estimates', [
  {
    name: 'countApproxDistinct is near, and does not depend on the partitions',
    program: async (ctx) => {
      const estimates: number[] = []
      for (const slices of [1, 3, 7])
        estimates.push(
          await ctx
            .range(0, 20_000, 1, slices)
            .map((n) => n % 10_000)
            .countApproxDistinct(0.02),
        )
      return [new Set(estimates).size, Math.abs((estimates[0] as number) - 10_000) < 800]
    },
    expected: [1, true],
  },
  {
    name: 'few values are counted nearly exactly, equal as keys are',
    program: async (ctx) => [
      await ctx
        .parallelize<unknown>([1, '1', 1n, [1], [1], { a: 1 }, { a: 1 }, Number.NaN, Number.NaN, -0, 0], 3)
        .countApproxDistinct(),
      await ctx.empty().countApproxDistinct(),
      await ctx.parallelize([], 2).countApproxDistinct(),
    ],
    expected: [7, 0, 0],
  },
  {
    name: 'an error too small or too large to promise is refused',
    program: async (ctx) => {
      const said: unknown[] = []
      for (const error of [0, -1, 1e-7, 0.9, Number.NaN])
        said.push(
          await ctx
            .range(3)
            .countApproxDistinct(error)
            .catch(({ name, message }: Error) => [name, message.startsWith('countApproxDistinct (')]),
        )
      return said
    },
    expected: Array.from({ length: 5 }, () => ['PlanError', true]),
  },
])

contract('folds in a tree', [
  {
    name: 'treeReduce is reduce, whatever the depth, in the order of rows',
    program: async (ctx) => {
      const texts = ctx.range(0, 40, 1, 13).map((n) => `${n} `)
      const plain = await texts.reduce((a, b) => a + b)
      const deep: boolean[] = []
      for (const depth of [1, 2, 3, 10]) deep.push((await texts.treeReduce((a, b) => a + b, depth)) === plain)
      return deep
    },
    expected: [true, true, true, true],
  },
  {
    name: 'treeReduce steps over empty partitions, and of nothing says empty',
    program: async (ctx) => [
      await ctx
        .range(0, 40, 1, 10)
        .filter((n) => n % 26 === 7)
        .treeReduce((a, b) => a + b),
      await ctx.parallelize([undefined], 3).treeReduce((a) => a),
      await ctx
        .empty<number>()
        .treeReduce((a, b) => a + b)
        .catch((error: Error) => [error.name, /treeReduce \(.*empty/.test(error.message)]),
      await ctx
        .parallelize<number>([], 3)
        .treeReduce((a, b) => a + b)
        .catch((error: Error) => [error.name, /treeReduce \(.*empty/.test(error.message)]),
    ],
    expected: [40, undefined, ['DataError', true], ['DataError', true]],
  },
  {
    name: 'treeAggregate changes the type, and its zero may be changed in place',
    program: async (ctx) => {
      const zero: number[] = []
      const push = (list: number[], n: number): number[] => {
        list.push(n)
        return list
      }
      const join = (a: number[], b: number[]): number[] => {
        a.push(...b)
        return a
      }
      const all = await ctx.range(0, 9, 1, 5).treeAggregate(zero, push, join)
      return [all, zero, await ctx.empty<number>().treeAggregate(zero, push, join)]
    },
    expected: [[0, 1, 2, 3, 4, 5, 6, 7, 8], [], []],
  },
  {
    name: 'a depth below 1 is refused',
    program: async (ctx) => {
      const said = async (result: Promise<unknown>): Promise<unknown> =>
        result.catch((error: Error) => [error.name, error.message.includes('depth')])
      return [
        await said(ctx.range(3).treeReduce((a, b) => a + b, 0)),
        await said(
          ctx.range(3).treeAggregate(
            0,
            (a, b) => a + b,
            (a, b) => a + b,
            Number.NaN,
          ),
        ),
      ]
    },
    expected: [
      ['PlanError', true],
      ['PlanError', true],
    ],
  },
  {
    name: 'an error in a merging function names the verb',
    program: (ctx) =>
      ctx.range(0, 4, 1, 4).treeAggregate(
        0,
        (a, b) => a + b,
        (): number => {
          throw new Error('no merge')
        },
      ),
    expected: failure('TaskError', 'treeAggregate (', 'no merge'),
  },
])

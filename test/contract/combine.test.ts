/** The contract of verbs that pair, number, join and draw rows. */
import { contract, failure } from './engines.ts'

contract('union', [
  {
    name: 'a union keeps duplicates, and its partition counts add',
    program: (ctx) =>
      ctx
        .range(0, 2, 1, 2)
        .union(ctx.range(0, 3, 1, 1))
        .glom()
        .collect(),
    expected: [[0], [1], [0, 1, 2]],
  },
  {
    name: 'a dataset in a union with itself comes twice',
    program: (ctx) => {
      const rows = ctx.range(0, 2, 1, 2).map((n) => n + 1)
      return rows.union(rows).collect()
    },
    expected: [1, 2, 1, 2],
  },
  {
    name: 'a union of different rows',
    program: (ctx) =>
      ctx
        .parallelize<number | string>([1], 1)
        .union(ctx.parallelize(['a'], 1))
        .collect(),
    expected: [1, 'a'],
  },
  {
    name: 'verbs before and after a union',
    program: (ctx) => {
      const left = ctx.range(0, 2, 1, 1).map((n) => n * 10)
      const right = ctx.range(0, 4, 1, 2).filter((n) => n % 2 === 1)
      return left
        .union(right)
        .map((n) => n + 0.5)
        .glom()
        .collect()
    },
    expected: [[0.5, 10.5], [1.5], [3.5]],
  },
  {
    name: 'the context unites a list',
    program: (ctx) =>
      ctx
        .union([ctx.range(0, 1, 1, 1), ctx.range(1, 2, 1, 1), ctx.range(2, 3, 1, 1)])
        .glom()
        .collect(),
    expected: [[0], [1], [2]],
  },
  {
    name: 'a union of no datasets is empty',
    program: async (ctx) => [ctx.union([]).getNumPartitions(), await ctx.union([]).collect()],
    expected: [0, []],
  },
  {
    name: 'a union of one is that one',
    program: (ctx) =>
      ctx
        .union([ctx.range(0, 2, 1, 2)])
        .glom()
        .collect(),
    expected: [[0], [1]],
  },
  {
    name: 'a union of 300 datasets',
    program: (ctx) => {
      let rows = ctx.range(0, 1, 1, 1)
      for (let i = 1; i < 300; i++) rows = rows.union(ctx.range(i, i + 1, 1, 1))
      return rows.coalesce(2).sum()
    },
    expected: 44850,
  },
  {
    name: 'a union with what is no dataset is refused',
    program: async (ctx) => ctx.range(1).union([1] as never),
    expected: failure('PlanError', 'union (', 'dataset'),
  },
])

contract('zip', [
  {
    name: 'zip pairs by position',
    program: (ctx) =>
      ctx
        .range(0, 4, 1, 2)
        .zip(ctx.parallelize(['a', 'b', 'c', 'd'], 2))
        .collect(),
    expected: [
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
      [3, 'd'],
    ],
  },
  {
    name: 'a dataset zipped with itself',
    program: (ctx) => {
      const rows = ctx.range(0, 3, 1, 2)
      return rows
        .zip(rows.map((n) => n * n))
        .glom()
        .collect()
    },
    expected: [
      [[0, 0]],
      [
        [1, 1],
        [2, 4],
      ],
    ],
  },
  {
    name: 'a zip of empties is empty',
    program: (ctx) => ctx.empty<number>().zip(ctx.empty<string>()).collect(),
    expected: [],
  },
  {
    name: 'a zip of datasets with more rows than a batch',
    program: async (ctx) => {
      const rows = ctx.range(0, 5000, 1, 2)
      return rows
        .zip(rows)
        .filter(([a, b]) => a !== b)
        .count()
    },
    expected: 0,
  },
  {
    name: 'zip refuses sides with different partition counts when it is called',
    program: async (ctx) => ctx.range(0, 4, 1, 2).zip(ctx.range(0, 4, 1, 3)),
    expected: failure('PlanError', 'zip (', 'partitions', '2 and 3'),
  },
  {
    name: 'zip refuses a left side that is longer',
    program: (ctx) =>
      ctx
        .range(0, 5, 1, 1)
        .zip(ctx.range(0, 3, 1, 1))
        .collect(),
    expected: failure('DataError', 'zip (', 'as many rows', '3'),
  },
  {
    name: 'zip refuses a right side that is longer',
    program: (ctx) =>
      ctx
        .range(0, 3, 1, 1)
        .zip(ctx.range(0, 5, 1, 1))
        .collect(),
    expected: failure('DataError', 'zip (', 'as many rows', '3'),
  },
  {
    name: 'zip refuses partitions of different lengths even where the totals agree',
    program: (ctx) =>
      ctx
        .parallelize([1, 2, 3, 4], 2)
        .filter((n) => n !== 1)
        .zip(ctx.parallelize([1, 2, 3, 4], 2).filter((n) => n !== 4))
        .collect(),
    expected: failure('DataError', 'zip (', 'as many rows'),
  },
])

contract('numbering', [
  {
    name: 'zipWithIndex counts through all partitions',
    program: (ctx) => ctx.parallelize(['a', 'b', 'c', 'd'], 3).zipWithIndex().collect(),
    expected: [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ],
  },
  {
    name: 'zipWithIndex counts what a filter left',
    program: (ctx) =>
      ctx
        .range(0, 9, 1, 3)
        .filter((n) => n % 2 === 0)
        .zipWithIndex()
        .collect(),
    expected: [
      [0, 0],
      [2, 1],
      [4, 2],
      [6, 3],
      [8, 4],
    ],
  },
  {
    name: 'zipWithIndex of zipWithIndex',
    program: (ctx) =>
      ctx
        .range(5, 8, 1, 2)
        .zipWithIndex()
        .filter(([, i]) => i > 0)
        .zipWithIndex()
        .collect(),
    expected: [
      [[6, 1], 0],
      [[7, 2], 1],
    ],
  },
  {
    name: 'zipWithIndex of nothing',
    program: async (ctx) => [
      await ctx.empty().zipWithIndex().collect(),
      await ctx.parallelize([], 3).zipWithIndex().collect(),
    ],
    expected: [[], []],
  },
  {
    name: 'zipWithIndex on both sides of a union begins twice',
    program: (ctx) => {
      const rows = ctx.range(0, 2, 1, 2).zipWithIndex()
      return rows.union(rows).values().collect()
    },
    expected: [0, 1, 0, 1],
  },
  {
    name: 'take after zipWithIndex',
    program: (ctx) =>
      ctx
        .range(10, 20, 1, 4)
        .zipWithIndex()
        .filter(([n]) => n > 16)
        .take(2),
    expected: [
      [17, 7],
      [18, 8],
    ],
  },
  {
    name: 'zipWithUniqueId gives j * n + k to row j of partition k of n',
    program: (ctx) => ctx.parallelize(['a', 'b', 'c', 'd', 'e'], 3).zipWithUniqueId().collect(),
    expected: [
      ['a', 0],
      ['b', 1],
      ['c', 4],
      ['d', 2],
      ['e', 5],
    ],
  },
])

contract('sample', [
  {
    name: 'the same seed gives the same rows',
    program: async (ctx) => {
      const rows = ctx.range(0, 1000, 1, 3)
      const [a, b] = [await rows.sample(false, 0.3, 7).collect(), await rows.sample(false, 0.3, 7).collect()]
      return a.length > 0 && a.join() === b.join()
    },
    expected: true,
  },
  {
    name: 'different seeds give different rows',
    program: async (ctx) => {
      const rows = ctx.range(0, 1000, 1, 3)
      return (await rows.sample(false, 0.5, 1).collect()).join() === (await rows.sample(false, 0.5, 2).collect()).join()
    },
    expected: false,
  },
  {
    name: 'without a seed one is drawn once per dataset',
    program: async (ctx) => {
      const rows = ctx.range(0, 1000, 1, 3).sample(false, 0.5)
      return (await rows.collect()).join() === (await rows.collect()).join()
    },
    expected: true,
  },
  {
    name: 'without replacement rows come once, in order',
    program: async (ctx) => {
      const rows = await ctx.range(0, 500, 1, 2).sample(false, 0.5, 3).collect()
      return rows.every((n, i) => i === 0 || n > (rows[i - 1] as number))
    },
    expected: true,
  },
  {
    name: 'a fraction of 0 gives nothing, one of 1 everything',
    program: async (ctx) => [
      await ctx.range(50).sample(false, 0, 1).count(),
      await ctx.range(50).sample(false, 1, 1).count(),
      await ctx.range(50).sample(true, 0, 1).count(),
    ],
    expected: [0, 50, 0],
  },
  {
    name: 'a fraction above 1 is allowed, and repeats rows with replacement, side by side',
    program: async (ctx) => {
      const rows = await ctx.range(0, 2000, 1, 2).sample(true, 3, 5).collect()
      return [rows.length > 5500 && rows.length < 6500, rows.every((n, i) => i === 0 || n >= (rows[i - 1] as number))]
    },
    expected: [true, true],
  },
  {
    name: 'about the fraction asked for is kept',
    program: async (ctx) => {
      const count = await ctx.range(0, 20_000, 1, 2).sample(false, 0.25, 11).count()
      return count > 4600 && count < 5400
    },
    expected: true,
  },
  {
    name: 'partitions draw different numbers',
    program: async (ctx) => {
      const [a, b] = await ctx
        .range(0, 200, 1, 2)
        .map((n) => n % 100)
        .sample(false, 0.5, 9)
        .glom()
        .collect()
      return a?.join() === b?.join()
    },
    expected: false,
  },
  {
    name: 'a negative fraction is refused',
    program: async (ctx) => ctx.range(5).sample(false, -0.1, 1),
    expected: failure('PlanError', 'sample (', 'fraction', '-0.1'),
  },
  {
    name: 'a fraction that is no number is refused',
    program: async (ctx) => ctx.range(5).sample(false, Number.NaN, 1),
    expected: failure('PlanError', 'sample (', 'fraction', 'NaN'),
  },
])

contract('asynchronous steps', [
  {
    name: 'mapAsync keeps the order, however promises settle',
    program: (ctx) =>
      ctx
        .range(0, 6, 1, 2)
        .mapAsync(async (n) => {
          for (let i = 0; i < 6 - n; i++) await Promise.resolve()
          return n * 2
        })
        .collect(),
    expected: [0, 2, 4, 6, 8, 10],
  },
  {
    name: 'mapAsync holds no more than its concurrency in flight',
    program: (ctx) => {
      const state = { now: 0, most: 0 }
      return ctx
        .range(0, 20, 1, 1)
        .mapAsync(
          async (n) => {
            state.now++
            state.most = Math.max(state.most, state.now)
            await Promise.resolve()
            state.now--
            return n < 19 ? 0 : state.most
          },
          { concurrency: 3 },
        )
        .max()
    },
    expected: 3,
  },
  {
    name: 'mapAsync takes functions that give plain values, and thenables',
    program: (ctx) =>
      ctx
        .range(0, 3, 1, 1)
        .mapAsync((n) => n + 1)
        .collect(),
    expected: [1, 2, 3],
  },
  {
    name: 'verbs before and after mapAsync, in a union, joined and zipped',
    program: async (ctx) => {
      const slow = ctx
        .range(0, 4, 1, 2)
        .filter((n) => n > 0)
        .mapAsync(async (n) => n * 10)
      return [
        await slow
          .map((n) => n + 1)
          .union(ctx.range(1))
          .collect(),
        await slow.coalesce(1).glom().collect(),
        await slow.zip(slow).values().collect(),
        await slow.mapAsync(async (n) => n + 0.5).collect(),
      ]
    },
    expected: [[11, 21, 31, 0], [[10, 20, 30]], [10, 20, 30], [10.5, 20.5, 30.5]],
  },
  {
    name: 'rows are numbered on from batch to batch between an asynchronous step and one that wants all rows',
    program: async (ctx) => {
      const slow = ctx.range(0, 4, 1, 1).mapAsync(async (n) => n)
      return [
        await slow.zipWithUniqueId().values().glom().collect(),
        await slow.zipWithIndex().values().glom().collect(),
        await slow.zip(slow.zipWithIndex().values()).collect(),
      ]
    },
    expected: [
      [[0, 1, 2, 3]],
      [[0, 1, 2, 3]],
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 3],
      ],
    ],
  },
  {
    name: 'a rejected promise fails the job with its message',
    program: (ctx) =>
      ctx
        .range(5)
        .mapAsync(async (n) => {
          if (n === 2) throw new Error('no luck with 2')
          return n
        })
        .collect(),
    expected: failure('TaskError', 'mapAsync (', 'no luck with 2'),
  },
  {
    name: 'take through mapAsync stops early',
    program: (ctx) =>
      ctx
        .range(0, 1e9, 1, 1)
        .mapAsync(async (n) => n)
        .take(3),
    expected: [0, 1, 2],
  },
  {
    name: 'a concurrency of 0 is refused',
    program: async (ctx) => ctx.range(1).mapAsync(async (n) => n, { concurrency: 0 }),
    expected: failure('PlanError', 'mapAsync (', 'concurrency', 'got 0'),
  },
])

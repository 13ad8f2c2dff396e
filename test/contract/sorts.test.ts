/** The contract of order: sorts over all partitions and within them, and actions that give the first rows in order. */
import type { Context, Dataset } from 'kindling'
import { contract, failure, stagesOf } from './engines.ts'

/** Every kind of value that has an order, in that order. */
const ORDERED: readonly unknown[] = [
  null,
  undefined,
  false,
  true,
  -Infinity,
  -(2 ** 53),
  -3n,
  -1.5,
  0,
  Number.MIN_VALUE,
  1n,
  2,
  10,
  2n ** 80n,
  Infinity,
  Number.NaN,
  '',
  '10',
  '9',
  'Z',
  'a',
  'aa',
  'é',
  '\ud800',
  '\uffff',
  new Date(-1),
  new Date(0),
  new Date(5),
  [],
  [null],
  [1],
  [1, 'a'],
  [1, 'b'],
  [2],
]

/** The same in another order, which is always the same. */
const mixed = <T>(rows: readonly T[]): T[] =>
  rows
    .map((row, i) => ({ row, at: (i * 7919) % 101 }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row)

const shuffled = (ctx: Context, n: number, slices: number): Dataset<number> =>
  ctx.range(0, n, 1, slices).map((i) => (i * 7919) % n)

contract('sortBy and sortByKey', [
  {
    name: 'numbers are sorted as numbers, over all partitions',
    program: async (ctx) => {
      const sorted = shuffled(ctx, 1000, 5).sortBy((n) => n)
      const parts = await sorted.glom().collect()
      return [parts.length, parts.flat().every((n, i) => n === i), parts.every((part) => part.length > 0)]
    },
    expected: [5, true, true],
  },
  {
    name: 'the default order of all types, whatever the partitions',
    program: async (ctx) => {
      const wrong: number[] = []
      for (const slices of [1, 2, 7]) {
        const rows = await ctx
          .parallelize(mixed(ORDERED), slices)
          .sortBy((row) => row)
          .collect()
        if (!rows.every((row, i) => same(row, ORDERED[i]))) wrong.push(slices)
      }
      return wrong
    },
    expected: [],
  },
  {
    name: 'descending is that order backwards',
    program: async (ctx) => {
      const rows = await ctx
        .parallelize(mixed(ORDERED), 3)
        .sortBy((row) => row, false)
        .collect()
      return rows.reverse().every((row, i) => same(row, ORDERED[i]))
    },
    expected: true,
  },
  {
    name: 'equal keys keep their order, both ways',
    program: async (ctx) => {
      const rows = ctx.range(0, 300, 1, 4).map((n): [number, number] => [n % 3, n])
      const isStable = (pairs: readonly [number, number][]): boolean =>
        pairs.every(([key, n], i) => i === 0 || pairs[i - 1]?.[0] !== key || (pairs[i - 1]?.[1] ?? 0) < n)
      const [up, down] = [await rows.sortByKey().collect(), await rows.sortByKey(false).collect()]
      return [isStable(up), isStable(down), up[0], down[0]]
    },
    expected: [true, true, [0, 0], [2, 2]],
  },
  {
    name: '0 and -0, 1 and 1n are equal, and keep their order and what they are',
    program: (ctx) =>
      ctx
        .parallelize<number | bigint>([1n, 0, 1, -0, 0, 1n], 3)
        .sortBy((n) => n, true, 1)
        .collect(),
    expected: [0, -0, 0, 1n, 1, 1n],
  },
  {
    name: '1000 different keys in 4 partitions: each has 100 to 400',
    program: async (ctx) => {
      const parts = await shuffled(ctx, 1000, 7)
        .map((n): [number, null] => [n, null])
        .sortByKey(true, 4)
        .glom()
        .collect()
      return [parts.length, parts.every((part) => part.length >= 100 && part.length <= 400)]
    },
    expected: [4, true],
  },
  {
    name: 'a key with most of the rows stays in one partition, in order',
    program: async (ctx) => {
      const sorted = ctx
        .range(0, 20_000, 1, 4)
        .map((n): [number, number] => [n % 10 === 0 ? n : 7, n])
        .sortByKey(true, 5)
      const parts = await sorted.glom().collect()
      const all = parts.flat()
      return [
        parts.length,
        all.length,
        all.every(([key, n], i) => {
          const before = all[i - 1]
          return before === undefined || before[0] < key || (before[0] === key && before[1] < n)
        }),
        parts.filter((part) => part.some(([key]) => key === 7)).length,
      ]
    },
    expected: [5, 20_000, true, 1],
  },
  {
    name: 'fewer keys than partitions, one key, no rows',
    program: async (ctx) => {
      const sizes = async (rows: Dataset<number>): Promise<unknown> => {
        const parts = await rows
          .sortBy((n) => n, true, 4)
          .glom()
          .collect()
        return [parts.length, parts.flat()]
      }
      return [
        await sizes(ctx.parallelize([2, 1], 2)),
        await sizes(ctx.parallelize([5, 5, 5], 3)),
        await sizes(ctx.parallelize<number>([], 3)),
      ]
    },
    expected: [
      [4, [1, 2]],
      [4, [5, 5, 5]],
      [4, []],
    ],
  },
  {
    name: 'the key function decides, the rows come through as they were',
    program: async (ctx) => [
      await ctx
        .parallelize(['ccc', 'a', 'bb'], 2)
        .sortBy((word) => -word.length)
        .collect(),
      await ctx
        .parallelize<string, number>(
          [
            ['b', 1],
            ['C', 2],
            ['a', 3],
          ],
          2,
        )
        .sortByKey(true, 2, (key) => key.toLowerCase())
        .collect(),
    ],
    expected: [
      ['ccc', 'bb', 'a'],
      [
        ['a', 3],
        ['b', 1],
        ['C', 2],
      ],
    ],
  },
  {
    name: 'a sort keeps the number of partitions, unless another is given',
    program: async (ctx) => [
      shuffled(ctx, 10, 3)
        .sortBy((n) => n)
        .getNumPartitions(),
      shuffled(ctx, 10, 3)
        .sortBy((n) => n, true, 5)
        .getNumPartitions(),
      ctx
        .empty<number>()
        .sortBy((n) => n)
        .getNumPartitions(),
    ],
    expected: [3, 5, 0],
  },
  {
    name: 'a sort is lazy, and reads its input once',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const sorted = ctx
        .range(0, 50, 1, 3)
        .map((n) => {
          calls.add(1)
          return -n
        })
        .sortBy((n) => n)
      const before = calls.value
      const first = await sorted.first()
      await sorted.count()
      return [before, first, calls.value]
    },
    expected: [0, -49, 50],
  },
  {
    name: 'what has no order is an error that names it and the sort',
    program: (ctx) =>
      ctx
        .parallelize<unknown>([{ a: 1 }, { a: 2 }], 2)
        .sortBy((row) => row)
        .collect(),
    expected: failure('TaskError', 'sortBy (', 'Object', 'no order'),
  },
  {
    name: 'what has no order is refused even when it is alone',
    program: (ctx) =>
      ctx
        .parallelize<unknown>([{ a: 1 }], 1)
        .sortBy((row) => row)
        .collect(),
    expected: failure('TaskError', 'sortBy (', 'Object', 'no order'),
  },
  {
    name: 'a sort after a sort is the second one, stable on the first',
    program: async (ctx) => {
      const rows = ctx.range(0, 60, 1, 4).map((n) => (n * 17) % 60)
      return (
        await rows
          .sortBy((n) => n)
          .sortBy((n) => n % 2)
          .collect()
      ).map((n, i, all) => i === 0 || (all[i - 1] as number) % 2 < n % 2 || (all[i - 1] as number) < n)
    },
    expected: Array.from({ length: 60 }, () => true),
  },
  {
    name: 'take of a sort looks at few partitions, and verbs after it keep its order',
    program: async (ctx) => {
      const sorted = shuffled(ctx, 100, 4).sortBy((n) => n)
      await sorted.count()
      return [
        await stagesOf(ctx, () => sorted.take(3)),
        await sorted.map((n) => n * 2).take(3),
        await sorted.filter((n) => n % 10 === 0).collect(),
      ]
    },
    expected: [[1], [0, 2, 4], [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]],
  },
  {
    name: 'what is no function is refused',
    program: async (ctx) => ctx.range(3).sortBy('n' as never),
    expected: failure('PlanError', 'sortBy (', 'function', 'string'),
  },
])

/** By value: the order of a test tells no more. */
function same(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b) && a !== null)
}

contract('repartitionAndSortWithinPartitions', [
  {
    name: 'it places by a function and sorts each partition by key, stable',
    program: (ctx) =>
      ctx
        .parallelize<number, string>(
          [
            [3, 'a'],
            [2, 'b'],
            [1, 'c'],
            [4, 'd'],
            [1, 'e'],
            [2, 'f'],
          ],
          3,
        )
        .repartitionAndSortWithinPartitions(2, (key) => key)
        .glom()
        .collect(),
    expected: [
      [
        [2, 'b'],
        [2, 'f'],
        [4, 'd'],
      ],
      [
        [1, 'c'],
        [1, 'e'],
        [3, 'a'],
      ],
    ],
  },
  {
    name: 'it sorts downwards, and by what a function gives for the key',
    program: async (ctx) => {
      const pairs = ctx.range(0, 6, 1, 3).map((n): [number, number] => [n, n])
      return [
        await pairs
          .repartitionAndSortWithinPartitions(2, (key) => key, false)
          .keys()
          .glom()
          .collect(),
        await pairs
          .repartitionAndSortWithinPartitions(
            2,
            (key) => key,
            true,
            (key) => -key,
          )
          .keys()
          .glom()
          .collect(),
      ]
    },
    expected: [
      [
        [4, 2, 0],
        [5, 3, 1],
      ],
      [
        [4, 2, 0],
        [5, 3, 1],
      ],
    ],
  },
  {
    name: 'without arguments it places by hash into as many partitions',
    program: async (ctx) => {
      const parts = await shuffled(ctx, 200, 3)
        .map((n): [number, number] => [n % 50, n])
        .repartitionAndSortWithinPartitions()
        .keys()
        .glom()
        .collect()
      const owners = new Map<number, Set<number>>()
      for (const [i, keys] of parts.entries())
        for (const key of keys) owners.set(key, (owners.get(key) ?? new Set()).add(i))
      return [
        parts.length,
        parts.every((keys) => keys.every((key, i) => i === 0 || (keys[i - 1] as number) <= key)),
        [...owners.values()].every((set) => set.size === 1),
        parts.flat().length,
      ]
    },
    expected: [3, true, true, 200],
  },
])

contract('the first rows in order', [
  {
    name: 'top gives the largest, takeOrdered the smallest',
    program: async (ctx) => {
      const rows = ctx.parallelize([10, 4, 2, 12, 3], 3)
      return [await rows.top(2), await rows.takeOrdered(2), await rows.top(99), await rows.takeOrdered(0)]
    },
    expected: [[12, 10], [2, 3], [12, 10, 4, 3, 2], []],
  },
  {
    name: 'a key function decides, and ties go by the order of rows',
    program: async (ctx) => {
      const words = ctx.parallelize(['bb', 'a', 'cc', 'd', 'eee', 'ff'], 3)
      return [
        await words.top(3, (word) => word.length),
        await words.takeOrdered(3, (word) => word.length),
        await words.takeOrdered(2, (word) => -word.length),
      ]
    },
    expected: [
      ['eee', 'bb', 'cc'],
      ['a', 'd', 'bb'],
      ['eee', 'bb'],
    ],
  },
  {
    name: 'NaN is the largest, null the smallest, of all types',
    program: async (ctx) => {
      const rows = ctx.parallelize<unknown>([1, Number.NaN, null, 2, undefined, true], 4)
      return [await rows.top(2), await rows.takeOrdered(3)]
    },
    expected: [
      [Number.NaN, 2],
      [null, undefined, true],
    ],
  },
  {
    name: 'top of less than one row, and of nothing, is nothing',
    program: async (ctx) => [
      await ctx.range(3).top(0),
      await ctx.range(3).top(-1),
      await ctx.empty<number>().top(2),
      await ctx.parallelize<number>([], 3).takeOrdered(2),
    ],
    expected: [[], [], [], []],
  },
  {
    name: 'takeOrdered of a negative number is refused',
    program: (ctx) => ctx.range(3).takeOrdered(-1),
    expected: failure('PlanError', 'takeOrdered (', '-1'),
  },
  {
    name: 'top of a fraction is refused, and of a key that is no function',
    program: async (ctx) => {
      const said = async (rows: Promise<unknown>): Promise<unknown> =>
        rows.catch((error: Error) => [error.name, error.message.startsWith('top (')])
      return [await said(ctx.range(3).top(1.5)), await said(ctx.range(3).top(1, 'n' as never))]
    },
    expected: [
      ['PlanError', true],
      ['PlanError', true],
    ],
  },
  {
    name: 'rows without an order are an error that names them',
    program: (ctx) => ctx.parallelize([{ a: 1 }], 1).top(1),
    expected: failure('TaskError', 'top (', 'Object', 'no order'),
  },
  {
    name: 'the top of many rows',
    program: (ctx) => shuffled(ctx, 50_000, 4).top(3),
    expected: [49_999, 49_998, 49_997],
  },
])

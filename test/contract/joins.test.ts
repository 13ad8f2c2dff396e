/** The contract of joins and cogroups: which pairs they make, of which sides, and when nothing has to move for them. */
import type { Context, Dataset } from 'kindling'
import { contract, failure, stagesOf, unordered } from './engines.ts'

type Pairs<V> = Dataset<[string, V]>

/** b twice, c and d once. */
const left = (ctx: Context, slices = 3): Pairs<number> =>
  ctx.parallelize<string, number>(
    [
      ['b', 1],
      ['c', 2],
      ['b', 3],
      ['d', 4],
    ],
    slices,
  )

/** a once, b twice, d once. */
const right = (ctx: Context, slices = 2): Pairs<string> =>
  ctx.parallelize<string, string>(
    [
      ['a', 'p'],
      ['b', 'q'],
      ['b', 'r'],
      ['d', 's'],
    ],
    slices,
  )

const INNER = [
  ['b', [1, 'q']],
  ['b', [1, 'r']],
  ['b', [3, 'q']],
  ['b', [3, 'r']],
  ['d', [4, 's']],
]

const shuffles = async (rows: Dataset<unknown>): Promise<number> =>
  (await rows.explain()).match(/shuffled/g)?.length ?? 0

contract('joins', [
  {
    name: 'a join pairs the values of equal keys, duplicates multiply',
    program: async (ctx) => unordered(await left(ctx).join(right(ctx)).collect()),
    expected: unordered(INNER),
  },
  {
    name: 'the left join keeps all of the left, with undefined for what is absent',
    program: async (ctx) => unordered(await left(ctx).leftOuterJoin(right(ctx)).collect()),
    expected: unordered([...INNER, ['c', [2, undefined]]]),
  },
  {
    name: 'the right join keeps all of the right',
    program: async (ctx) => unordered(await left(ctx).rightOuterJoin(right(ctx)).collect()),
    expected: unordered([...INNER, ['a', [undefined, 'p']]]),
  },
  {
    name: 'the full join keeps all of both',
    program: async (ctx) => unordered(await left(ctx).fullOuterJoin(right(ctx)).collect()),
    expected: unordered([...INNER, ['a', [undefined, 'p']], ['c', [2, undefined]]]),
  },
  {
    name: 'a null and an undefined value are matches, and stay what they are',
    program: async (ctx) => {
      const nulls = ctx.parallelize<number, null | undefined>(
        [
          [1, null],
          [2, undefined],
        ],
        2,
      )
      const ones = ctx.parallelize<number, number>(
        [
          [1, 10],
          [2, 20],
          [3, 30],
        ],
        2,
      )
      return [unordered(await nulls.join(ones).collect()), unordered(await ones.leftOuterJoin(nulls).collect())]
    },
    expected: [
      [
        [1, [null, 10]],
        [2, [undefined, 20]],
      ],
      [
        [1, [10, null]],
        [2, [20, undefined]],
        [3, [30, undefined]],
      ],
    ],
  },
  {
    name: 'the values of a key are paired in the order of rows, the left one first',
    program: async (ctx) => {
      const a = ctx.range(0, 4, 1, 2).map((n): [string, number] => ['k', n])
      const b = ctx.range(0, 3, 1, 3).map((n): [string, number] => ['k', n * 10])
      return (await a.join(b).values().collect()).map(([x, y]) => x + y)
    },
    expected: [0, 10, 20, 1, 11, 21, 2, 12, 22, 3, 13, 23],
  },
  {
    name: 'joins with an empty side',
    program: async (ctx) => {
      const none = ctx.empty<[string, number]>()
      const one = ctx.parallelize<string, number>([['a', 1]], 2)
      return [
        await one.join(none).collect(),
        await none.join(one).collect(),
        await one.leftOuterJoin(none).collect(),
        await none.leftOuterJoin(one).collect(),
        await none.rightOuterJoin(one).collect(),
        await none.fullOuterJoin(one).collect(),
        await one.subtractByKey(none).collect(),
        await none.subtractByKey(one).collect(),
        await none.fullOuterJoin(none).collect(),
      ]
    },
    expected: [
      [],
      [],
      [['a', [1, undefined]]],
      [],
      [['a', [undefined, 1]]],
      [['a', [undefined, 1]]],
      [['a', 1]],
      [],
      [],
    ],
  },
  {
    name: 'the partitions of a join are those of the larger side, unless they are given',
    program: async (ctx) => [
      left(ctx, 3).join(right(ctx, 2)).getNumPartitions(),
      left(ctx, 2).fullOuterJoin(right(ctx, 5)).getNumPartitions(),
      left(ctx).join(right(ctx), 7).getNumPartitions(),
      left(ctx, 2).cogroup(right(ctx, 4)).getNumPartitions(),
      left(ctx, 2).subtractByKey(right(ctx, 4)).getNumPartitions(),
    ],
    expected: [3, 5, 7, 4, 2],
  },
  {
    name: 'a dataset joined with itself moves once',
    program: async (ctx) => {
      const rows = left(ctx)
      const joined = rows.join(rows)
      return [await joined.count(), unordered((await joined.mapValues(([a, b]) => a * b).collect()).map(String))]
    },
    expected: [6, unordered(['b,1', 'b,3', 'b,3', 'b,9', 'c,4', 'd,16'])],
  },
  {
    name: 'subtractByKey keeps pairs whose key the other lacks, duplicates too',
    program: async (ctx) => {
      const more = left(ctx).union(ctx.parallelize<string, number>([['c', 5]], 1))
      return [
        unordered(await more.subtractByKey(right(ctx)).collect()),
        await right(ctx).subtractByKey(left(ctx)).collect(),
      ]
    },
    expected: [
      [
        ['c', 2],
        ['c', 5],
      ],
      [['a', 'p']],
    ],
  },
  {
    name: 'a join of many rows finds every match',
    program: async (ctx) => {
      const a = ctx.range(0, 20_000, 1, 3).map((n): [number, number] => [n, n])
      const b = ctx.range(0, 40_000, 2, 4).map((n): [number, number] => [n, -n])
      const joined = a.join(b)
      return [await joined.count(), await joined.filter(([k, [x, y]]) => k !== x || x !== -y).count()]
    },
    expected: [10_000, 0],
  },
  {
    name: 'datasets of two contexts, and what is none, are refused',
    program: async (ctx) => left(ctx).join([['a', 1]] as never),
    expected: failure('PlanError', 'join (', 'dataset'),
  },
  {
    name: 'a number of partitions below 1 is refused',
    program: async (ctx) => left(ctx).fullOuterJoin(right(ctx), 0),
    expected: failure('PlanError', 'fullOuterJoin (', 'partitions', '0'),
  },
])

contract('cogroups', [
  {
    name: 'cogroup gives for each key the values of both, an empty array for a side that lacks it',
    program: async (ctx) => unordered(await left(ctx).cogroup(right(ctx)).collect()),
    expected: [
      ['a', [[], ['p']]],
      [
        'b',
        [
          [1, 3],
          ['q', 'r'],
        ],
      ],
      ['c', [[2], []]],
      ['d', [[4], ['s']]],
    ],
  },
  {
    name: 'groupWith takes any number of datasets',
    program: async (ctx) => {
      const flags = ctx.parallelize<string, boolean>([['d', true]], 1)
      return [
        unordered(await left(ctx).groupWith(right(ctx), flags, left(ctx)).collect()).at(-1),
        unordered(await left(ctx).groupWith().collect()).at(-1),
      ]
    },
    expected: [
      ['d', [[4], ['s'], [true], [4]]],
      ['d', [[4]]],
    ],
  },
  {
    name: 'groups of a cogroup can be changed and walked twice',
    program: async (ctx) =>
      unordered(
        await left(ctx)
          .cogroup(right(ctx))
          .mapValues(([a, b]) => {
            a.push(0)
            return [...a, ...a].length + b.length
          })
          .collect(),
      ),
    expected: [
      ['a', 3],
      ['b', 8],
      ['c', 4],
      ['d', 5],
    ],
  },
])

contract('joins of what lies by key', [
  {
    name: 'a join of two datasets that lie alike moves nothing',
    program: async (ctx) => {
      const a = left(ctx).partitionBy(4)
      const b = right(ctx).partitionBy(4)
      const joined = a.join(b)
      await a.count()
      await b.count()
      return [
        await shuffles(joined),
        await stagesOf(ctx, () => joined.count()),
        unordered(await joined.collect()).length,
        joined.getNumPartitions(),
      ]
    },
    expected: [2, [4], 5, 4],
  },
  {
    name: 'a side that lies by key already is not moved, the other one is',
    program: async (ctx) => {
      const placed = left(ctx).partitionBy(4)
      return [
        await shuffles(placed.join(right(ctx))),
        placed.join(right(ctx)).getNumPartitions(),
        await shuffles(right(ctx).join(placed)),
        unordered(
          await right(ctx)
            .join(placed)
            .mapValues(([a, b]) => [b, a])
            .collect(),
        ),
      ]
    },
    expected: [2, 4, 2, unordered(INNER)],
  },
  {
    name: 'a side that lies by the same function is not moved, one by another function is',
    program: async (ctx) => {
      const place = (key: string): number => key.charCodeAt(0)
      const a = left(ctx).partitionBy(3, place)
      return [
        await shuffles(a.join(right(ctx).partitionBy(3, place))),
        await shuffles(a.join(right(ctx).partitionBy(3, (key: string) => key.charCodeAt(0)))),
        unordered(await a.join(right(ctx).partitionBy(3, (key: string) => key.charCodeAt(0))).collect()),
        unordered(await a.join(right(ctx).partitionBy(3, place)).collect()),
      ]
    },
    expected: [2, 3, unordered(INNER), unordered(INNER)],
  },
  {
    name: 'what was reduced or joined lies by key for the join after it',
    program: async (ctx) => {
      const sums = left(ctx).reduceByKey((a, b) => a + b, 3)
      const joined = sums.join(right(ctx), 3).mapValues(([n]) => n)
      return [await shuffles(joined), await shuffles(joined.join(sums)), unordered(await joined.join(sums).collect())]
    },
    expected: [
      2,
      2,
      unordered([
        ['b', [4, 4]],
        ['b', [4, 4]],
        ['d', [4, 4]],
      ]),
    ],
  },
  {
    name: 'subtractByKey keeps the placement of its left side',
    program: async (ctx) => {
      const placed = left(ctx).partitionBy(2)
      const less = placed.subtractByKey(right(ctx, 5))
      return [less.getNumPartitions(), await shuffles(less), await shuffles(less.reduceByKey((a, b) => a + b))]
    },
    expected: [2, 2, 2],
  },
  {
    name: 'too few partitions of one side give way to the other: both move to more',
    program: async (ctx) => {
      const placed = left(ctx).partitionBy(2)
      const joined = placed.join(right(ctx, 5))
      return [joined.getNumPartitions(), await shuffles(joined), unordered(await joined.collect())]
    },
    expected: [5, 3, unordered(INNER)],
  },
])

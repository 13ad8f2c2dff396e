/** The contract of verbs that move rows: by key, evenly, as sets. Sorts, joins and keys have files of their own. */
import type { Context, Dataset } from 'kindling'
import { expect } from 'vitest'
import { contract, failure, stagesOf, unordered } from './engines.ts'

/** a:1 b:2 a:3 c:4 b:5 a:6 in three partitions. */
const letters = (ctx: Context): Dataset<[string, number]> =>
  ctx.parallelize(
    [
      ['a', 1],
      ['b', 2],
      ['a', 3],
      ['c', 4],
      ['b', 5],
      ['a', 6],
    ],
    3,
  )

const add = (a: number, b: number): number => a + b

/** What must come through unchanged. */
const NASTY: readonly unknown[] = [
  undefined,
  null,
  Number.NaN,
  0,
  -0,
  Infinity,
  -Infinity,
  2 ** 53,
  -1.5,
  10n ** 30n,
  '',
  'é\u{1F600}',
  '\ud800x\udc00',
  true,
  new Date(5),
  new Date(Number.NaN),
  new Map<unknown, unknown>([[{ a: 1 }, new Set([1n])]]),
  new Set([undefined]),
  new Float64Array([1, -0]),
  new Uint8Array(0),
  new Uint8Array([1, 2, 3]).buffer,
  /a\/b/giu,
  [1, [2, [3]]],
  [],
  ['pair', undefined],
  { a: undefined, b: { c: [null] } },
  {},
  JSON.parse('{"__proto__": {"x": 1}}') as unknown,
]

/** An array with holes and properties, as a regular expression's match has them. */
const oddArrays = (): unknown[] => {
  const sparse: unknown[] = [1]
  sparse[2] = 3
  return [sparse, /(a)(b)?/.exec('xa')]
}

contract('folding by key', [
  {
    name: 'reduceByKey folds the values of each key',
    program: async (ctx) => unordered(await letters(ctx).reduceByKey(add).collect()),
    expected: [
      ['a', 10],
      ['b', 7],
      ['c', 4],
    ],
  },
  {
    name: 'reduceByKey keeps the partition count unless another is given',
    program: async (ctx) => [
      letters(ctx).reduceByKey(add).getNumPartitions(),
      letters(ctx).reduceByKey(add, 7).getNumPartitions(),
      (await letters(ctx).reduceByKey(add, 7).glom().collect()).length,
      (await letters(ctx).reduceByKey(add, 1).glom().collect()).length,
    ],
    expected: [3, 7, 7, 1],
  },
  {
    name: 'the values of a key meet in the order of rows',
    program: async (ctx) => {
      const texts = ctx.range(0, 40, 1, 5).map((n): [number, string] => [n % 2, `${n} `])
      return unordered(await texts.reduceByKey((a, b) => a + b, 3).collect())
    },
    expected: [0, 1].map((k) => [k, Array.from({ length: 20 }, (_, i) => `${2 * i + k} `).join('')]),
  },
  {
    name: 'reduceByKey does not call its function for a lone value',
    program: async (ctx) =>
      unordered(
        await ctx
          .range(0, 4, 1, 2)
          .map((n): [number, number] => [n, n])
          .reduceByKey((): number => {
            throw new Error('called')
          })
          .collect(),
      ),
    expected: [0, 1, 2, 3].map((n) => [n, n]),
  },
  {
    name: 'foldByKey begins with its zero once for each key and partition',
    program: async (ctx) => {
      const pairs = ctx.parallelize(
        [
          ['a', 1],
          ['a', 1],
          ['a', 1],
        ] as [string, number][],
        2,
      )
      return pairs.foldByKey(10, add).collect()
    },
    expected: [['a', 23]],
  },
  {
    name: 'aggregateByKey makes a fresh zero for each key and partition: 10 over two partitions is 22',
    program: (ctx) =>
      ctx
        .parallelize(
          [
            ['a', 1],
            ['a', 1],
          ] as [string, number][],
          2,
        )
        .aggregateByKey(10, add, add)
        .collect(),
    expected: [['a', 22]],
  },
  {
    name: 'the zero of aggregateByKey may be changed in place, and the caller keeps his',
    program: async (ctx) => {
      const zero: number[] = []
      const lists = letters(ctx).aggregateByKey(
        zero,
        (list, n) => {
          list.push(n)
          return list
        },
        (a, b) => {
          a.push(...b)
          return a
        },
      )
      return [unordered(await lists.collect()), unordered(await lists.collect()), zero]
    },
    expected: [
      [
        ['a', [1, 3, 6]],
        ['b', [2, 5]],
        ['c', [4]],
      ],
      [
        ['a', [1, 3, 6]],
        ['b', [2, 5]],
        ['c', [4]],
      ],
      [],
    ],
  },
  {
    name: 'foldByKey may change its first argument without changing what is cached',
    program: async (ctx) => {
      const rows = letters(ctx)
        .mapValues((n) => ({ n }))
        .cache()
      const folded = rows.foldByKey({ n: 0 }, (a, b) => {
        a.n += b.n
        return a
      })
      const before = await rows.values().collect()
      const sums = unordered(await folded.collect())
      return [sums, unordered(await folded.collect()), before, await rows.values().collect()]
    },
    expected: [
      [
        ['a', { n: 10 }],
        ['b', { n: 7 }],
        ['c', { n: 4 }],
      ],
      [
        ['a', { n: 10 }],
        ['b', { n: 7 }],
        ['c', { n: 4 }],
      ],
      [1, 2, 3, 4, 5, 6].map((n) => ({ n })),
      [1, 2, 3, 4, 5, 6].map((n) => ({ n })),
    ],
  },
  {
    name: 'combineByKey creates, merges values, merges what was combined, and may change its first argument',
    program: async (ctx) =>
      unordered(
        await letters(ctx)
          .combineByKey(
            (n) => ({ first: n, all: [n] }),
            (combined, n) => {
              combined.all.push(n)
              return combined
            },
            (a, b) => {
              a.all.push(...b.all)
              return a
            },
          )
          .collect(),
      ),
    expected: [
      ['a', { first: 1, all: [1, 3, 6] }],
      ['b', { first: 2, all: [2, 5] }],
      ['c', { first: 4, all: [4] }],
    ],
  },
  {
    name: 'a function that gives undefined is taken at its word',
    program: async (ctx) =>
      unordered(
        await letters(ctx)
          .mapValues((n): number | undefined => n)
          .reduceByKey(() => undefined)
          .collect(),
      ),
    expected: [
      ['a', undefined],
      ['b', undefined],
      ['c', 4],
    ],
  },
  {
    name: 'a key with nearly all of the rows, and very many keys, give what they should',
    program: async (ctx) => {
      const skewed = ctx.range(0, 60_000, 1, 4).map((n): [number, number] => [n % 10 === 0 ? n : -1, 1])
      const sums = skewed.reduceByKey(add)
      return [await sums.count(), await sums.lookup(-1), (await skewed.groupByKey().lookup(-1))[0]?.length]
    },
    expected: [6001, [54_000], 54_000],
  },
  {
    name: 'an error in a combining function names the verb, its place and the message',
    program: (ctx) =>
      letters(ctx)
        .reduceByKey((): number => {
          throw new Error('odd values')
        })
        .collect(),
    expected: failure('TaskError', 'reduceByKey (', 'odd values'),
  },
  {
    name: 'a combining function that gives a promise is refused with advice',
    program: (ctx) =>
      letters(ctx)
        .reduceByKey((async (a: number) => a) as never)
        .collect(),
    expected: failure('DataError', 'reduceByKey (', 'promise', 'mapAsync'),
  },
  {
    name: 'what is no function, and no number of partitions, is refused at the call',
    program: async (ctx) => {
      const said: string[] = []
      const rows = letters(ctx)
      for (const call of [
        () => rows.reduceByKey('plus' as never),
        () => rows.reduceByKey(add, 0),
        () => rows.groupByKey(1.5),
        () => rows.combineByKey(add as never, add, undefined as never),
        () => rows.distinct(-1),
        () => rows.groupBy(1 as never),
        () => rows.partitionBy(0),
        () => rows.partitionBy(2, 7 as never),
        () => rows.repartition(0),
        () => rows.intersection(rows, 0),
        () => rows.subtract(rows, Number.NaN),
      ]) {
        try {
          call()
          said.push('nothing')
        } catch (error) {
          const { name, message } = error as Error
          said.push(`${name} ${/^(\w+) \(.*shuffles\.test\.ts:\d+:\d+\)/.exec(message)?.[1] ?? message}`)
        }
      }
      return said
    },
    expected: [
      'reduceByKey',
      'reduceByKey',
      'groupByKey',
      'combineByKey',
      'distinct',
      'groupBy',
      'partitionBy',
      'partitionBy',
      'repartition',
      'intersection',
      'subtract',
    ].map((verb) => `PlanError ${verb}`),
  },
  {
    name: 'reduceByKeyLocally gives a Map',
    program: async (ctx) => letters(ctx).reduceByKeyLocally(add),
    expected: new Map([
      ['a', 10],
      ['b', 7],
      ['c', 4],
    ]),
  },
])

contract('grouping', [
  {
    name: 'groupByKey gives all values of a key, in the order of rows',
    program: async (ctx) => unordered(await letters(ctx).groupByKey().collect()),
    expected: [
      ['a', [1, 3, 6]],
      ['b', [2, 5]],
      ['c', [4]],
    ],
  },
  {
    name: 'groups can be walked twice',
    program: async (ctx) =>
      unordered(
        await letters(ctx)
          .groupByKey()
          .mapValues((values) => [...values, ...values].length)
          .collect(),
      ),
    expected: [
      ['a', 6],
      ['b', 4],
      ['c', 2],
    ],
  },
  {
    name: 'groupBy groups rows by what its function gives',
    program: async (ctx) =>
      unordered(
        await ctx
          .range(0, 7, 1, 3)
          .groupBy((n) => n % 3)
          .collect(),
      ),
    expected: [
      [0, [0, 3, 6]],
      [1, [1, 4]],
      [2, [2, 5]],
    ],
  },
  {
    name: 'what is grouped may be undefined',
    program: (ctx) =>
      ctx
        .parallelize([undefined, null, undefined], 2)
        .groupBy(() => undefined)
        .collect(),
    expected: [[undefined, [undefined, null, undefined]]],
  },
  {
    name: 'countByKey and countByValue count',
    program: async (ctx) => [
      await letters(ctx).countByKey(),
      await ctx.parallelize(['x', 'y', 'x'], 3).countByValue(),
      await ctx.empty().countByValue(),
    ],
    expected: [
      new Map([
        ['a', 3],
        ['b', 2],
        ['c', 1],
      ]),
      new Map([
        ['x', 2],
        ['y', 1],
      ]),
      new Map(),
    ],
  },
  {
    name: 'the last value of a key wins in collectAsMap',
    program: (ctx) => letters(ctx).collectAsMap(),
    expected: new Map([
      ['a', 6],
      ['b', 5],
      ['c', 4],
    ]),
  },
  {
    name: 'lookup gives the values of a key in order, none for a key that is not there',
    program: async (ctx) => [
      await letters(ctx).lookup('a'),
      await letters(ctx).lookup('z'),
      await ctx.empty<[string, number]>().lookup('a'),
    ],
    expected: [[1, 3, 6], [], []],
  },
  {
    name: 'lookup computes one partition where pairs lie by key, by hash or by a function',
    program: async (ctx) => {
      const hashed = letters(ctx).partitionBy(4)
      const placed = letters(ctx).partitionBy(4, (key) => key.charCodeAt(0))
      await hashed.count()
      await placed.count()
      const run = async (rows: Dataset<[string, number]>, key: string): Promise<unknown> => {
        const tasks = await stagesOf(ctx, () => rows.lookup(key))
        return [tasks.at(-1), await rows.lookup(key)]
      }
      return [await run(hashed, 'a'), await run(hashed, 'z'), await run(placed, 'b'), await run(placed, 'z')]
    },
    expected: [
      [1, [1, 3, 6]],
      [1, []],
      [1, [2, 5]],
      [1, []],
    ],
  },
])

contract('placing', [
  {
    name: 'partitionBy keeps equal keys together, in their order, all rows kept',
    program: async (ctx) => {
      const parts = await letters(ctx).partitionBy(2).glom().collect()
      const places = new Map<string, Set<number>>()
      for (const [i, part] of parts.entries())
        for (const [key] of part) places.set(key, (places.get(key) ?? new Set()).add(i))
      return [
        parts.length,
        [...places.values()].every((set) => set.size === 1),
        unordered(parts.flat()),
        parts
          .flat()
          .filter(([key]) => key === 'a')
          .map(([, n]) => n),
      ]
    },
    expected: [
      2,
      true,
      [
        ['a', 1],
        ['a', 3],
        ['a', 6],
        ['b', 2],
        ['b', 5],
        ['c', 4],
      ],
      [1, 3, 6],
    ],
  },
  {
    name: 'the function of partitionBy is taken modulo the partitions, downwards',
    program: (ctx) =>
      ctx
        .parallelize([-4, -1, 0, 2.7, 3, 7], 2)
        .map((n): [number, string] => [n, 'v'])
        .partitionBy(3, (n) => n)
        .keys()
        .glom()
        .collect(),
    expected: [[0, 3], [7], [-4, -1, 2.7]],
  },
  {
    name: 'a partition function that gives no number is refused',
    program: async (ctx) => {
      const said: unknown[] = []
      for (const value of [Number.NaN, Infinity, '1', undefined, null, 1n]) {
        const placed = letters(ctx).partitionBy(2, () => value as number)
        said.push(
          await placed.count().catch((error: Error) => /partitionBy \(.*partition function/.test(error.message)),
        )
      }
      return said
    },
    expected: [true, true, true, true, true, true],
  },
  {
    name: 'lookup of a key that the partition function has no number for is refused alike',
    program: (ctx) =>
      letters(ctx)
        .partitionBy(2, (key) => (key === 'z' ? Number.NaN : 1))
        .lookup('z'),
    expected: failure('DataError', 'lookup (', 'partition function', 'NaN'),
  },
  {
    name: 'the same keys lie in the same partitions, whatever their dataset',
    program: async (ctx) => {
      const keys = [1, '1', 1n, null, undefined, [1, 'a'], { a: 1 }, new Date(1), true, -0.5, Number.NaN, 'é']
      const place = async (slices: number): Promise<unknown> =>
        ctx
          .parallelize(keys, slices)
          .map((key): [unknown, number] => [key, 0])
          .partitionBy(5)
          .keys()
          .glom()
          .collect()
          .then((parts) => parts.map(unordered))
      return JSON.stringify(await place(1), text) === JSON.stringify(await place(4), text)
    },
    expected: true,
  },
])

/** For JSON, which has no bigint. */
function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value
}

contract('spreading', [
  {
    name: 'repartition spreads rows evenly, none empty when there are enough, in their order',
    program: async (ctx) => {
      const rows = ctx
        .range(0, 100, 1, 4)
        .filter((n) => n < 20)
        .repartition(6)
      const parts = await rows.glom().collect()
      return [rows.getNumPartitions(), parts.map((part) => part.length), unordered(parts.flat().map(String)).length]
    },
    expected: [6, [3, 3, 4, 3, 3, 4], 20],
  },
  {
    name: 'repartition to more partitions than rows, to one, and of nothing',
    program: async (ctx) => [
      (await ctx.range(0, 2, 1, 1).repartition(5).glom().collect()).map((part) => part.length).sort(),
      (await ctx.range(0, 9, 1, 4).repartition(1).glom().collect()).map((part) => part.length),
      await ctx.empty<number>().repartition(3).glom().collect(),
      await ctx.parallelize([], 2).repartition(3).glom().collect(),
    ],
    expected: [[0, 0, 0, 1, 1], [9], [[], [], []], [[], [], []]],
  },
  {
    name: 'coalesce with a shuffle can make more partitions, and without one it cannot',
    program: async (ctx) => {
      const rows = ctx.range(0, 12, 1, 2)
      return [
        rows.coalesce(4).getNumPartitions(),
        rows.coalesce(4, true).getNumPartitions(),
        (await rows.coalesce(4, true).glom().collect()).map((part) => part.length),
        await rows.coalesce(1, true).sum(),
      ]
    },
    expected: [2, 4, [3, 3, 3, 3], 66],
  },
  {
    name: 'rows of many blocks are spread without losing one',
    program: async (ctx) => {
      const parts = await ctx.range(0, 30_000, 1, 3).repartition(7).glom().collect()
      const all = parts.flat()
      return [
        Math.max(...parts.map((part) => part.length)) - Math.min(...parts.map((part) => part.length)) <= 1,
        new Set(all).size,
        all.length,
      ]
    },
    expected: [true, 30_000, 30_000],
  },
])

contract('sets', [
  {
    name: 'distinct keeps one of each',
    program: async (ctx) =>
      unordered(await ctx.parallelize([3, 1, 3, 2, 1, Number.NaN, Number.NaN, -0, 0], 4).distinct().collect()),
    expected: [0, 1, 2, 3, Number.NaN],
  },
  {
    name: 'distinct of objects compares content, and of nothing is nothing',
    program: async (ctx) => [
      unordered(
        await ctx
          .parallelize<object>([{ a: 1, b: 2 }, { b: 2, a: 1 }, [1], [1]], 3)
          .distinct(2)
          .collect(),
      ),
      await ctx.empty().distinct().collect(),
      ctx.empty().distinct().getNumPartitions(),
    ],
    expected: [[[1], { a: 1, b: 2 }], [], 0],
  },
  {
    name: 'intersection drops duplicates, subtract keeps them',
    program: async (ctx) => {
      const left = ctx.parallelize([1, 1, 2, 3, 3, 3], 3)
      const right = ctx.parallelize([1, 1, 2, 5], 2)
      return [unordered(await left.intersection(right).collect()), await left.subtract(right).collect()]
    },
    expected: [
      [1, 2],
      [3, 3, 3],
    ],
  },
  {
    name: 'undefined, null and NaN are members like any other',
    program: async (ctx) => {
      const left = ctx.parallelize([undefined, null, Number.NaN, 1], 2)
      const right = ctx.parallelize([null, undefined, Number.NaN], 3)
      return [unordered(await left.intersection(right).collect()), await left.subtract(right).collect()]
    },
    expected: [[Number.NaN, null, undefined], [1]],
  },
  {
    name: 'the partitions of subtract are those of the left side, of intersection those of the larger',
    program: async (ctx) => {
      const [small, large] = [ctx.range(0, 2, 1, 2), ctx.range(0, 5, 1, 5)]
      return [
        small.subtract(large).getNumPartitions(),
        large.subtract(small).getNumPartitions(),
        small.intersection(large).getNumPartitions(),
        small.intersection(large, 3).getNumPartitions(),
      ]
    },
    expected: [2, 5, 5, 3],
  },
  {
    name: 'sets with nothing on a side',
    program: async (ctx) => {
      const some = ctx.parallelize([1, 2], 2)
      const none = ctx.empty<number>()
      return [
        await some.intersection(none).collect(),
        await none.intersection(some).collect(),
        unordered(await some.subtract(none).collect()),
        await none.subtract(some).collect(),
      ]
    },
    expected: [[], [], [1, 2], []],
  },
  {
    name: 'cartesian gives every pair, the left row first to change, partition i·m+j',
    program: async (ctx) => {
      const product = ctx.range(0, 3, 1, 2).cartesian(ctx.parallelize(['x', 'y'], 2))
      return [product.getNumPartitions(), await product.glom().collect()]
    },
    expected: [
      4,
      [
        [[0, 'x']],
        [[0, 'y']],
        [
          [1, 'x'],
          [2, 'x'],
        ],
        [
          [1, 'y'],
          [2, 'y'],
        ],
      ],
    ],
  },
  {
    name: 'cartesian goes through all of the right for each row of the left',
    program: (ctx) =>
      ctx
        .range(0, 2, 1, 1)
        .cartesian(ctx.range(0, 2, 1, 1))
        .collect(),
    expected: [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ],
  },
  {
    name: 'cartesian with nothing is nothing, with itself every pair',
    program: async (ctx) => {
      const rows = ctx.range(0, 30, 1, 3).map((n) => n % 7)
      return [await rows.cartesian(ctx.empty()).count(), await rows.cartesian(rows).count()]
    },
    expected: [0, 900],
  },
])

contract('what comes through a shuffle', [
  {
    name: 'every value that can be cloned, as a value',
    program: async (ctx) =>
      (
        await ctx
          .parallelize(
            [...NASTY, ...oddArrays()].map((value, i): [number, unknown] => [i, value]),
            3,
          )
          .partitionBy(4)
          .collect()
      )
        .sort((a, b) => a[0] - b[0])
        .map(([, value]) => value),
    expected: [...NASTY, ...oddArrays()],
  },
  {
    name: 'one kind after another, many rows of each, so that they travel in columns',
    program: async (ctx) => {
      const wrong: string[] = []
      for (const value of [...NASTY, ...oddArrays()]) {
        const rows = await ctx.parallelize([value, value, value], 1).repartition(1).collect()
        const pairs = await ctx
          .parallelize([value, value], 1)
          .map((row): [string, unknown] => ['k', { row }])
          .groupByKey()
          .collect()
        if (rows.length !== 3 || (pairs[0]?.[1].length ?? 0) !== 2) wrong.push(String(value))
        for (const row of rows) if (!isSame(row, value)) wrong.push(String(value))
        for (const { row } of (pairs[0]?.[1] ?? []) as { row: unknown }[])
          if (!isSame(row, value)) wrong.push(String(value))
      }
      return wrong
    },
    expected: [],
  },
  {
    name: 'an instance of a class is refused with its name and the verb that moves it',
    program: (ctx) =>
      ctx
        .range(2)
        .map((n): [number, URL] => [n, new URL('http://a')])
        .groupByKey()
        .collect(),
    expected: failure('DataError', 'groupByKey (', 'URL'),
  },
  {
    name: 'what is collected is a copy',
    program: async (ctx) => {
      const rows = ctx
        .parallelize([{ list: [1] }], 1)
        .repartition(1)
        .cache()
      const [row] = await rows.collect()
      row?.list.push(2)
      return rows.collect()
    },
    expected: [{ list: [1] }],
  },
  {
    name: 'a function may change a row that was shuffled: the next action gets it as it was',
    program: async (ctx) => {
      const rows = ctx.parallelize([{ n: 1 }, { n: 2 }], 2).repartition(2)
      const changed = rows.map((row) => {
        row.n *= 10
        return row.n
      })
      return [unordered(await changed.collect()), unordered(await changed.collect())]
    },
    expected: [
      [10, 20],
      [10, 20],
    ],
  },
])

/** By value, down to -0, holes and properties. */
function isSame(a: unknown, b: unknown): boolean {
  try {
    expect(a).toStrictEqual(b)
    return true
  } catch {
    return false
  }
}

contract('reuse', [
  {
    name: 'a second action on a shuffled dataset reads what the first one moved',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const sums = letters(ctx)
        .map((pair) => {
          calls.add(1)
          return pair
        })
        .reduceByKey(add)
      const counts: number[] = []
      await sums.count()
      counts.push(calls.value)
      await sums.collect()
      await sums.mapValues((n) => n + 1).count()
      counts.push(calls.value)
      return counts
    },
    expected: [6, 6],
  },
  {
    name: 'so do actions at the same time, and a dataset used twice in one plan',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const sums = letters(ctx)
        .map((pair) => {
          calls.add(1)
          return pair
        })
        .reduceByKey(add)
      const joined = sums.join(sums.mapValues((n) => -n))
      await Promise.all([sums.count(), joined.count(), sums.collect()])
      return [calls.value, unordered(await joined.collect())]
    },
    expected: [
      6,
      [
        ['a', [10, -10]],
        ['b', [7, -7]],
        ['c', [4, -4]],
      ],
    ],
  },
  {
    name: 'a stage whose rows lie there already does not run again',
    program: async (ctx) => {
      const sums = letters(ctx).reduceByKey(add)
      return [await stagesOf(ctx, () => sums.count()), await stagesOf(ctx, () => sums.count())]
    },
    expected: [[3, 3], [3]],
  },
  {
    name: 'verbs by key after partitionBy, and after each other, do not move rows again',
    program: async (ctx) => {
      const placed = letters(ctx).partitionBy(2)
      const chain = placed
        .filter(([, n]) => n > 1)
        .mapValues((n) => n * 2)
        .flatMapValues((n) => [n, n])
        .reduceByKey(add)
        .groupByKey()
        .mapValues((values) => values.length)
        .foldByKey(0, add)
      return [
        await stagesOf(ctx, () => chain.count()),
        (await chain.explain()).match(/shuffled/g)?.length,
        unordered(await chain.collect()),
      ]
    },
    expected: [
      [3, 2],
      1,
      [
        ['a', 1],
        ['b', 1],
        ['c', 1],
      ],
    ],
  },
  {
    name: 'map forgets where keys lie, and another number of partitions moves rows',
    program: async (ctx) => {
      const placed = letters(ctx).partitionBy(2)
      const shuffles = async (rows: Dataset<unknown>): Promise<number> =>
        (await rows.explain()).match(/shuffled/g)?.length ?? 0
      return [
        await shuffles(placed.reduceByKey(add)),
        await shuffles(placed.map(([key, n]): [string, number] => [key, n]).reduceByKey(add)),
        await shuffles(placed.reduceByKey(add, 3)),
        await shuffles(placed.partitionBy(2)),
        await shuffles(placed.partitionBy(2, (key) => key.length)),
        await shuffles(placed.keys().distinct()),
      ]
    },
    expected: [1, 2, 2, 1, 2, 2],
  },
  {
    name: 'the order of rows within a key stays through verbs that need no move',
    program: async (ctx) => {
      const placed = letters(ctx).partitionBy(2, () => 0)
      return [await placed.groupByKey().count(), (await placed.groupByKey().lookup('a'))[0], placed.numPartitions]
    },
    expected: [3, [1, 3, 6], 2],
  },
])

contract('nothing to move', [
  {
    name: 'shuffles of no partitions have none, and give nothing',
    program: async (ctx) => {
      const none = ctx.empty<[string, number]>()
      const all: readonly Dataset<unknown>[] = [
        none.reduceByKey(add),
        none.reduceByKey(add, 3),
        none.groupByKey(),
        none.partitionBy(2),
        none.sortByKey(),
        none.distinct(),
        none.groupBy((row) => row),
        none.join(none),
        none.cogroup(none),
        none.subtract(none),
      ]
      const found: unknown[] = []
      for (const rows of all) found.push([rows.getNumPartitions(), await rows.collect(), await rows.count()])
      return found
    },
    expected: Array.from({ length: 10 }, () => [0, [], 0]),
  },
  {
    name: 'empty partitions are kept, and give nothing',
    program: async (ctx) => {
      const none = ctx.parallelize<[string, number]>([], 3)
      return [
        await none.reduceByKey(add).glom().collect(),
        await none.sortByKey().glom().collect(),
        await none.repartition(2).glom().collect(),
      ]
    },
    expected: [
      [[], [], []],
      [[], [], []],
      [[], []],
    ],
  },
])

contract('splits and samples', [
  {
    name: 'the parts of randomSplit are disjoint and together all rows, in order',
    program: async (ctx) => {
      const parts = ctx.range(0, 1000, 1, 3).randomSplit([1, 2, 1], 7)
      const rows: number[][] = []
      for (const part of parts) rows.push(await part.collect())
      const all = rows.flat()
      return [
        rows.map((part) => part.length > 150),
        rows.every((part) => part.every((n, i) => i === 0 || n > (part[i - 1] as number))),
        new Set(all).size,
        all.length,
      ]
    },
    expected: [[true, true, true], true, 1000, 1000],
  },
  {
    name: 'the same seed gives the same parts, and without one all actions see the same rows',
    program: async (ctx) => {
      const rows = ctx.range(0, 200, 1, 2)
      const seeded = async (): Promise<unknown> => rows.randomSplit([1, 1], 3)[0]?.collect()
      const [drawn] = rows.randomSplit([1, 1])
      const equal = async (a: unknown, b: unknown): Promise<boolean> =>
        JSON.stringify(await a) === JSON.stringify(await b)
      return [await equal(seeded(), seeded()), await equal(drawn?.collect(), drawn?.collect())]
    },
    expected: [true, true],
  },
  {
    name: 'a part of weight 0 is empty; weights that are negative, or all 0, are refused',
    program: async (ctx) => {
      const rows = ctx.range(0, 100, 1, 2)
      const said = (weights: number[]): unknown => {
        try {
          return rows.randomSplit(weights).length
        } catch (error) {
          return [(error as Error).name, (error as Error).message.includes('weights')]
        }
      }
      return [await rows.randomSplit([0, 1])[0]?.count(), said([1, -1]), said([0, 0]), said([]), said([Number.NaN])]
    },
    expected: [0, ['PlanError', true], ['PlanError', true], ['PlanError', true], ['PlanError', true]],
  },
  {
    name: 'sampleByKey has one rate for each key, in a Map or an object',
    program: async (ctx) => {
      const pairs = ctx.range(0, 3000, 1, 3).map((n): [string, number] => [['all', 'none', 'half'][n % 3] as string, n])
      const counts = async (rows: Dataset<[string, number]>): Promise<unknown> => {
        const map = await rows.countByKey()
        const half = map.get('half') ?? 0
        return [map.get('all'), map.get('none'), half > 350 && half < 650]
      }
      return [
        await counts(pairs.sampleByKey(false, { all: 1, none: 0, half: 0.5 }, 1)),
        await counts(
          pairs.sampleByKey(
            false,
            new Map([
              ['all', 1],
              ['none', 0],
              ['half', 0.5],
            ]),
            1,
          ),
        ),
        await pairs
          .sampleByKey(true, { all: 3, none: 0, half: 0 }, 1)
          .map(([key]) => key)
          .distinct()
          .collect(),
      ]
    },
    expected: [[1000, undefined, true], [1000, undefined, true], ['all']],
  },
  {
    name: 'sampleByKey finds the rates of keys that are not strings',
    program: async (ctx) => {
      const pairs = ctx.parallelize([1, [1, 2], null, '1'], 2).map((key): [unknown, number] => [key, 0])
      const rates = new Map<unknown, number>([
        [1, 0],
        [[1, 2], 1],
        [null, 1],
        ['1', 0],
      ])
      return pairs.sampleByKey(false, rates, 1).keys().collect()
    },
    expected: [[1, 2], null],
  },
  {
    name: 'a key without a rate is an error that names it',
    program: (ctx) =>
      letters(ctx)
        .sampleByKey(false, { a: 1, b: 1 } as never, 1)
        .count(),
    expected: failure('DataError', 'sampleByKey (', '"c"', 'rate'),
  },
  {
    name: 'a rate below 0 is refused at the call',
    program: async (ctx) => letters(ctx).sampleByKey(false, new Map([['a', -1]])),
    expected: failure('PlanError', 'sampleByKey (', '-1'),
  },
])

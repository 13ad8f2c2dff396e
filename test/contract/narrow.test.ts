/** The contract of verbs that take one row at a time, and of those that pair, number, join and draw rows. */
import type { Context, Dataset } from 'kindling'
import { contract, failure } from './engines.ts'

const FACTOR = 10

contract('verbs of one row', [
  {
    name: 'map gives f of each row',
    program: (ctx) =>
      ctx
        .range(3)
        .map((n) => n * FACTOR)
        .collect(),
    expected: [0, 10, 20],
  },
  {
    name: 'map calls its function with one argument only',
    program: (ctx) => ctx.parallelize(['10', '10', '10'], 1).map(parseInt).collect(),
    expected: [10, 10, 10],
  },
  {
    name: 'the functions of map, filter, flatMap and keyBy get one argument',
    program: (ctx) =>
      ctx
        .range(0, 2, 1, 1)
        .map((...args: unknown[]) => args.length)
        .filter((...args: unknown[]) => args.length === 1)
        .flatMap((...args: unknown[]) => [args.length])
        .keyBy((...args: unknown[]) => args.length)
        .collect(),
    expected: [
      [1, 1],
      [1, 1],
    ],
  },
  {
    name: 'the this of a function is undefined',
    program: (ctx) =>
      ctx
        .range(1)
        .map(function (this: unknown) {
          return typeof this
        })
        .collect(),
    expected: ['undefined'],
  },
  {
    name: 'map keeps undefined and null rows',
    program: (ctx) =>
      ctx
        .range(0, 2, 1, 1)
        .map((n) => (n === 0 ? undefined : null))
        .collect(),
    expected: [undefined, null],
  },
  {
    name: 'filter keeps rows in order and emptied partitions',
    program: (ctx) =>
      ctx
        .range(0, 6, 1, 3)
        .filter((n) => n > 3)
        .glom()
        .collect(),
    expected: [[], [], [4, 5]],
  },
  {
    name: 'filter takes truthy values for true',
    program: (ctx) =>
      ctx
        .parallelize(['', 'a', '0'], 1)
        .filter((s) => s as unknown as boolean)
        .collect(),
    expected: ['a', '0'],
  },
  {
    name: 'filter drops rows for which it gives nothing',
    program: (ctx) =>
      ctx
        .parallelize([0, Number.NaN, 1], 1)
        .filter((n) => n as unknown as boolean)
        .collect(),
    expected: [1],
  },
  {
    name: 'flatMap joins arrays, one level deep',
    program: (ctx) =>
      ctx
        .range(3)
        .flatMap((n) => (n === 1 ? [] : [n, [n]]))
        .collect(),
    expected: [0, [0], 2, [2]],
  },
  {
    name: 'flatMap takes strings apart by character',
    program: (ctx) =>
      ctx
        .parallelize(['a😀', 'b'], 1)
        .flatMap((s) => s)
        .collect(),
    expected: ['a', '😀', 'b'],
  },
  {
    name: 'flatMap takes generators and sets',
    program: (ctx) =>
      ctx
        .range(0, 2, 1, 1)
        .flatMap(function* (n: number) {
          yield n
          yield* new Set([n, 7])
        })
        .collect(),
    expected: [0, 0, 7, 1, 1, 7],
  },
  {
    name: 'flatMap keeps the holes of an array as undefined',
    program: (ctx) =>
      ctx
        .range(1)
        // oxlint-disable-next-line no-sparse-arrays
        .flatMap(() => [1, , 2])
        .collect(),
    expected: [1, undefined, 2],
  },
  {
    name: 'flatMap of what is not iterable is refused, with its value',
    program: (ctx) =>
      ctx
        .range(1)
        .flatMap(() => 42 as unknown as number[])
        .collect(),
    expected: failure('DataError', 'flatMap (', 'iterable', '42'),
  },
  {
    name: 'flatMap of undefined is refused',
    program: (ctx) =>
      ctx
        .range(1)
        .flatMap(() => undefined as unknown as number[])
        .collect(),
    expected: failure('DataError', 'flatMap (', 'iterable', 'undefined'),
  },
  {
    name: 'keyBy pairs a row with its key',
    program: (ctx) =>
      ctx
        .parallelize(['ab', 'c'], 1)
        .keyBy((s) => s.length)
        .collect(),
    expected: [
      [2, 'ab'],
      [1, 'c'],
    ],
  },
  {
    name: 'a chain of 250 verbs gives what each adds',
    program: (ctx) => {
      let rows = ctx.range(3)
      for (let i = 0; i < 250; i++) rows = rows.map((n) => n + 1)
      return rows.collect()
    },
    expected: [250, 251, 252],
  },
  {
    name: 'a function may remember what it saw, and each partition begins anew or goes on, but never loses a row',
    program: async (ctx) => {
      const seen = new Set<number>()
      const rows = await ctx
        .parallelize([1, 1, 2, 1], 1)
        .filter((n) => !seen.has(n) && seen.add(n).size > 0)
        .collect()
      return [rows, seen.size]
    },
    expected: [[1, 2], 0],
  },
  {
    name: 'captured values are read when the action runs',
    program: async (ctx) => {
      let factor = 1
      const rows = ctx.range(3).map((n) => n * factor)
      factor = 5
      return rows.collect()
    },
    expected: [0, 5, 10],
  },
])

contract('verbs of pairs', [
  {
    name: 'keys, values, mapValues and flatMapValues',
    program: async (ctx) => {
      const pairs = ctx.parallelize(
        [
          ['a', 1],
          ['b', 2],
        ],
        2,
      )
      return [
        await pairs.keys().collect(),
        await pairs.values().collect(),
        await pairs.mapValues((v) => v * 2).collect(),
        await pairs.flatMapValues((v) => Array.from({ length: v }, (_, i) => i)).collect(),
      ]
    },
    expected: [
      ['a', 'b'],
      [1, 2],
      [
        ['a', 2],
        ['b', 4],
      ],
      [
        ['a', 0],
        ['b', 0],
        ['b', 1],
      ],
    ],
  },
  {
    name: 'flatMapValues takes strings apart and drops keys without values',
    program: (ctx) =>
      ctx
        .parallelize(
          [
            [1, 'xy'],
            [2, ''],
          ],
          1,
        )
        .flatMapValues((s) => s)
        .collect(),
    expected: [
      [1, 'x'],
      [1, 'y'],
    ],
  },
  {
    name: 'flatMapValues refuses what is not iterable',
    program: (ctx) =>
      ctx
        .parallelize([['a', 1]], 1)
        .flatMapValues((v) => v as unknown as number[])
        .collect(),
    expected: failure('DataError', 'flatMapValues (', 'iterable'),
  },
  {
    name: 'a pair may hold undefined',
    program: (ctx) =>
      ctx
        .range(1)
        .map((n) => [n, undefined])
        .values()
        .collect(),
    expected: [undefined],
  },
  ...(['keys', 'values', 'mapValues', 'flatMapValues'] as const).map((verb) => ({
    name: `${verb} refuses a row that is no pair`,
    program: (ctx: Context) => {
      const rows = ctx.parallelize([7], 1) as unknown as Dataset<[number, number]>
      switch (verb) {
        case 'keys':
          return rows.keys().collect()
        case 'values':
          return rows.values().collect()
        case 'mapValues':
          return rows.mapValues((v) => v).collect()
        case 'flatMapValues':
          return rows.flatMapValues((v) => [v]).collect()
      }
    },
    expected: failure('DataError', `${verb} (`, 'pair', '7'),
  })),
  {
    name: 'three items are no pair',
    program: (ctx) => (ctx.range(1).map((n) => [n, n, n]) as unknown as Dataset<[number, number]>).keys().collect(),
    expected: failure('DataError', 'keys (', 'pair'),
  },
])

contract('partitions', [
  {
    name: 'mapPartitions calls its function for empty partitions too',
    program: (ctx) =>
      ctx
        .parallelize([5], 3)
        .mapPartitions((rows) => [[...rows].length])
        .collect(),
    expected: [0, 0, 1],
  },
  {
    name: 'the rows of mapPartitions can be walked once',
    program: (ctx) =>
      ctx
        .range(0, 3, 1, 1)
        .mapPartitions((rows) => [[...rows].length, [...rows].length])
        .collect(),
    expected: [3, 0],
  },
  {
    name: 'mapPartitions may give a generator, which runs as rows are wanted',
    program: (ctx) =>
      ctx
        .range(0, 1e9, 1, 1)
        .mapPartitions(function* (rows) {
          for (const n of rows) yield n * 2
        })
        .take(3),
    expected: [0, 2, 4],
  },
  {
    name: 'mapPartitions may leave rows unread',
    program: (ctx) =>
      ctx
        .range(0, 1e9, 1, 1)
        .mapPartitions((rows) => {
          for (const n of rows) if (n === 1500) return [n]
          return []
        })
        .collect(),
    expected: [1500],
  },
  {
    name: 'mapPartitions may give more rows than it got',
    program: (ctx) =>
      ctx
        .empty<number>()
        .union(ctx.parallelize<number>([], 1))
        .mapPartitions(() => [1, 2, 3])
        .collect(),
    expected: [1, 2, 3],
  },
  {
    name: 'mapPartitions gives a string by its characters',
    program: (ctx) =>
      ctx
        .range(0, 1, 1, 1)
        .mapPartitions(() => 'ab')
        .collect(),
    expected: ['a', 'b'],
  },
  {
    name: 'mapPartitions refuses what is not iterable',
    program: (ctx) =>
      ctx
        .range(0, 1, 1, 1)
        .mapPartitions(() => 3 as unknown as number[])
        .collect(),
    expected: failure('DataError', 'mapPartitions (', 'iterable', '3'),
  },
  {
    name: 'mapPartitionsWithIndex gives the number of the partition',
    program: (ctx) =>
      ctx
        .range(0, 4, 1, 2)
        .mapPartitionsWithIndex((i, rows) => [...rows].map((n) => [i, n]))
        .collect(),
    expected: [
      [0, 0],
      [0, 1],
      [1, 2],
      [1, 3],
    ],
  },
  {
    name: 'mapPartitionsWithIndex counts the partitions of a union through',
    program: (ctx) =>
      ctx
        .range(0, 2, 1, 2)
        .union(ctx.range(0, 1, 1, 1))
        .mapPartitionsWithIndex((i, rows) => [...rows].map((n) => `${i}:${n}`))
        .collect(),
    expected: ['0:0', '1:1', '2:0'],
  },
  {
    name: 'mapPartitionsWithIndex before a union counts within its own dataset',
    program: (ctx) =>
      ctx
        .range(0, 2, 1, 2)
        .union(ctx.range(0, 2, 1, 2).mapPartitionsWithIndex((i, rows) => [...rows].map((n) => n + 10 * i)))
        .collect(),
    expected: [0, 1, 0, 11],
  },
  {
    name: 'mapPartitionsWithIndex after coalesce counts what is left',
    program: (ctx) =>
      ctx
        .range(0, 4, 1, 4)
        .coalesce(2)
        .mapPartitionsWithIndex((i, rows) => [`${i}:${[...rows].join('')}`])
        .collect(),
    expected: ['0:01', '1:23'],
  },
  {
    name: 'glom of an empty partition is an empty array',
    program: (ctx) => ctx.parallelize([1], 2).glom().collect(),
    expected: [[], [1]],
  },
  {
    name: 'glom of nothing at all is nothing',
    program: (ctx) => ctx.empty<number>().glom().collect(),
    expected: [],
  },
  {
    name: 'coalesce joins neighbours by the slice rule',
    program: (ctx) => ctx.range(0, 5, 1, 5).coalesce(2).glom().collect(),
    expected: [
      [0, 1],
      [2, 3, 4],
    ],
  },
  {
    name: 'coalesce to one keeps the order',
    program: (ctx) => ctx.range(0, 5, 1, 3).coalesce(1).glom().collect(),
    expected: [[0, 1, 2, 3, 4]],
  },
  {
    name: 'coalesce cannot grow',
    program: async (ctx) => ctx.range(0, 2, 1, 2).coalesce(9).getNumPartitions(),
    expected: 2,
  },
  {
    name: 'coalesce of nothing has no partitions',
    program: async (ctx) => [ctx.empty().coalesce(3).getNumPartitions(), await ctx.empty().coalesce(3).collect()],
    expected: [0, []],
  },
  {
    name: 'coalesce of coalesce',
    program: (ctx) => ctx.range(0, 6, 1, 6).coalesce(4).coalesce(2).glom().collect(),
    expected: [
      [0, 1, 2],
      [3, 4, 5],
    ],
  },
  {
    name: 'coalesce to 0 is refused',
    program: async (ctx) => ctx.range(3).coalesce(0),
    expected: failure('PlanError', 'coalesce (', 'partitions', 'got 0'),
  },
])

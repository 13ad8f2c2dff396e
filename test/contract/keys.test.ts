/** The contract of keys: which are equal, whatever partition or thread they come from, and what cannot be one. */
import type { Context, Dataset } from 'kindling'
import { contract, failure, unordered } from './engines.ts'

/** Each key in both of two partitions, so that equal ones have to find each other across threads. */
const twice = <K>(ctx: Context, keys: readonly K[]): Dataset<[K, number]> =>
  ctx.parallelize([...keys, ...keys], 2).map((key): [K, number] => [key, 1])

const counted = async <K>(ctx: Context, keys: readonly K[]): Promise<[K, number][]> =>
  unordered(
    await twice(ctx, keys)
      .reduceByKey((a, b) => a + b)
      .collect(),
  )

class Point {
  readonly x = 1
}

contract('equality of keys', [
  {
    name: 'primitives are equal by type and value',
    program: (ctx) => counted<unknown>(ctx, [1, '1', 1n, true, 'true', false, 0, '', null, 'null', undefined]),
    expected: unordered(
      [1, '1', 1n, true, 'true', false, 0, '', null, 'null', undefined].map((key): [unknown, number] => [key, 2]),
    ),
  },
  {
    name: 'NaN equals NaN, and -0 equals 0, which stands for both as in a Map',
    program: async (ctx) => [
      await counted(ctx, [Number.NaN]),
      await ctx
        .parallelize([-0, 0, -0], 3)
        .map((key): [number, number] => [key, 1])
        .reduceByKey((a, b) => a + b)
        .collect(),
    ],
    expected: [[[Number.NaN, 2]], [[0, 3]]],
  },
  {
    name: 'infinities and numbers at the ends of what doubles hold are keys of their own',
    program: (ctx) => counted(ctx, [Infinity, -Infinity, 2 ** 53, 2 ** 53 - 1, Number.MIN_VALUE, 0.1, 0.1 + 1e-18]),
    expected: unordered([
      [Infinity, 2],
      [-Infinity, 2],
      [2 ** 53, 2],
      [2 ** 53 - 1, 2],
      [Number.MIN_VALUE, 2],
      [0.1, 4],
    ]),
  },
  {
    name: 'arrays are equal by content, and a missing item is not undefined',
    program: (ctx) => counted<unknown>(ctx, [[1], [1, undefined], [undefined, 1], [], [[]], [[1]], ['1']]),
    expected: unordered([[1], [1, undefined], [undefined, 1], [], [[]], [[1]], ['1']].map((key) => [key, 2])),
  },
  {
    name: 'text inside arrays runs into nothing that follows it',
    program: (ctx) => counted<unknown>(ctx, [['a,b'], ['a', 'b'], ['a', 'b', ''], ['ab'], ['s1:a'], ['a1:b']]),
    expected: unordered([['a,b'], ['a', 'b'], ['a', 'b', ''], ['ab'], ['s1:a'], ['a1:b']].map((key) => [key, 2])),
  },
  {
    name: 'objects are equal by content, whatever the order of their properties',
    program: (ctx) =>
      counted<object>(ctx, [{ a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1 }, { a: 1, b: undefined }, {}, { b: 1, a: 2 }]),
    expected: unordered([
      [{ a: 1, b: 2 }, 4],
      [{ a: 1 }, 2],
      [{ a: 1, b: undefined }, 2],
      [{}, 2],
      [{ b: 1, a: 2 }, 2],
    ]),
  },
  {
    name: 'dates are equal by time, and none equals its number or its text',
    program: (ctx) =>
      counted<unknown>(ctx, [new Date(5), 5, new Date(5).toISOString(), new Date(6), new Date(Number.NaN)]),
    expected: unordered([
      [new Date(5), 2],
      [5, 2],
      [new Date(5).toISOString(), 2],
      [new Date(6), 2],
      [new Date(Number.NaN), 2],
    ]),
  },
  {
    name: 'strings are equal by code unit: nothing is normalised, lone surrogates stay apart',
    program: (ctx) => counted(ctx, ['é', 'e\u0301', '\ud800', '\udc00', '\ufffd', '\ud83d\ude00', '__proto__', 'x\0']),
    expected: unordered(
      ['é', 'e\u0301', '\ud800', '\udc00', '\ufffd', '\ud83d\ude00', '__proto__', 'x\0'].map((key) => [key, 2]),
    ),
  },
  {
    name: 'an own property __proto__ counts like any other',
    program: async (ctx) => {
      const rows = await twice<object>(ctx, [JSON.parse('{"__proto__":1}') as object, {}])
        .reduceByKey((a, b) => a + b)
        .collect()
      return unordered(rows.map(([key, n]) => [JSON.stringify(key), n]))
    },
    expected: [
      ['{"__proto__":1}', 2],
      ['{}', 2],
    ],
  },
  {
    name: 'every verb that compares keys finds tuples that come from different threads',
    program: async (ctx) => {
      const pairs = twice(ctx, [[1, 'a']])
      const other = ctx.parallelize([0, 1], 2).map((): [(string | number)[], string] => [[1, 'a'], 'x'])
      return {
        distinct: await pairs.keys().distinct().count(),
        groups: await pairs.groupByKey().count(),
        joined: await pairs.join(other).count(),
        cogrouped: await pairs.cogroup(other).count(),
        left: await pairs.subtractByKey(other).count(),
        both: await pairs.keys().intersection(other.keys()).count(),
        minus: await pairs.keys().subtract(other.keys()).count(),
        byValue: [...(await pairs.countByValue())],
        byKey: [...(await pairs.countByKey())],
        map: [...(await pairs.collectAsMap())],
        found: await pairs.lookup([1, 'a']),
        sampled: await pairs.sampleByKey(false, new Map([[[1, 'a'], 1]]), 1).count(),
        approximately: await pairs.countApproxDistinct(),
      }
    },
    expected: {
      distinct: 1,
      groups: 1,
      joined: 4,
      cogrouped: 1,
      left: 0,
      both: 1,
      minus: 0,
      byValue: [[[[1, 'a'], 1], 2]],
      byKey: [[[1, 'a'], 2]],
      map: [[[1, 'a'], 1]],
      found: [1, 1],
      sampled: 2,
      approximately: 1,
    },
  },
  {
    name: 'long keys that differ in one place only stay apart',
    program: async (ctx) => {
      const long = 'x'.repeat(10_000)
      return (await counted(ctx, [`${long}a`, `${long}b`, `a${long}`])).map(([key, n]) => [key.length, n])
    },
    expected: [
      [10_001, 2],
      [10_001, 2],
      [10_001, 2],
    ],
  },
  {
    name: 'ten thousand keys of all kinds are all found again',
    program: async (ctx) => {
      const keys = ctx.range(0, 20_000, 1, 4).map((n): [unknown, number] => {
        const k = n % 10_000
        return [[k, `${k}`, BigInt(k), k + 0.5, [k], { k }, new Date(k), [`${k}`], -1 - k, `k${k}`][k % 10], 1]
      })
      const sums = keys.reduceByKey((a, b) => a + b, 7)
      return [await sums.count(), await sums.filter(([, n]) => n === 2).count()]
    },
    expected: [10_000, 10_000],
  },
])

/** What each kind of key that is none is said to be. */
const REFUSED: readonly (readonly [name: string, make: () => unknown, said: string])[] = [
  ['an instance of a class', () => new Point(), 'Point'],
  ['a Map', () => new Map(), 'Map'],
  ['a Set', () => new Set(), 'Set'],
  ['a typed array', () => new Uint8Array(1), 'Uint8Array'],
  ['a regular expression', () => /a/, 'RegExp'],
  ['a function', () => () => 1, 'function'],
  ['a symbol', () => Symbol('s'), 'symbol'],
  ['a Map within an array', () => [1, [new Map()]], 'Map'],
  ['a symbol within an object', () => ({ a: { b: Symbol('s') } }), 'symbol'],
]

contract(
  'what cannot be a key',
  REFUSED.flatMap(([name, make, said]) => [
    {
      name: `${name} is refused by reduceByKey`,
      program: (ctx: Context) =>
        ctx
          .range(2)
          .map((n): [unknown, number] => [make(), n])
          .reduceByKey((a, b) => a + b)
          .collect(),
      expected: failure('DataError', 'reduceByKey (', said, 'key'),
    },
    {
      name: `${name} is refused by partitionBy`,
      program: (ctx: Context) =>
        ctx
          .range(2)
          .map((n): [unknown, number] => [make(), n])
          .partitionBy(2)
          .collect(),
      expected: failure('DataError', 'partitionBy (', said),
    },
    {
      name: `${name} is refused by distinct`,
      program: (ctx: Context) =>
        ctx
          .range(2)
          .map(() => make())
          .distinct()
          .collect(),
      expected: failure('DataError', 'distinct (', said, 'key'),
    },
  ]),
)

contract('pairs', [
  ...(['reduceByKey', 'groupByKey', 'partitionBy', 'sortByKey', 'countByKey', 'collectAsMap', 'lookup'] as const).map(
    (verb) => ({
      name: `${verb} refuses what is no pair, naming it`,
      program: async (ctx: Context): Promise<unknown> => {
        const rows = ctx.parallelize([[1, 2, 3]], 1) as unknown as Dataset<[number, number]>
        switch (verb) {
          case 'reduceByKey':
            return rows.reduceByKey((a, b) => a + b).collect()
          case 'partitionBy':
            return rows.partitionBy(2).collect()
          case 'lookup':
            return rows.lookup(1)
          case 'groupByKey':
          case 'sortByKey':
            return rows[verb]().collect()
          default:
            return rows[verb]()
        }
      },
      expected: failure('DataError', `${verb} (`, 'pair', 'array of 3'),
    }),
  ),
  {
    name: 'a join refuses rows that are no pairs on either side',
    program: async (ctx) => {
      const pairs = ctx.parallelize([[1, 2]] as [number, number][], 1)
      const words = ctx.parallelize(['ab'], 1) as unknown as Dataset<[number, number]>
      const said = async (rows: Dataset<unknown>): Promise<unknown> =>
        rows.collect().catch((error: Error) => [error.name, /join \(.*pair.*string/.test(error.message)])
      return [await said(pairs.join(words)), await said(words.join(pairs))]
    },
    expected: [
      ['DataError', true],
      ['DataError', true],
    ],
  },
])

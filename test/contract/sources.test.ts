/** The contract of sources that need no files: how collections and ranges are sliced, and what is refused. */
import { contract, failure } from './engines.ts'

contract('collections', [
  {
    name: 'parallelize cuts 8 items into slices of 2, 3 and 3',
    program: (ctx) => ctx.parallelize([1, 2, 3, 4, 5, 6, 7, 8], 3).glom().collect(),
    expected: [
      [1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ],
  },
  {
    name: 'parallelize gives empty slices where there are more slices than items',
    program: (ctx) => ctx.parallelize(['a', 'b'], 5).glom().collect(),
    expected: [[], [], ['a'], [], ['b']],
  },
  {
    name: 'parallelize of nothing has the slices asked for',
    program: (ctx) => ctx.parallelize<number>([], 3).glom().collect(),
    expected: [[], [], []],
  },
  {
    name: 'parallelize takes any iterable, once',
    program: async (ctx) => {
      function* numbers(): Generator<number> {
        yield 3
        yield 4
      }
      const rows = ctx.parallelize(numbers(), 2)
      return [await rows.collect(), await rows.collect()]
    },
    expected: [
      [3, 4],
      [3, 4],
    ],
  },
  {
    name: 'parallelize takes the characters of a string, surrogate pairs whole',
    program: (ctx) => ctx.parallelize('a😀b', 1).collect(),
    expected: ['a', '😀', 'b'],
  },
  {
    name: 'parallelize takes the entries of a Map as pairs',
    program: (ctx) =>
      ctx
        .parallelize(new Map([['a', 1]]), 1)
        .mapValues((v) => v + 1)
        .collect(),
    expected: [['a', 2]],
  },
  {
    name: 'parallelize copies its list when it is called',
    program: async (ctx) => {
      const list = [1, 2, 3]
      const rows = ctx.parallelize(list, 2)
      list.push(4)
      list[0] = 9
      return rows.collect()
    },
    expected: [1, 2, 3],
  },
  {
    name: 'a collected row is a copy of the row that was given',
    program: async (ctx) => {
      const row = { n: 1 }
      const [back] = await ctx.parallelize([row], 1).collect()
      return [back === row, back]
    },
    expected: [false, { n: 1 }],
  },
  {
    name: 'parallelize keeps holes of an array as undefined',
    // oxlint-disable-next-line no-sparse-arrays
    program: (ctx) => ctx.parallelize([1, , 3], 2).collect(),
    expected: [1, undefined, 3],
  },
  {
    name: 'parallelize uses as many slices as the engine has workers',
    program: async (ctx) => ctx.parallelize([1, 2, 3]).getNumPartitions() === ctx.defaultParallelism,
    expected: true,
  },
  {
    name: 'parallelize refuses 0 slices',
    program: async (ctx) => ctx.parallelize([1], 0),
    expected: failure('PlanError', 'parallelize (', 'number of slices', 'got 0'),
  },
  {
    name: 'parallelize refuses a part of a slice',
    program: async (ctx) => ctx.parallelize([1], 1.5),
    expected: failure('PlanError', 'parallelize (', 'got 1.5'),
  },
  {
    name: 'parallelize refuses what is not iterable',
    program: async (ctx) => ctx.parallelize(7 as unknown as number[]),
    expected: failure('PlanError', 'parallelize (', 'iterable', 'got number'),
  },
  {
    name: 'every structured-clonable value comes back unchanged',
    program: (ctx) =>
      ctx
        .parallelize<unknown>(
          [undefined, null, Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 12n],
          3,
        )
        .collect(),
    expected: [undefined, null, Number.NaN, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 12n],
  },
  {
    name: 'dates, maps, sets, typed arrays and nested undefined come back unchanged',
    program: (ctx) =>
      ctx
        .parallelize<unknown>([new Date(5), new Map([[1, new Set([2])]]), new Float64Array([0.5]), { a: undefined }], 2)
        .map((row) => row)
        .collect(),
    expected: [new Date(5), new Map([[1, new Set([2])]]), new Float64Array([0.5]), { a: undefined }],
  },
  {
    name: 'a lone surrogate comes back as it was',
    program: (ctx) =>
      ctx
        .parallelize(['\ud800', 'x\udc00'], 2)
        .map((s) => s)
        .collect(),
    expected: ['\ud800', 'x\udc00'],
  },
  {
    name: 'an own property named __proto__ stays a property',
    program: async (ctx) => {
      const [row] = await ctx
        .parallelize([JSON.parse('{"__proto__": 1}') as object], 1)
        .map((r) => r)
        .collect()
      return Object.entries(row ?? {})
    },
    expected: [['__proto__', 1]],
  },
  {
    name: 'the instance of a class is refused, and named',
    program: (ctx) => {
      class Point {
        readonly x = 1
      }
      return ctx.parallelize([new Point()], 1).collect()
    },
    expected: failure('DataError', 'Point'),
  },
  {
    name: 'empty has no rows and no partitions',
    program: async (ctx) => [ctx.empty().getNumPartitions(), await ctx.empty().collect(), await ctx.empty().count()],
    expected: [0, [], 0],
  },
  {
    name: 'empty can be mapped and joined to others',
    program: (ctx) =>
      ctx
        .empty<number>()
        .map((n) => n + 1)
        .union(ctx.parallelize([1], 1))
        .glom()
        .collect(),
    expected: [[1]],
  },
])

contract('ranges', [
  { name: 'one argument is the end', program: (ctx) => ctx.range(4).collect(), expected: [0, 1, 2, 3] },
  { name: 'two arguments are start and end', program: (ctx) => ctx.range(2, 5).collect(), expected: [2, 3, 4] },
  { name: 'a step skips', program: (ctx) => ctx.range(0, 10, 4).collect(), expected: [0, 4, 8] },
  {
    name: 'the end is left out when a step meets it',
    program: (ctx) => ctx.range(0, 8, 4).collect(),
    expected: [0, 4],
  },
  { name: 'a negative step counts down', program: (ctx) => ctx.range(5, 0, -2).collect(), expected: [5, 3, 1] },
  {
    name: 'a range is sliced like a collection',
    program: (ctx) => ctx.range(0, 8, 1, 3).glom().collect(),
    expected: [
      [0, 1],
      [2, 3, 4],
      [5, 6, 7],
    ],
  },
  {
    name: 'a start past the end is empty',
    program: (ctx) => ctx.range(5, 2, 1, 2).glom().collect(),
    expected: [[], []],
  },
  { name: 'a range of 0 is empty', program: (ctx) => ctx.range(0).count(), expected: 0 },
  { name: 'a negative end alone is empty', program: (ctx) => ctx.range(-3).collect(), expected: [] },
  {
    name: 'a range goes past 2 ** 32',
    program: (ctx) => ctx.range(2 ** 32 - 1, 2 ** 32 + 2, 1, 2).collect(),
    expected: [4294967295, 4294967296, 4294967297],
  },
  {
    name: 'a range of ten thousand million rows costs nothing until it is run, and take looks at its start',
    program: (ctx) => ctx.range(1e10).take(2),
    expected: [0, 1],
  },
  {
    name: 'a fractional step counts by multiplication, not by adding errors up',
    program: (ctx) => ctx.range(0, 1, 0.1, 2).collect(),
    expected: [0, 0.1, 0.2, 0.1 * 3, 0.4, 0.5, 0.1 * 6, 0.1 * 7, 0.8, 0.9],
  },
  {
    name: 'a step of 0 is refused',
    program: async (ctx) => ctx.range(0, 5, 0),
    expected: failure('PlanError', 'range (', 'step'),
  },
  {
    name: 'an endless range is refused',
    program: async (ctx) => ctx.range(0, Number.POSITIVE_INFINITY),
    expected: failure('PlanError', 'range (', 'finite', 'Infinity'),
  },
  {
    name: '0 slices of a range are refused',
    program: async (ctx) => ctx.range(0, 5, 1, 0),
    expected: failure('PlanError', 'range (', 'number of slices'),
  },
])

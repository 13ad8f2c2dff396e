/** The contract of actions: what each gives, and what it says of nothing. */
import { type Context, createContext, type Dataset } from 'kindling'
import { contract, failure } from './engines.ts'

contract('collecting', [
  {
    name: 'collect gives all rows in order',
    program: (ctx) => ctx.range(0, 5, 1, 3).collect(),
    expected: [0, 1, 2, 3, 4],
  },
  {
    name: 'collect of more rows than a block holds',
    program: async (ctx) => {
      const rows = await ctx.range(0, 40_000, 1, 2).collect()
      return [rows.length, rows.every((n, i) => n === i)]
    },
    expected: [40_000, true],
  },
  {
    name: 'count counts',
    program: (ctx) =>
      ctx
        .range(0, 10, 1, 3)
        .filter((n) => n > 6)
        .count(),
    expected: 3,
  },
  { name: 'count of nothing is 0', program: (ctx) => ctx.parallelize([], 2).count(), expected: 0 },
  { name: 'take gives the first rows', program: (ctx) => ctx.range(0, 10, 1, 4).take(4), expected: [0, 1, 2, 3] },
  {
    name: 'take of more than there is gives all',
    program: (ctx) => ctx.range(0, 3, 1, 2).take(99),
    expected: [0, 1, 2],
  },
  {
    name: 'take of 0 or less gives nothing',
    program: async (ctx) => [await ctx.range(3).take(0), await ctx.range(3).take(-1)],
    expected: [[], []],
  },
  {
    name: 'take looks past empty partitions',
    program: (ctx) =>
      ctx
        .range(0, 40, 1, 20)
        .filter((n) => n > 36)
        .take(2),
    expected: [37, 38],
  },
  {
    name: 'take looks at as few partitions as it can',
    program: async (ctx) => {
      let tasks = 0
      const off = ctx.on('taskEnd', () => tasks++)
      const rows = await ctx.range(0, 100, 1, 50).take(2)
      off()
      return [rows, tasks]
    },
    expected: [[0, 1], 1],
  },
  {
    name: 'take does not run what it does not need',
    program: (ctx) =>
      ctx
        .range(0, 10, 1, 1)
        .map((n) => {
          if (n > 2) throw new Error('ran too far')
          return n
        })
        .take(3),
    expected: [0, 1, 2],
  },
  {
    name: 'take of a flatMap stops inside its iterable',
    program: (ctx) =>
      ctx
        .range(1)
        .flatMap(function* () {
          for (let i = 0; ; i++) yield i
        })
        .take(3),
    expected: [0, 1, 2],
  },
  {
    name: 'take of a fraction is refused',
    program: (ctx) => ctx.range(3).take(1.5),
    expected: failure('PlanError', 'take (', 'whole number', '1.5'),
  },
  { name: 'first gives the first row', program: (ctx) => ctx.range(7, 9, 1, 2).first(), expected: 7 },
  { name: 'first may be undefined', program: (ctx) => ctx.parallelize([undefined, 1], 1).first(), expected: undefined },
  {
    name: 'first finds a late row',
    program: (ctx) =>
      ctx
        .range(0, 9, 1, 9)
        .filter((n) => n === 8)
        .first(),
    expected: 8,
  },
  {
    name: 'first of nothing says empty',
    program: (ctx) => ctx.empty().first(),
    expected: failure('DataError', 'first (', 'empty'),
  },
  {
    name: 'first of emptied partitions says empty',
    program: (ctx) =>
      ctx
        .range(0, 4, 1, 4)
        .filter(() => false)
        .first(),
    expected: failure('DataError', 'first (', 'empty'),
  },
  {
    name: 'isEmpty',
    program: async (ctx) => [
      await ctx.empty().isEmpty(),
      await ctx.range(0, 9, 1, 3).isEmpty(),
      await ctx
        .range(0, 9, 1, 3)
        .filter((n) => n > 9)
        .isEmpty(),
      await ctx.parallelize([undefined], 1).isEmpty(),
    ],
    expected: [true, false, true, false],
  },
])

contract('folding', [
  { name: 'reduce folds', program: (ctx) => ctx.range(1, 5, 1, 3).reduce((a, b) => a * b), expected: 24 },
  {
    name: 'reduce joins in the order of the rows',
    program: (ctx) => ctx.parallelize(['a', 'b', 'c', 'd', 'e'], 4).reduce((a, b) => a + b),
    expected: 'abcde',
  },
  {
    name: 'reduce steps over empty partitions',
    program: (ctx) => ctx.parallelize([3, 4], 6).reduce((a, b) => a + b),
    expected: 7,
  },
  {
    name: 'reduce of one row does not call its function',
    program: (ctx) =>
      ctx.parallelize([5], 3).reduce(() => {
        throw new Error('called')
      }),
    expected: 5,
  },
  {
    name: 'reduce of one undefined row gives it',
    program: (ctx) => ctx.parallelize([undefined], 2).reduce((a) => a),
    expected: undefined,
  },
  {
    name: 'reduce of nothing says empty',
    program: (ctx) => ctx.parallelize<number>([], 3).reduce((a, b) => a + b),
    expected: failure('DataError', 'reduce (', 'empty'),
  },
  {
    name: 'reduce of no partitions says empty',
    program: (ctx) => ctx.empty<number>().reduce((a, b) => a + b),
    expected: failure('DataError', 'reduce (', 'empty'),
  },
  {
    name: 'the zero of fold enters once for each partition and once at the end',
    program: (ctx) => ctx.parallelize([1, 2, 3, 4], 3).fold(10, (a, b) => a + b),
    expected: 50,
  },
  {
    name: 'fold of nothing in two partitions',
    program: (ctx) => ctx.parallelize<number>([], 2).fold(1, (a, b) => a + b),
    expected: 3,
  },
  {
    name: 'fold of no partitions is its zero',
    program: (ctx) => ctx.empty<number>().fold(9, (a, b) => a + b),
    expected: 9,
  },
  {
    name: 'aggregate of 1..4 in 2 partitions from 1, by sum, then product, is 32',
    program: (ctx) =>
      ctx.parallelize([1, 2, 3, 4], 2).aggregate(
        1,
        (a, b) => a + b,
        (a, b) => a * b,
      ),
    expected: 32,
  },
  {
    name: 'aggregate changes the type',
    program: (ctx) =>
      ctx.parallelize(['a', 'bc'], 2).aggregate(
        { count: 0, text: '' },
        (a, s) => ({ count: a.count + 1, text: a.text + s }),
        (a, b) => ({ count: a.count + b.count, text: a.text + b.text }),
      ),
    expected: { count: 2, text: 'abc' },
  },
  {
    name: 'the zero of aggregate may be changed in place: each partition has its own, and the caller keeps his',
    program: async (ctx) => {
      const zero: number[] = []
      const all = await ctx.range(0, 6, 1, 3).aggregate(
        zero,
        (a, n) => {
          a.push(n)
          return a
        },
        (a, b) => {
          a.push(...b)
          return a
        },
      )
      return [all, zero]
    },
    expected: [[0, 1, 2, 3, 4, 5], []],
  },
  {
    name: 'the zero of fold may be changed in place',
    program: async (ctx) => {
      const zero = { n: 0 }
      const add = (a: { n: number }, b: { n: number }): { n: number } => {
        a.n += b.n
        return a
      }
      const rows = ctx.range(1, 5, 1, 2).map((n) => ({ n }))
      return [await rows.fold(zero, add), await rows.fold(zero, add), zero]
    },
    expected: [{ n: 10 }, { n: 10 }, { n: 0 }],
  },
  {
    name: 'aggregate of no partitions is its zero',
    program: (ctx) =>
      ctx.empty<number>().aggregate(
        'zero',
        (a) => a,
        (a) => a,
      ),
    expected: 'zero',
  },
  {
    name: 'aggregate refuses a zero that cannot be moved between threads',
    program: (ctx) =>
      ctx.range(2).aggregate(
        () => 1,
        (a) => a,
        (a) => a,
      ),
    expected: failure('PlanError', 'aggregate', 'zero'),
  },
  {
    name: 'reduce refuses what is no function',
    program: (ctx) => ctx.range(2).reduce('plus' as never),
    expected: failure('PlanError', 'reduce (', 'function', 'string'),
  },
])

contract('extremes and sums', [
  {
    name: 'min and max of numbers are not those of their text',
    program: async (ctx) => [await ctx.parallelize([10, 9, 2], 2).min(), await ctx.parallelize([10, 9, 2], 2).max()],
    expected: [2, 10],
  },
  {
    name: 'min and max of strings go by code unit',
    program: async (ctx) => [
      await ctx.parallelize(['b', 'a', 'Z', 'é'], 2).min(),
      await ctx.parallelize(['b', 'a', 'Z', 'é'], 2).max(),
    ],
    expected: ['Z', 'é'],
  },
  {
    name: 'NaN is the largest, wherever it stands',
    program: async (ctx) => [
      await ctx.parallelize([1, Number.NaN, 2], 2).max(),
      await ctx.parallelize([Number.NaN, 1, 2], 3).max(),
      await ctx.parallelize([1, Number.NaN, 2], 1).min(),
    ],
    expected: [Number.NaN, Number.NaN, 1],
  },
  {
    name: 'bigints are ordered with numbers',
    program: async (ctx) => [await ctx.parallelize([3, 5n, 4], 2).max(), await ctx.parallelize([3, 2n, 4], 2).min()],
    expected: [5n, 2n],
  },
  {
    name: 'null and undefined come first, in this order',
    program: async (ctx) => [
      await ctx.parallelize([1, undefined, null], 2).min(),
      await ctx.parallelize([1, undefined], 2).min(),
      await ctx.parallelize([undefined, null], 2).max(),
    ],
    expected: [null, undefined, undefined],
  },
  {
    name: 'false comes before true, dates go by time, arrays item by item with the shorter first',
    program: async (ctx) => [
      await ctx.parallelize([true, false], 2).min(),
      await ctx.parallelize([new Date(9), new Date(10)], 2).max(),
      await ctx.parallelize([[1, 2], [1], [0, 9]], 3).max(),
      await ctx.parallelize([[1, 2], [1]], 2).min(),
    ],
    expected: [false, new Date(10), [1, 2], [1]],
  },
  {
    name: 'a key orders rows that have no order of their own',
    program: async (ctx) => {
      const rows = ctx.parallelize([{ n: 10 }, { n: 9 }, { n: 30 }], 3)
      return [await rows.min((r) => r.n), await rows.max((r) => r.n)]
    },
    expected: [{ n: 9 }, { n: 30 }],
  },
  {
    name: 'of rows with equal keys the first is the smallest and the largest',
    program: async (ctx) => {
      const rows = ctx.parallelize(['aa', 'bb', 'cc'], 3)
      return [await rows.min((s) => s.length), await rows.max((s) => s.length)]
    },
    expected: ['aa', 'aa'],
  },
  {
    name: 'min of nothing says empty',
    program: (ctx) => ctx.empty<number>().min(),
    expected: failure('DataError', 'min (', 'empty'),
  },
  {
    name: 'max of nothing says empty',
    program: (ctx) => ctx.parallelize<number>([], 2).max(),
    expected: failure('DataError', 'max (', 'empty'),
  },
  {
    name: 'max of nothing by a key says empty',
    program: (ctx) => ctx.empty<number>().max((n) => n),
    expected: failure('DataError', 'max (', 'empty'),
  },
  { name: 'sum', program: (ctx) => ctx.range(0, 101, 1, 4).sum(), expected: 5050 },
  {
    name: 'the sum of nothing is 0',
    program: async (ctx) => [await ctx.empty<number>().sum(), await ctx.parallelize<number>([], 2).sum()],
    expected: [0, 0],
  },
  {
    name: 'a sum with NaN or both infinities is NaN',
    program: async (ctx) => [
      await ctx.parallelize([1, Number.NaN], 2).sum(),
      await ctx.parallelize([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], 2).sum(),
    ],
    expected: [Number.NaN, Number.NaN],
  },
  {
    name: 'sum refuses what is no number, and names it',
    program: (ctx) => ctx.parallelize([1, '2'] as number[], 1).sum(),
    expected: failure('DataError', 'sum (', 'number', '2'),
  },
  {
    name: 'sum refuses undefined',
    program: (ctx) => ctx.parallelize([undefined] as unknown as number[], 2).sum(),
    expected: failure('DataError', 'sum (', 'undefined'),
  },
])

contract('walking', [
  {
    name: 'for await gives all rows in order',
    program: async (ctx) => {
      const seen: number[] = []
      for await (const n of ctx.range(0, 5, 1, 3)) seen.push(n)
      return seen
    },
    expected: [0, 1, 2, 3, 4],
  },
  {
    name: 'toLocalIterator of nothing ends at once',
    program: (ctx) => ctx.empty().toLocalIterator().next(),
    expected: { done: true, value: undefined },
  },
  {
    name: 'leaving the loop leaves later partitions alone, and the engine well',
    program: async (ctx) => {
      const rows = ctx.range(0, 6, 1, 3).map((n) => {
        if (n > 3) throw new Error('ran too far')
        return n
      })
      const seen: number[] = []
      for await (const n of rows) {
        seen.push(n)
        if (n === 2) break
      }
      return [seen, await ctx.range(2).count()]
    },
    expected: [[0, 1, 2], 2],
  },
  {
    name: 'an error comes when its partition is reached, and ends the loop',
    program: async (ctx) => {
      const rows = ctx
        .range(0, 4, 1, 2)
        .map((n) => {
          if (n === 3) throw new Error('three')
          return n
        })
        .toLocalIterator()
      const seen = [(await rows.next()).value, (await rows.next()).value] as unknown[]
      const message = await rows.next().then(
        () => 'none',
        (error: Error) => error.message.includes('three'),
      )
      return [seen, message, await rows.next()]
    },
    expected: [[0, 1], true, { done: true, value: undefined }],
  },
  {
    name: 'two loops over one dataset do not disturb each other',
    program: async (ctx) => {
      const rows = ctx.range(0, 4, 1, 2)
      const [a, b] = [rows.toLocalIterator(), rows.toLocalIterator()]
      const seen: unknown[] = []
      for (let i = 0; i < 4; i++) seen.push((await a.next()).value, (await b.next()).value)
      return seen
    },
    expected: [0, 0, 1, 1, 2, 2, 3, 3],
  },
  {
    name: 'jobs run at once and each gives its own answer',
    program: (ctx) =>
      Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          ctx
            .range(0, 100, 1, 3)
            .map((n) => n + i)
            .sum(),
        ),
      ),
    expected: Array.from({ length: 12 }, (_, i) => 4950 + 100 * i),
  },
  { name: 'forEach gives nothing', program: (ctx) => ctx.range(0, 5, 1, 2).forEach(() => 1), expected: undefined },
  {
    name: 'forEach runs for every row: one that throws is found',
    program: (ctx) =>
      ctx.range(0, 50, 1, 5).forEach((n) => {
        if (n === 49) throw new Error('reached 49')
      }),
    expected: failure('TaskError', 'forEach (', 'reached 49'),
  },
  {
    name: 'forEach of a promise is refused with advice',
    program: (ctx) => ctx.range(2).forEach(() => Promise.resolve() as unknown as void),
    expected: failure('DataError', 'forEach (', 'promise', 'mapAsync'),
  },
  {
    name: 'forEachPartition may be asynchronous, and is awaited',
    program: (ctx) =>
      ctx.range(0, 3, 1, 1).forEachPartition(async (rows) => {
        await Promise.resolve()
        if ([...rows].join() === '0,1,2') throw new Error('saw all')
      }),
    expected: failure('TaskError', 'forEachPartition (', 'saw all'),
  },
  {
    name: 'forEachPartition is called for empty partitions',
    program: (ctx) =>
      ctx.parallelize([1], 2).forEachPartition((rows) => {
        if ([...rows].length === 0) throw new Error('saw none')
      }),
    expected: failure('TaskError', 'saw none'),
  },
])

contract('contexts', [
  {
    name: 'datasets of two contexts are not united',
    program: (ctx) => withOther(ctx, (here, there) => here.union(there)),
    expected: failure('PlanError', 'union (', 'context'),
  },
  {
    name: 'datasets of two contexts are not zipped',
    program: (ctx) => withOther(ctx, (here, there) => here.zip(there)),
    expected: failure('PlanError', 'zip (', 'context'),
  },
  {
    name: 'a context does not unite the datasets of another',
    program: (ctx) => withOther(ctx, (here, there) => ctx.union([here, there])),
    expected: failure('PlanError', 'union (', 'context'),
  },
  {
    name: 'actions reject once their context is stopped, and stopping twice is no error',
    program: async () => {
      const other = await createContext({ master: 'inline' })
      const rows = other.range(3)
      await other.stop()
      await other.stop()
      return rows.count()
    },
    expected: failure('PlanError', 'stop'),
  },
  {
    name: 'an action whose signal has aborted rejects with its reason',
    program: async (ctx) => {
      const reason = new Error('changed my mind')
      return ctx
        .range(3)
        .collect({ signal: AbortSignal.abort(reason) })
        .catch((error: unknown) => [
          error === reason || (error as Error).cause === reason,
          String(error).includes('mind'),
        ])
    },
    expected: [true, true],
  },
  {
    name: 'names stay with their dataset',
    program: async (ctx) => {
      const rows = ctx.range(0, 2, 1, 2)
      return [rows.name(), rows.setName('numbers') === rows, rows.name(), rows.map((n) => n).name()]
    },
    expected: [undefined, true, 'numbers', undefined],
  },
])

async function withOther<T>(ctx: Context, use: (here: Dataset<number>, there: Dataset<number>) => T): Promise<T> {
  const other = await createContext({ master: 'inline' })
  try {
    return use(ctx.range(0, 2, 1, 2), other.range(0, 2, 1, 2))
  } finally {
    await other.stop()
  }
}

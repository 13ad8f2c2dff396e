/** The contract of failures: what a user's exception becomes, what a function may not hold, and that the context lives on. */
import { type Context, createContext, TaskError } from 'kindling'
import { contract, failure } from './engines.ts'

/** What a throw in a function becomes, with the place of the function and the partition. */
const thrown = (ctx: Context, make: (n: number) => unknown): Promise<unknown> =>
  ctx
    .range(0, 6, 1, 3)
    .map((n) => {
      if (n === 3) throw make(n)
      return n
    })
    .count()

contract('exceptions', [
  {
    name: 'the message holds that of the user, the verb, its place and the partition',
    program: (ctx) => thrown(ctx, (n) => new Error(`no ${n}, please`)),
    expected: failure('TaskError', 'map (', 'errors.test.ts:', 'no 3, please', 'partition 1'),
  },
  {
    name: 'the name of a special error is kept',
    program: (ctx) => thrown(ctx, (n) => new RangeError(`bad ${n}`)),
    expected: failure('TaskError', 'RangeError: bad 3'),
  },
  {
    name: 'a thrown string is quoted, and wrapped',
    program: (ctx) => thrown(ctx, () => 'just text'),
    expected: failure('TaskError', 'just text', 'not an Error'),
  },
  {
    name: 'a thrown undefined is named, and wrapped',
    program: (ctx) => thrown(ctx, () => undefined),
    expected: failure('TaskError', 'undefined', 'not an Error'),
  },
  {
    name: 'a thrown object is shown, and wrapped',
    program: (ctx) => thrown(ctx, (n) => ({ code: n })),
    expected: failure('TaskError', '{"code":3}', 'not an Error'),
  },
  {
    name: 'the error holds the partition, one attempt and its cause',
    program: (ctx) =>
      thrown(ctx, () => new RangeError('off')).catch((error: unknown) => {
        if (!(error instanceof TaskError)) return error
        const { name, message, stack } = error.cause as Error
        return [error.partition, error.attempts, name, message, stack?.includes('errors.test.ts')]
      }),
    expected: [1, 1, 'RangeError', 'off', true],
  },
  {
    name: 'a record of a file is named by file, line and byte',
    program: async (ctx, directory) => {
      const { withFiles } = await import('./engines.ts')
      withFiles(directory, { 'rows.json': '{"a": 1}\n{"a": 2}\nbroken\n' })
      return ctx
        .textFile(directory)
        .map((line) => JSON.parse(line) as unknown)
        .collect()
    },
    expected: failure('TaskError', 'map (', 'SyntaxError', 'rows.json:3 (byte 18)'),
  },
  {
    name: 'each verb names itself when its function throws',
    program: async (ctx) => {
      const fail = (): never => {
        throw new Error('oh no')
      }
      const rows = ctx.range(0, 2, 1, 1)
      const runs = [
        rows.filter(fail),
        rows.flatMap(fail),
        rows.keyBy(fail),
        rows.mapPartitions(fail),
        rows.mapPartitionsWithIndex(fail),
        rows.keyBy((n) => n).mapValues(fail),
        rows.keyBy((n) => n).flatMapValues(fail),
        rows.mapAsync(fail),
      ].map((dataset) => dataset.count())
      const actions = [
        rows.reduce(fail),
        rows.fold(0, fail),
        rows.aggregate(0, fail, fail),
        rows.forEach(fail),
        rows.max(fail),
      ]
      const settled = await Promise.allSettled<unknown>([...runs, ...actions])
      return settled.map((one) => {
        const { message } = (one as PromiseRejectedResult).reason as Error
        return `${message.split(' ')[0]} ${message.includes('oh no')}`
      })
    },
    expected: [
      'filter',
      'flatMap',
      'keyBy',
      'mapPartitions',
      'mapPartitionsWithIndex',
      'mapValues',
      'flatMapValues',
      'mapAsync',
    ]
      .concat(['reduce', 'fold', 'aggregate', 'forEach', 'max'])
      .map((verb) => `${verb} true`),
  },
  {
    name: 'the context lives on after a failure, and so do its other jobs',
    program: async (ctx) => {
      const others = [1, 2, 3].map((n) => ctx.range(0, 10 * n, 1, 4).count())
      await thrown(ctx, () => new Error('one of many')).catch(() => {})
      return [await Promise.all(others), await ctx.range(5).sum()]
    },
    expected: [[10, 20, 30], 10],
  },
])

contract('promises', [
  {
    name: 'map of a promise says mapAsync',
    program: (ctx) =>
      ctx
        .range(2)
        .map((n) => Promise.resolve(n))
        .collect(),
    expected: failure('DataError', 'map (', 'promise', 'mapAsync'),
  },
  {
    name: 'an async filter says so before it lets every row through',
    program: (ctx) =>
      ctx
        .range(2)
        .filter(((n: number) => Promise.resolve(n > 0)) as never)
        .collect(),
    expected: failure('DataError', 'filter (', 'promise', 'mapAsync'),
  },
  {
    name: 'flatMap of a promise says mapAsync',
    program: (ctx) =>
      ctx
        .range(2)
        .flatMap(((n: number) => Promise.resolve([n])) as never)
        .collect(),
    expected: failure('DataError', 'flatMap (', 'promise', 'mapAsync'),
  },
  {
    name: 'keyBy of a promise says mapAsync',
    program: (ctx) =>
      ctx
        .range(2)
        .keyBy((n) => Promise.resolve(n))
        .collect(),
    expected: failure('DataError', 'keyBy (', 'promise', 'mapAsync'),
  },
  {
    name: 'mapValues of a promise says mapAsync',
    program: (ctx) =>
      ctx
        .range(2)
        .keyBy((n) => n)
        .mapValues((n) => Promise.resolve(n))
        .collect(),
    expected: failure('DataError', 'mapValues (', 'promise', 'mapAsync'),
  },
])

contract('functions that cannot travel', [
  {
    name: 'a dataset inside a function is refused, with what to do instead',
    program: (ctx) => {
      const other = ctx.range(3)
      return ctx
        .range(2)
        .map((n) => other.count().then((count) => count + n))
        .collect()
    },
    expected: failure('ClosureError', 'map (', 'other', 'dataset cannot be used inside a function', 'Collect it first'),
  },
  {
    name: 'a context inside a function is refused',
    program: (ctx) =>
      ctx
        .range(2)
        .map((n) => ctx.range(n))
        .count(),
    expected: failure('ClosureError', 'map (', 'context'),
  },
  {
    name: 'a promise that was captured is refused by its name',
    program: (ctx) => {
      const later = Promise.resolve(1)
      return ctx
        .range(2)
        .filter((n) => later !== undefined && n > 0)
        .count()
    },
    expected: failure('ClosureError', 'filter (', 'later', 'romise'),
  },
  {
    name: 'a WeakMap that was captured is refused by its path',
    program: (ctx) => {
      const tools = { cache: new WeakMap() }
      return ctx
        .range(2)
        .map((n) => (tools.cache ? n : 0))
        .count()
    },
    expected: failure('ClosureError', 'map (', 'tools', '.cache', 'WeakMap'),
  },
  {
    name: 'a verb without a function is refused when it is called',
    program: async (ctx) => ctx.range(2).map(7 as never),
    expected: failure('PlanError', 'map (', 'function', 'number'),
  },
])

contract('contexts that cannot be', [
  {
    name: 'an unknown master is refused',
    program: () => createContext({ master: 'yarn-ish' }),
    expected: failure('PlanError', 'master', 'yarn-ish'),
  },
  {
    name: 'a master without threads is refused',
    program: () => createContext({ master: 'local[0]' }),
    expected: failure('PlanError', 'master', 'local[0]'),
  },
  {
    name: 'an unknown option is refused with the nearest name',
    program: () => createContext({ mastr: 'inline' } as never),
    expected: failure('PlanError', 'mastr', 'master'),
  },
])

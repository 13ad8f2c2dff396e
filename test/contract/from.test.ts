/** The contract of `from`: rows that the program makes as it goes, read once, kept, and sliced as a list is. */
import { Readable } from 'node:stream'
import type { Context } from 'kindling'
import { contract, failure } from './engines.ts'

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i
}

contract('from', [
  {
    name: 'an async iterable is sliced as parallelize slices a list',
    program: async (ctx) => {
      const answers = []
      for (const count of [0, 1, 8, 10_000, 12_289]) {
        for (const slices of [1, 3, 7]) {
          const list = await ctx
            .parallelize(
              Array.from({ length: count }, (_, i) => i),
              slices,
            )
            .glom()
            .collect()
          const stream = await ctx.from(numbers(count), slices).glom().collect()
          answers.push(JSON.stringify(list) === JSON.stringify(stream))
        }
      }
      return answers
    },
    expected: Array.from({ length: 15 }, () => true),
  },
  {
    name: 'iterables, streams of Node and of the web, and strings are sources',
    program: async (ctx) => [
      await ctx.from(new Set([1, 2])).collect(),
      await ctx.from(Readable.from(['a', 'b'])).collect(),
      await ctx
        .from(new Response('hé').body ?? [])
        .map((bytes) => bytes.length)
        .sum(),
      await ctx
        .from(new Map([['a', 1]]))
        .mapValues((n) => n + 1)
        .collect(),
      await ctx.from('a😀').collect(),
    ],
    expected: [[1, 2], ['a', 'b'], 3, [['a', 2]], ['a', '😀']],
  },
  {
    name: 'it is read once, when the first action runs, row after row',
    program: async (ctx) => {
      const log: string[] = []
      async function* logged(): AsyncGenerator<string> {
        log.push('began')
        yield 'x'
        log.push('went on')
        yield 'y'
        log.push('ended')
      }
      const rows = ctx.from(logged(), 2)
      const doubled = rows.union(rows.map((row) => row.toUpperCase()))
      log.push(`${doubled.getNumPartitions()} partitions`)
      return [await doubled.collect(), await rows.count(), log]
    },
    expected: [['x', 'y', 'X', 'Y'], 2, ['4 partitions', 'began', 'went on', 'ended']],
  },
  {
    name: 'two actions at once share one reading',
    program: async (ctx) => {
      const rows = ctx.from(numbers(5000))
      return Promise.all([rows.count(), rows.sum(), rows.take(2)])
    },
    expected: [5000, 12_497_500, [0, 1]],
  },
  {
    name: 'what the iterable throws rejects the action, and its cause is that',
    program: async (ctx) => {
      async function* broken(): AsyncGenerator<number> {
        yield 1
        throw new RangeError('cursor lost')
      }
      const rows = ctx.from(broken())
      const first = await rows.count().catch((error: Error) => error)
      const again = await rows.count().catch((error: Error) => error)
      return [first, again].map((error) => [
        (error as Error).name,
        (error as Error).message.replace(/ \(.*?\)/, ''),
        ((error as Error).cause as Error).name,
      ])
    },
    expected: Array.from({ length: 2 }, () => [
      'DataError',
      'from: the iterable threw after 1 rows: cursor lost',
      'RangeError',
    ]),
  },
  {
    name: 'a row that cannot be moved between threads is named',
    program: (ctx) => ctx.from([1, new WeakMap()]).count(),
    expected: failure('DataError', 'from (', 'row 1', 'WeakMap'),
  },
  {
    name: 'a cancelled action ends the iterable, which cannot be read again',
    program: async (ctx) => {
      const controller = new AbortController()
      let hasEnded = (): void => {}
      const ended = new Promise<void>((resolve) => {
        hasEnded = resolve
      })
      function* endless(): Generator<number> {
        try {
          for (let i = 0; ; i++) {
            if (i === 10_000) controller.abort(new Error('enough'))
            yield i
          }
        } finally {
          hasEnded()
        }
      }
      const rows = ctx.from(endless())
      const first = await rows.count({ signal: controller.signal }).catch((error: Error) => error.message)
      await ended
      const again = await rows.count().catch((error: Error) => error.message)
      return [first, String(again).replace(/ \(.*?\)/, '')]
    },
    expected: [
      'enough',
      'from: its rows were being read when the action was cancelled, and can be read only once. Make the dataset again',
    ],
  },
  {
    name: 'what is no iterable is refused at the verb',
    program: async (ctx) => ctx.from((() => [1]) as unknown as Iterable<number>),
    expected: failure('PlanError', 'from (', 'expected an iterable or a stream, got function'),
  },
  {
    name: 'zero slices are refused at the verb',
    program: async (ctx: Context) => ctx.from([1], 0),
    expected: failure('PlanError', 'from (', 'number of slices', 'got 0'),
  },
])

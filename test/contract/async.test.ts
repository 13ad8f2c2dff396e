/** The contract of `filterAsync` and `flatMapAsync`: what they keep, in which order, and how they fail. */
import { contract, failure } from './engines.ts'

contract('filterAsync and flatMapAsync', [
  {
    name: 'filterAsync keeps the rows whose promise is true, in order, however promises settle',
    program: (ctx) =>
      ctx
        .range(0, 8, 1, 2)
        .filterAsync(async (n) => {
          for (let i = 0; i < 8 - n; i++) await Promise.resolve()
          return n % 3 !== 0
        })
        .collect(),
    expected: [1, 2, 4, 5, 7],
  },
  {
    name: 'filterAsync takes what is truthy for true, as filter does',
    program: (ctx) =>
      ctx
        .range(0, 4, 1, 1)
        .filterAsync((n) => n as unknown as boolean)
        .collect(),
    expected: [1, 2, 3],
  },
  {
    name: 'flatMapAsync gives the items of each iterable, in order, however promises settle',
    program: (ctx) =>
      ctx
        .range(0, 4, 1, 2)
        .flatMapAsync(async (n) => {
          for (let i = 0; i < 4 - n; i++) await Promise.resolve()
          return Array.from({ length: n }, () => n)
        })
        .glom()
        .collect(),
    expected: [[1], [2, 2, 3, 3, 3]],
  },
  {
    name: 'flatMapAsync takes generators, sets and strings, and plain values',
    program: async (ctx) => {
      function* twice(n: number): Generator<number> {
        yield n
        yield n
      }
      const numbers = ctx.range(0, 2, 1, 1)
      return [
        await numbers.flatMapAsync(async (n) => twice(n)).collect(),
        await numbers.flatMapAsync(async (n) => new Set([n])).collect(),
        await numbers.flatMapAsync(async (n) => `${n}x`).collect(),
        await numbers.flatMapAsync((n) => [n]).collect(),
      ]
    },
    expected: [
      [0, 0, 1, 1],
      [0, 1],
      ['0', 'x', '1', 'x'],
      [0, 1],
    ],
  },
  {
    name: 'both hold no more than their concurrency in flight',
    program: async (ctx) => {
      const state = { now: 0, most: 0 }
      const busy = async (n: number): Promise<number> => {
        state.now++
        state.most = Math.max(state.most, state.now)
        await Promise.resolve()
        state.now--
        return n < 19 ? 0 : state.most
      }
      const numbers = ctx.range(0, 20, 1, 1)
      return [
        await numbers.flatMapAsync(async (n) => [await busy(n)], { concurrency: 3 }).max(),
        await numbers.filterAsync(async (n) => (await busy(n)) === 4, { concurrency: 4 }).collect(),
      ]
    },
    expected: [3, [19]],
  },
  {
    name: 'take ends them early',
    program: (ctx) =>
      ctx
        .range(0, 1_000_000, 1, 1)
        .filterAsync(async (n) => n % 2 === 1)
        .flatMapAsync(async (n) => [n, -n])
        .take(3),
    expected: [1, -1, 3],
  },
  {
    name: 'what a promise rejects with fails the job, naming the verb',
    program: (ctx) =>
      ctx
        .range(0, 3, 1, 1)
        .filterAsync(async (n) => {
          if (n === 1) throw new RangeError('one')
          return true
        })
        .count(),
    expected: failure('TaskError', 'filterAsync (', 'RangeError: one'),
  },
  {
    name: 'flatMapAsync refuses what is no iterable',
    program: (ctx) =>
      ctx
        .range(0, 3, 1, 1)
        .flatMapAsync(async (n) => n as unknown as number[])
        .count(),
    expected: failure('DataError', 'flatMapAsync (', 'iterable', 'got 0'),
  },
  {
    name: 'a concurrency of none is refused at the verb',
    program: async (ctx) => ctx.range(3).filterAsync(async () => true, { concurrency: 0 }),
    expected: failure('PlanError', 'filterAsync (', 'concurrency', 'got 0'),
  },
])

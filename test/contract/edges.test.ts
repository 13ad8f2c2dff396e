/** The contract at the edges of values: dates that are none, endless numbers, shuffles into nothing. */
import { contract } from './engines.ts'

contract('edges', [
  {
    name: 'a sort by dates that are none loses no row; they come last',
    program: async (ctx) => {
      const rows = Array.from({ length: 400 }, (_, i) => i)
      const dated = ctx.parallelize(rows, 4).keyBy((n) => new Date(n % 7 === 3 ? Number.NaN : (n * 37) % 400))
      const sorted = await dated.sortByKey(true, 5).collect()
      const times = sorted.map(([date]) => date.getTime())
      const count = times.filter((time) => Number.isNaN(time)).length
      const inOrder = times.slice(0, -count)
      return [sorted.length, count, inOrder.every((time, i) => i === 0 || (inOrder[i - 1] ?? 0) <= time)]
    },
    expected: [400, 57, true],
  },
  {
    name: 'the edges of a histogram may be endless',
    program: async (ctx) =>
      ctx.parallelize([-5, -1, 0, 3, 4], 2).histogram([Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY]),
    expected: [
      [Number.NEGATIVE_INFINITY, 0, Number.POSITIVE_INFINITY],
      [2, 3],
    ],
  },
  {
    name: 'subtracting from nothing is nothing, beside other rows too',
    program: async (ctx) => {
      const pairs = ctx.parallelize<number, number>([[1, 1]], 2)
      return ctx.empty<[number, number]>().subtractByKey(pairs).union(pairs).collect()
    },
    expected: [[1, 1]],
  },
])

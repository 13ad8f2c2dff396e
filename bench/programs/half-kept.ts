// Half of the readings in data/*.json, with their sums.
import { createContext } from 'kindling'

interface Reading {
  index: number
  total: number
}

await using ctx = await createContext()
const LIMIT = 1

await ctx
  .textFile('data/*.json')
  .map((line) => JSON.parse(line) as Reading)
  .map((r) => ({ ...r, sum_val: r.index + r.total }))
  .filter((r) => r.sum_val > LIMIT)
  .map((r) => JSON.stringify(r))
  .saveAsTextFile('out/kindling')

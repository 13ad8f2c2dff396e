// The high readings in data/*.json, of which some have no total.
import { createContext } from 'kindling'

interface Reading {
  index: number
  total?: number
}

await using ctx = await createContext()
const LIMIT = 1.95

await ctx
  .textFile('data/*.json')
  .map((line) => JSON.parse(line) as Reading)
  .filter((r) => r.index + (r.total ?? 0) > LIMIT)
  .map((r) => JSON.stringify(r))
  .saveAsTextFile('out/kindling')

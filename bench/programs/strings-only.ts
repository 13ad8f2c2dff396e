// The high readings in data/*.json, whose numbers are written as strings.
import { createContext } from 'kindling'

interface Reading {
  index: string
  total: string
}

await using ctx = await createContext()
const LIMIT = 1.95

await ctx
  .textFile('data/*.json')
  .map((line) => JSON.parse(line) as Reading)
  .filter((r) => Number(r.index) + Number(r.total) > LIMIT)
  .map((r) => JSON.stringify(r))
  .saveAsTextFile('out/kindling')

// Puts the lines of data/*.txt in the order of the digits they begin with.
import { createContext } from 'kindling'

await using ctx = await createContext({ memory: '256MB' })

await ctx
  .textFile('data/*.txt')
  .sortBy((line) => line.slice(0, 10))
  .saveAsTextFile('out/kindling')

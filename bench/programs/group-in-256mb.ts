// How many lines of data/*.txt begin with the same six digits, and which letters among theirs come last.
import { createContext } from 'kindling'

await using ctx = await createContext({ memory: '256MB' })

await ctx
  .textFile('data/*.txt')
  .map((line): [string, string] => [line.slice(0, 6), line.slice(11)])
  .groupByKey()
  .map(([key, letters]) => `${key}\t${letters.length}\t${letters.reduce((a, b) => (a > b ? a : b))}`)
  .saveAsTextFile('out/kindling')

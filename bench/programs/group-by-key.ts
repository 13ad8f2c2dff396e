// The median of each key's values in data/*.tsv.
import { createContext } from 'kindling'

await using ctx = await createContext()

await ctx
  .textFile('data/*.tsv')
  .map((line) => {
    const [key = '', value] = line.split('\t')
    return [key, Number(value)]
  })
  .groupByKey()
  .mapValues((values) => values.sort((a, b) => a - b)[values.length >> 1])
  .map(([key, median]) => `${key}\t${median}`)
  .saveAsTextFile('out/kindling')

// Puts the pairs of data/*.tsv in the order of their numbers.
import { createContext } from 'kindling'

await using ctx = await createContext()

await ctx
  .textFile('data/*.tsv')
  .map((line): [number, string] => {
    const [key, value = ''] = line.split('\t')
    return [Number(key), value]
  })
  .sortByKey()
  .map(([key, value]) => `${key}\t${value}`)
  .saveAsTextFile('out/kindling')

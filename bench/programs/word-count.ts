// Counts the words of data/*.txt.
import { createContext } from 'kindling'

await using ctx = await createContext()

await ctx
  .textFile('data/*.txt')
  .flatMap((line) => line.split(' '))
  .map((word) => [word, 1])
  .reduceByKey((a, b) => a + b)
  .map(([word, count]) => `${word}\t${count}`)
  .saveAsTextFile('out/kindling')

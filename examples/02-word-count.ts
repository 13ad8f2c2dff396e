// Counts the words of a text and shows the most frequent ones.
import { createContext } from 'kindling'

await using ctx = await createContext()

const counts = ctx
  .textFile('examples/data/sea.txt')
  .flatMap((line) => line.split(' '))
  .map((word) => [word, 1])
  .reduceByKey((a, b) => a + b)

for (const [word, count] of await counts.top(5, ([word, count]) => [count, word])) console.log(word, count)

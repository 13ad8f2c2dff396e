// Joins the pairs of data/left and data/right by their numbers.
import { createContext } from 'kindling'

await using ctx = await createContext()

const parse = (line: string): [number, string] => {
  const [key, value = ''] = line.split('\t')
  return [Number(key), value]
}

const left = ctx.textFile('data/left').map(parse)
const right = ctx.textFile('data/right').map(parse)

await left
  .join(right)
  .map(([key, [a, b]]) => `${key}\t${a}\t${b}`)
  .saveAsTextFile('out/kindling')

// Pi, from how many of ten million darts land in a circle. Each partition has a random generator of its own.
import { createContext } from 'kindling'

await using ctx = await createContext()
const PARTITIONS = 20
const DARTS = 500_000 // in each

const hits = await ctx
  .range(0, PARTITIONS, 1, PARTITIONS)
  .map((partition) => {
    let seed = partition + 1
    const random = () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0 // Source: Numerical Recipes, chapter 7.1.
      return seed / 2 ** 32
    }
    let inside = 0
    for (let i = 0; i < DARTS; i++) if (random() ** 2 + random() ** 2 < 1) inside++
    return inside
  })
  .sum()

console.log('pi is about', ((4 * hits) / (PARTITIONS * DARTS)).toFixed(3))

// PageRank: pages pass their rank on along their links, ten times. The links are placed by key once, so that only ranks move.
import { createContext } from 'kindling'

await using ctx = await createContext()

const links = ctx
  .textFile('examples/data/links.txt')
  .map((line) => line.split(' ') as [from: string, to: string])
  .groupByKey(2)
  .cache()

let ranks = links.mapValues(() => 1)
for (let round = 0; round < 10; round++) {
  ranks = links
    .join(ranks)
    .flatMap(([, [targets, rank]]) => targets.map((to): [string, number] => [to, rank / targets.length]))
    .reduceByKey((a, b) => a + b, 2)
    .mapValues((sum) => 0.15 + 0.85 * sum)
}

for (const [page, rank] of await ranks.top(6, ([, rank]) => rank)) console.log(page.padEnd(8), rank.toFixed(4))

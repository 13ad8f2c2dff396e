// Ranks the pages that data/*.tsv links to, by ten rounds of PageRank.
import { createContext } from 'kindling'

await using ctx = await createContext()

const links = ctx
  .textFile('data/*.tsv')
  .map((line): [string, string] => {
    const [page = '', target = ''] = line.split('\t')
    return [page, target]
  })
  .distinct()
  .groupByKey()
  .cache()

let ranks = links.mapValues(() => 1)
for (let round = 0; round < 10; round += 1) {
  ranks = links
    .join(ranks)
    .values()
    .flatMap(([targets, rank]) => targets.map((target): [string, number] => [target, rank / targets.length]))
    .reduceByKey((a, b) => a + b)
    .mapValues((sum) => 0.15 + 0.85 * sum)
}

await ranks.map(([page, rank]) => `${page}\t${rank}`).saveAsTextFile('out/kindling')

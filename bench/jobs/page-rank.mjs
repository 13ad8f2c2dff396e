/** Ten rounds of PageRank: the same links joined with changing ranks again and again, nothing written in between. */
import { kindling, spark } from '../lib/candidates.mjs'
import { makePairs } from '../lib/pairs.mjs'
import { rankDifference, readRanks } from '../lib/ranks.mjs'
import { inFiles, many } from '../lib/words.mjs'

const LINKS_PER_PAGE = 10

/** @type {import('../lib/job.mjs').Job<Map<string, number>>} */
export default {
  title: 'PageRank',
  rows: 1_000_000,
  rounds: 3,
  warmUp: 'read',
  makeData(directory, rows) {
    const pages = Math.ceil(rows / LINKS_PER_PAGE)
    // Two random numbers multiplied make some pages more popular than others.
    const popular = (/** @type {() => number} */ random) =>
      Math.floor((random() / 0x100000000) * (random() / 0x100000000) * pages)
    return makePairs(directory, rows, 10, (random) => `page${random() % pages}\tpage${popular(random)}`)
  },
  // Dask's bag would group all links anew in each round, at minutes a round: it keeps no partitioning.
  candidates: (node24) => [...kindling('bench/programs/page-rank.ts', node24), spark('spark_page_rank.py')],
  read: readRanks,
  difference: rankDifference,
  subject: ({ rows, ...data }, ranks) =>
    `${many(rows, 'link')} ${inFiles(data)}, ${many(ranks.size, 'page')}, ten rounds`,
}

/** All values of each key brought together, because their median needs them all: nothing can be combined before the shuffle. */
import { dask, kindling, spark } from '../lib/candidates.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { makePairs } from '../lib/pairs.mjs'
import { inFiles, many } from '../lib/words.mjs'

const PAIRS_PER_KEY = 25

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  title: 'groupByKey',
  rows: 5_000_000,
  rounds: 3,
  warmUp: 'read',
  makeData(directory, rows) {
    const keys = Math.ceil(rows / PAIRS_PER_KEY)
    return makePairs(directory, rows, 5, (random) => `user${random() % keys}\t${random() % 1_000_000}`)
  },
  candidates: (node24) => [
    ...kindling('bench/programs/group-by-key.ts', node24),
    spark('spark_group_by_key.py'),
    dask('dask_group_by_key.py', { rounds: 1 }),
  ],
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, { rows: keys }) => `${many(rows, 'pair')} ${inFiles(data)}, ${many(keys, 'key')}`,
}

/** Two sets of pairs brought together by their keys, of which about two thirds are found on both sides. */
import { dask, kindling, spark } from '../lib/candidates.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { makePairs } from '../lib/pairs.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  title: 'join',
  rows: 5_000_000,
  rounds: 3,
  warmUp: 'read',
  makeData(directory, rows) {
    const sides = ['left', 'right'].map((side, index) =>
      makePairs(directory, rows, 6 + index, (random) => `${random() % rows}\t${random() % 1_000_000}`, side),
    )
    const sum = (/** @type {(side: import('../lib/job.mjs').Data) => number} */ of) =>
      sides.reduce((total, side) => total + of(side), 0)
    return { files: sum(({ files }) => files), sizeBytes: sum(({ sizeBytes }) => sizeBytes) }
  },
  candidates: (node24) => [
    ...kindling('bench/programs/join.ts', node24),
    spark('spark_join.py'),
    dask('dask_join.py', { rounds: 1 }),
  ],
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, { rows: joined }) =>
    `two sets of ${many(rows, 'pair')} ${inFiles(data)}, ${joined.toLocaleString('en')} joined`,
}

/** Each line once, of lines that come ten times on average. */
import { makeSeededFiles } from '../../scripts/seeded-files.mjs'
import { dask, kindling, spark } from '../lib/candidates.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { inFiles, many } from '../lib/words.mjs'

const FILES = 8
const LINES_EACH = 10

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  title: 'distinct',
  rows: 10_000_000,
  rounds: 3,
  warmUp: 'read',
  makeData(directory, rows) {
    const addresses = Math.ceil(rows / LINES_EACH)
    const fileName = (/** @type {number} */ file) => `visits_${file}.txt`
    const row = (/** @type {() => number} */ random) => `/products/${(random() % addresses).toString(36)}`
    return { files: FILES, ...makeSeededFiles({ directory, rows, files: FILES, seed: 9, fileName, row }) }
  },
  candidates: (node24) => [
    ...kindling('bench/programs/distinct.ts', node24),
    spark('spark_distinct.py'),
    dask('dask_distinct.py', { rounds: 1 }),
  ],
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, { rows: different }) =>
    `${many(rows, 'line')} ${inFiles(data)}, ${different.toLocaleString('en')} of them different`,
}

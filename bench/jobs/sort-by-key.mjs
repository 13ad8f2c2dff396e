/** Pairs in the order of their keys over all partitions: sampled, ranged, moved, sorted. */
import { kindling, spark } from '../lib/candidates.mjs'
import { keyOrder } from '../lib/key-order.mjs'
import { digestDifference, digestOf } from '../lib/lines.mjs'
import { makePairs } from '../lib/pairs.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @typedef {import('../lib/lines.mjs').Digest & { disorder: string | undefined }} Sorted */

/** @type {import('../lib/job.mjs').Job<Sorted>} */
export default {
  title: 'sortByKey',
  rows: 10_000_000,
  warmUp: 'read',
  makeData: (directory, rows) =>
    makePairs(directory, rows, 8, (random) => `${random() >>> 1}\t${random().toString(36)}`),
  // Dask's bag has no sort.
  candidates: (node24) => [...kindling('bench/programs/sort-by-key.ts', node24), spark('spark_sort_by_key.py')],
  read(output) {
    const order = keyOrder()
    return { ...digestOf(output, order.see), disorder: order.disorder() }
  },
  difference: (sorted, expected) => sorted.disorder ?? digestDifference(sorted, expected),
  subject: ({ rows, ...data }) => `${many(rows, 'pair')} ${inFiles(data)}`,
}

/** Pairs in the order of their keys over all partitions: sampled, ranged, moved, sorted. */
import { kindling, spark } from '../lib/candidates.mjs'
import { makePairs } from '../lib/pairs.mjs'
import { readSorted, sortedDifference } from '../lib/sorted.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @type {import('../lib/job.mjs').Job<import('../lib/sorted.mjs').Sorted>} */
export default {
  title: 'sortByKey',
  rows: 10_000_000,
  rounds: 3,
  warmUp: 'read',
  makeData: (directory, rows) =>
    makePairs(directory, rows, 8, (random) => `${random() >>> 1}\t${random().toString(36)}`),
  // Dask's bag has no sort.
  candidates: (node24) => [...kindling('bench/programs/sort-by-key.ts', node24), spark('spark_sort_by_key.py')],
  read: readSorted,
  difference: sortedDifference,
  subject: ({ rows, ...data }) => `${many(rows, 'pair')} ${inFiles(data)}`,
}

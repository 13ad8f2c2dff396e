/** A sort of sixteen times the memory it may use, most of it on disk: what counts is that it ends, and in how much memory. */
import { kindling } from '../lib/candidates.mjs'
import { digestOf } from '../lib/digest.mjs'
import { LONG_LINES, makeLongLines } from '../lib/long-lines.mjs'
import { readSorted, sortedDifference } from '../lib/sorted.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @type {import('../lib/job.mjs').Job<import('../lib/sorted.mjs').Sorted>} */
export default {
  title: 'sort in 256 MB',
  rows: 40_000_000,
  rounds: 1,
  warmUp: 'read',
  dataName: LONG_LINES,
  makeData: makeLongLines,
  candidates: (node24) => kindling('bench/programs/sort-in-256mb.ts', node24),
  expected: digestOf,
  read: readSorted,
  difference: sortedDifference,
  subject: ({ rows, ...data }) => `${many(rows, 'line')} ${inFiles(data)}`,
}

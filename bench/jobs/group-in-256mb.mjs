/** Groups of sixteen times the memory they may use: all values of each key are brought together, most of them by way of the disk. */
import { kindling } from '../lib/candidates.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { LONG_LINES, lastLettersByKey, makeLongLines } from '../lib/long-lines.mjs'
import { inFiles, many } from '../lib/words.mjs'

// As the program takes.
const KEY_DIGITS = 6

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  title: 'group in 256 MB',
  rows: 40_000_000,
  rounds: 1,
  warmUp: 'read',
  dataName: LONG_LINES,
  makeData: makeLongLines,
  candidates: (node24) => kindling('bench/programs/group-in-256mb.ts', node24),
  expected: (directory) => lastLettersByKey(directory, KEY_DIGITS),
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, { rows: keys }) => `${many(rows, 'line')} ${inFiles(data)}, ${many(keys, 'key')}`,
}

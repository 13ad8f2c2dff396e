/** Log rows of 420 bytes, nested, filtered by a string and a number. */
import { compiledAndNot, logPeers } from '../lib/compiled.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { makeLogRows } from '../lib/log-rows.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  rows: 800_000,
  warmUp: 'run',
  makeData: makeLogRows,
  candidates: (node24) => [...compiledAndNot('bench/programs/log-filter.ts', node24), ...logPeers()],
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, kept) => `${many(rows, 'row')} ${inFiles(data)}, ${kept.rows.toLocaleString('en')} kept`,
}

/** Half of the rows kept, each written with a field more. */
import { compiledAndNot, readingPeers } from '../lib/compiled.mjs'
import { digestDifference, jsonDigestOf } from '../lib/digest.mjs'
import { makeReadings } from '../lib/readings.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  rows: 4_000_000,
  warmUp: 'run',
  makeData: (directory, rows) => makeReadings(directory, rows, 'numbers'),
  candidates: (node24) => [...compiledAndNot('bench/programs/half-kept.ts', node24), ...readingPeers('1')],
  read: jsonDigestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, kept) => `${many(rows, 'row')} ${inFiles(data)}, ${kept.rows.toLocaleString('en')} kept`,
}

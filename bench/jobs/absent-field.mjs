/** A field that is absent in a fifth of the rows. */
import { compiledAndNot } from '../lib/compiled.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { makeReadings } from '../lib/readings.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  rows: 4_000_000,
  warmUp: 'run',
  makeData: (directory, rows) => makeReadings(directory, rows, 'absent'),
  candidates: (node24) => compiledAndNot('bench/programs/absent-field.ts', node24),
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, kept) => `${many(rows, 'row')} ${inFiles(data)}, ${kept.rows.toLocaleString('en')} kept`,
}

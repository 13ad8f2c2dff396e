/** Log rows of 420 bytes, nested, combined by a field: what a group-by takes once rows are read as columns. */
import { compiledAndNot, groupPeers } from '../lib/compiled.mjs'
import { digestDifference, digestOf } from '../lib/digest.mjs'
import { makeLogRows } from '../lib/log-rows.mjs'
import { inFiles, many } from '../lib/words.mjs'

/** @type {import('../lib/job.mjs').Job<import('../lib/digest.mjs').Digest>} */
export default {
  rows: 800_000,
  warmUp: 'run',
  makeData: makeLogRows,
  candidates: (node24) => [...compiledAndNot('bench/programs/log-groups.ts', node24), ...groupPeers()],
  read: digestOf,
  difference: digestDifference,
  subject: ({ rows, ...data }, groups) => `${many(rows, 'row')} ${inFiles(data)}, ${many(groups.rows, 'service')}`,
}

/** The defining job by the Python program that others run: what it costs to run unmodified programs over many files. */
import { join } from 'node:path'
import { kindling, PEERS, pythonVersion } from '../lib/candidates.mjs'
import { filterJob, parallel } from '../lib/filter-job.mjs'
import { PYTHON } from '../lib/python.mjs'

const job = filterJob({ files: 20, seed: 20 })

export default {
  ...job,
  title: 'unmodified Python mapper',
  rows: 10_000_000,
  dataName: 'defining-job',
  /** @param {string} node24 */
  candidates: (node24) => [
    ...kindling('bench/programs/python-mapper.ts', node24).map((each) => ({
      ...each,
      env: { ...each.env, PYTHON, MAPPER: join(PEERS, 'mapper.py') },
      versions: () => ({ ...each.versions(), ...pythonVersion() }),
    })),
    parallel(),
  ],
}

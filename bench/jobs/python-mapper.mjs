/** The defining job by the Python program that others run: what it costs to run unmodified programs over many files. */
import { join } from 'node:path'
import { kindlingCommand, PEERS, pythonVersion } from '../lib/candidates.mjs'
import { filterJob, parallel } from '../lib/filter-job.mjs'
import { PYTHON } from '../lib/python.mjs'

const OUTPUT = 'out/kindling'
const MAPPER = `'${PYTHON}' '${join(PEERS, 'mapper.py')}'`
const ARGUMENTS = ['stream', '--input', 'data/*.json', '--mapper', MAPPER, '--workers', '2', '--output', OUTPUT]

const job = filterJob({ files: 20, seed: 20 })

export default {
  ...job,
  title: 'unmodified Python mapper',
  rows: 10_000_000,
  dataName: 'defining-job',
  /** @param {string} node24 */
  candidates: (node24) => [
    ...kindlingCommand(ARGUMENTS, { output: OUTPUT, node24 }).map((each) => ({
      ...each,
      versions: () => ({ ...each.versions(), ...pythonVersion() }),
    })),
    parallel(),
  ],
}

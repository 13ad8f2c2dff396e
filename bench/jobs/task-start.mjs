/** One task that ends its process as soon as it runs: what it costs to come to the first task of a run. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { kindlingCommand, PEERS, VENV, venvModule } from '../lib/candidates.mjs'
import { countDifference, countIn } from '../lib/count.mjs'
import { compiledPath, copiedPath } from '../lib/program.mjs'

const PROGRAM = 'bench/programs/task-start.ts'

/** @type {import('../lib/job.mjs').Job<number>} */
export default {
  rows: 1,
  isFixed: true,
  workers: 'one worker each',
  warmUp: 'run',
  makeData(directory) {
    mkdirSync(directory, { recursive: true })
    return { files: 0, sizeBytes: 0 }
  },
  candidates: (node24) => [
    ...run(compiledPath(PROGRAM), node24),
    ...run(copiedPath(PROGRAM), node24).map((each) => ({
      ...each,
      id: each.id.replace('kindling', 'typescript'),
      label: `${each.label}, from TypeScript`,
    })),
    luigi(),
  ],
  expected: () => 1,
  read: countIn,
  difference: countDifference,
  subject: () => 'from the start of the process to the first task',
}

/** @param {string} path @param {string} node24 */
function run(path, node24) {
  return kindlingCommand(['run', path, 'First', '--workers', '1'], { program: PROGRAM, output: 'out/kindling', node24 })
}

function luigi() {
  return {
    id: 'luigi',
    label: 'Luigi',
    output: 'out/luigi',
    command: [join(VENV, 'bin/luigi'), '--module', 'luigi_start', 'First', '--local-scheduler', '--workers', '1'],
    env: { PYTHONPATH: PEERS },
    versions: () => venvModule('luigi'),
  }
}

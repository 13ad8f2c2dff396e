/** Ten thousand tasks that do nothing, and one that requires them all: what it costs to schedule tasks. */
import { mkdirSync } from 'node:fs'
import { kindlingCommand, peer, venvModule } from '../lib/candidates.mjs'
import { countDifference, countIn } from '../lib/count.mjs'
import { compiledPath } from '../lib/program.mjs'

const PROGRAM = 'bench/programs/no-op-tasks.ts'
const TASKS = 10_000

/** @type {import('../lib/job.mjs').Job<number>} */
export default {
  rows: TASKS,
  isFixed: true,
  workers: 'two workers, Luigi one',
  warmUp: 'read',
  makeData(directory) {
    mkdirSync(directory, { recursive: true })
    return { files: 0, sizeBytes: 0 }
  },
  candidates: (node24) => [
    ...kindlingCommand(['run', compiledPath(PROGRAM), 'All', '--n', String(TASKS), '--workers', '2', '--quiet'], {
      program: PROGRAM,
      output: 'out/kindling',
      node24,
    }),
    luigi(),
  ],
  expected: () => TASKS,
  read: countIn,
  difference: countDifference,
  subject: () => `${TASKS.toLocaleString('en')} tasks that do nothing and one that requires them`,
}

/** With more workers than one it makes a process for each task, which takes longer. Its time grows faster than the square of the tasks. */
function luigi() {
  const { command, ...each } = peer('luigi', 'Luigi, one worker', 'luigi_noop.py')
  return {
    ...each,
    command: [...command, String(TASKS)],
    rounds: 1,
    allowedS: 3600,
    versions: () => venvModule('luigi'),
  }
}

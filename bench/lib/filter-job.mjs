/** The job that defines kindling: JSON lines, a field added, the few rows above a threshold kept; kindling and seven others. */
import { join } from 'node:path'
import { makeSampleData } from '../../scripts/sample-data.mjs'
import { kindling, PEERS, peer, pythonVersion, spark, venvModule, versionOf } from './candidates.mjs'
import { simdjson } from './compiled.mjs'
import { PYTHON } from './python.mjs'
import { difference, readRows } from './rows.mjs'
import { inFiles, many } from './words.mjs'

/** @typedef {import('./job.mjs').Candidate} Candidate */

/**
 * @param {{ files: number, seed: number }} data
 * @returns {Omit<import('./job.mjs').Job<string[]>, 'title' | 'rows'>}
 */
export function filterJob({ files, seed }) {
  return {
    warmUp: 'run',
    makeData: (directory, rows) => ({ files, ...makeSampleData({ directory, rows, files, seed }) }),
    candidates: (node24) => [...kindling('examples/01-json-filter.ts', node24), ...peers()],
    read: readRows,
    difference,
    subject: ({ rows, ...data }, kept) =>
      `${many(rows, 'row')} ${inFiles(data)}, ${kept.length.toLocaleString('en')} kept`,
  }
}

/** Of those that take many times as long as the others, so that these run close to each other. */
const SLOW_ROUNDS = 2

/** @returns {Candidate[]} */
function peers() {
  const mapper = join(PEERS, 'mapper.py')
  return [
    {
      id: 'python',
      label: 'Python, sequential',
      output: 'out/python.json',
      command: ['sh', '-c', `cat data/*.json | '${PYTHON}' '${mapper}' > out/python.json`],
      env: {},
      rounds: SLOW_ROUNDS,
      versions: pythonVersion,
    },
    { ...parallel(), rounds: SLOW_ROUNDS },
    {
      id: 'pool',
      label: 'Python multiprocessing',
      output: 'out/pool',
      command: ['sh', '-c', `mkdir out/pool && '${PYTHON}' '${join(PEERS, 'pool.py')}' out/pool`],
      env: {},
      rounds: SLOW_ROUNDS,
      versions: pythonVersion,
    },
    { ...spark('spark_filter.py'), rounds: SLOW_ROUNDS },
    { ...peer('polars', 'Polars', 'polars_lazy.py'), versions: () => venvModule('polars') },
    { ...peer('duckdb', 'DuckDB', 'duck.py'), versions: () => venvModule('duckdb') },
    simdjson('readings'),
  ]
}

/**
 * The Python mapper over each file, by GNU Parallel.
 * @returns {Candidate}
 */
export function parallel() {
  const mapper = join(PEERS, 'mapper.py')
  const each = `'${PYTHON}' '${mapper}' < {} > out/parallel/{/}`
  return {
    id: 'parallel',
    label: 'GNU Parallel + Python',
    output: 'out/parallel',
    command: ['sh', '-c', `mkdir out/parallel && parallel -j2 "${each}" ::: data/*.json`],
    env: {},
    versions: () => ({
      ...pythonVersion(),
      parallel: versionOf('parallel', ['--version']).match(/parallel (\S+)/)?.[1] ?? 'unknown',
    }),
  }
}

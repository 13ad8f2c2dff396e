/**
 * Who runs the defining job: kindling and its peers, each limited to two workers. An entrant's command runs where `data/`
 * has the input, and writes to a file or a directory that isn't there yet.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findExample } from './example.mjs'
import { PYTHON } from './python.mjs'

const BENCH = fileURLToPath(new URL('..', import.meta.url))
const PEERS = join(BENCH, 'peers')
const VENV_PYTHON = join(BENCH, '.cache/venv/bin/python')
const NODE24 = join(BENCH, '.cache/node24/node_modules/node/bin/node')
const INSTALL = 'run bench/install-peers.sh'

/**
 * @typedef {object} Entrant
 * @property {string} id
 * @property {string} label
 * @property {string} output where the rows are found, from the directory of the run
 * @property {readonly string[]} command
 * @property {Record<string, string>} env
 * @property {Record<string, string>} versions
 */

/**
 * The entrants found on this machine, and those that are not, with the reason.
 * @param {{ node24?: string | undefined }} options
 * @returns {{ entrants: Entrant[], absent: { id: string, label: string, reason: string }[] }}
 */
export function findEntrants({ node24 = NODE24 }) {
  const candidates = [...kindling(node24), ...peers()]
  return {
    entrants: candidates.flatMap((each) => (typeof each.versions === 'string' ? [] : [each])),
    absent: candidates.flatMap(({ id, label, versions }) =>
      typeof versions === 'string' ? [{ id, label, reason: versions }] : [],
    ),
  }
}

/**
 * The script of the README, compiled, on the running Node and on Node 24.
 * @param {string} node24
 */
function kindling(node24) {
  const script = findExample()
  const running = process.versions.node.split('.')[0]
  const nodes =
    running === '24'
      ? [{ node: process.execPath, major: '24' }]
      : [
          { node: process.execPath, major: running },
          { node: node24, major: '24' },
        ]
  return nodes.map(({ node, major }) => ({
    id: `kindling-node${major}`,
    label: `kindling, Node ${major}`,
    output: script.output,
    command: [node, script.path],
    env: { KINDLING_MASTER: 'local[2]' },
    versions: existsSync(node) ? { node: versionOf(node, ['--version']).replace('v', '') } : `no ${node}: ${INSTALL}`,
  }))
}

/** @returns {(Omit<Entrant, 'versions'> & { versions: Record<string, string> | string })[]} */
function peers() {
  const mapper = join(PEERS, 'mapper.py')
  const java = () => ({ java: versionOf('java', ['-version']).match(/"(.+?)"/)?.[1] ?? 'unknown' })
  return [
    {
      ...peer('python', 'Python, sequential', 'out/python.json'),
      command: ['sh', '-c', `cat data/*.json | '${PYTHON}' '${mapper}' > out/python.json`],
      versions: versions(python),
    },
    {
      ...peer('parallel', 'GNU Parallel + Python', 'out/parallel'),
      command: [
        'sh',
        '-c',
        `mkdir out/parallel && parallel -j2 "'${PYTHON}' '${mapper}' < {} > out/parallel/{/}" ::: data/*.json`,
      ],
      versions: versions(python, () => ({
        parallel: versionOf('parallel', ['--version']).match(/parallel (\S+)/)?.[1] ?? 'unknown',
      })),
    },
    {
      ...peer('pool', 'Python multiprocessing', 'out/pool'),
      command: ['sh', '-c', `mkdir out/pool && '${PYTHON}' '${join(PEERS, 'pool.py')}' out/pool`],
      versions: versions(python),
    },
    {
      ...peer('pyspark', 'PySpark RDD', 'out/pyspark'),
      command: [VENV_PYTHON, join(PEERS, 'spark_rdd.py'), 'out/pyspark'],
      env: { PYSPARK_PYTHON: VENV_PYTHON, PYTHONPATH: PEERS },
      versions: versions(java, () => module('pyspark')),
    },
    {
      ...peer('polars', 'Polars', 'out/polars.json'),
      command: [VENV_PYTHON, join(PEERS, 'polars_lazy.py'), 'out/polars.json'],
      versions: versions(() => module('polars')),
    },
    {
      ...peer('duckdb', 'DuckDB', 'out/duckdb.json'),
      command: [VENV_PYTHON, join(PEERS, 'duck.py'), 'out/duckdb.json'],
      versions: versions(() => module('duckdb')),
    },
  ]
}

/** @param {string} id @param {string} label @param {string} output */
function peer(id, label, output) {
  return { id, label, output, env: {} }
}

/**
 * What each probe says, or why the first that fails does.
 * @param {...() => Record<string, string>} probes
 * @returns {Record<string, string> | string}
 */
function versions(...probes) {
  try {
    return Object.assign({}, ...probes.map((probe) => probe()))
  } catch (error) {
    return `${String(error).split('\n')[0]}: ${INSTALL}`
  }
}

function python() {
  return { python: versionOf(PYTHON, ['--version']).replace('Python ', '') }
}

/** @param {string} name */
function module(name) {
  return { [name]: versionOf(VENV_PYTHON, ['-c', `import ${name}; print(${name}.__version__)`]) }
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 */
function versionOf(file, args) {
  // Java answers on stderr.
  return execFileSync('sh', ['-c', '"$0" "$@" 2>&1', file, ...args], { encoding: 'utf8' }).trim()
}

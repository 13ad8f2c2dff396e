/** Who can run a job: kindling's program on two lines of Node, and Python programs, each limited to two workers. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMMAND, findProgram } from './program.mjs'
import { PYTHON } from './python.mjs'

const BENCH = fileURLToPath(new URL('..', import.meta.url))
export const VENV = join(BENCH, '.cache/venv')
const VENV_PYTHON = join(VENV, 'bin/python')
const INSTALL = 'run bench/install-peers.sh'
export const PEERS = join(BENCH, 'peers')
export const NODE24 = join(BENCH, '.cache/node24/node_modules/node/bin/node')

/** @typedef {import('./job.mjs').Candidate} Candidate */
/** @typedef {Omit<Candidate, 'versions' | 'program'> & { versions: Record<string, string> }} Entrant */

/**
 * Those that are found on this machine, and those that are not, with the reason.
 * @param {readonly Candidate[]} candidates
 * @returns {{ entrants: Entrant[], absent: { id: string, label: string, reason: string }[] }}
 */
export function findEntrants(candidates) {
  /** @type {ReturnType<typeof findEntrants>} */
  const found = { entrants: [], absent: [] }
  for (const { versions, program: _, ...entrant } of candidates) {
    try {
      found.entrants.push({ ...entrant, versions: versions() })
    } catch (error) {
      const reason = `${String(error).split('\n')[0]}: ${INSTALL}`.replaceAll(BENCH, 'bench/')
      found.absent.push({ id: entrant.id, label: entrant.label, reason })
    }
  }
  return found
}

/**
 * A program of kindling's, compiled, on the running Node and on Node 24.
 * @param {string} program TypeScript, from the root of the repository
 * @param {string} node24
 * @returns {Candidate[]}
 */
export function kindling(program, node24) {
  const { path, output } = findProgram(program)
  return onEachNode(node24, { program, output, args: [path], env: { KINDLING_MASTER: 'local[2]' } })
}

/**
 * The command `kindling` with some arguments, on the running Node and on Node 24.
 * @param {readonly string[]} args
 * @param {{ program?: string, output: string, node24: string }} options `program` is compiled for it
 * @returns {Candidate[]}
 */
export function kindlingCommand(args, { program, output, node24 }) {
  return onEachNode(node24, { program: program ?? null, output, args: [COMMAND, ...args], env: {} })
}

/**
 * @param {string} node24
 * @param {{ program: string | null, output: string, args: readonly string[], env: Record<string, string> }} run
 * @returns {Candidate[]}
 */
function onEachNode(node24, { program, output, args, env }) {
  const running = process.versions.node.split('.')[0]
  return [{ node: process.execPath, major: running }, ...(running === '24' ? [] : [{ node: node24, major: '24' }])].map(
    ({ node, major }) => ({
      id: `kindling-node${major}`,
      label: `kindling, Node ${major}`,
      program,
      output,
      command: [node, ...args],
      env,
      versions: () => {
        if (!existsSync(node)) throw new Error(`no ${node}`)
        return { node: versionOf(node, ['--version']).replace('v', '') }
      },
    }),
  )
}

/**
 * PySpark on two cores of one machine.
 * @param {string} script in bench/peers; its argument is the directory to write
 * @returns {Candidate}
 */
export function spark(script) {
  return {
    ...peer('pyspark', 'PySpark RDD', script),
    env: { PYSPARK_PYTHON: VENV_PYTHON, PYTHONPATH: PEERS },
    versions: () => ({
      java: versionOf('java', ['-version']).match(/"(.+?)"/)?.[1] ?? 'unknown',
      ...venvModule('pyspark'),
    }),
  }
}

/**
 * Dask's bag on two processes.
 * @param {string} script in bench/peers; its argument is the directory to write
 * @param {{ rounds?: number }} [options]
 * @returns {Candidate}
 */
export function dask(script, options) {
  return { ...peer('dask', 'Dask bag', script), ...options, versions: () => venvModule('dask') }
}

/**
 * A program for the Python that has the peers installed.
 * @param {string} id
 * @param {string} label
 * @param {string} script in bench/peers; its first argument is what it writes
 * @param {readonly string[]} args the others
 */
export function peer(id, label, script, ...args) {
  const output = `out/${id}`
  return { id, label, output, env: {}, command: [VENV_PYTHON, join(PEERS, script), output, ...args] }
}

export function pythonVersion() {
  return { python: versionOf(PYTHON, ['--version']).replace('Python ', '') }
}

/** @param {string} name of a module beside the peers */
export function venvModule(name) {
  return { [name]: versionOf(VENV_PYTHON, ['-c', `import ${name}; print(${name}.__version__)`]) }
}

/**
 * @param {string} file
 * @param {readonly string[]} args
 */
export function versionOf(file, args) {
  // Java answers on stderr.
  return execFileSync('sh', ['-c', '"$0" "$@" 2>&1', file, ...args], { encoding: 'utf8' }).trim()
}

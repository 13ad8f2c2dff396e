/**
 * Renders bench/results/*.json: the tables between `<!-- bench:<job> -->` and `<!-- /bench -->` in README.md (short) and
 * docs/benchmarks.md (full), and two plots beside it. The block `ratios` holds one row for each job that was measured, `targets` what compiled
 * closures were to reach.
 *
 *   node bench/render.mjs [--check] [--root directory]
 *
 * `--check` writes nothing and exits with 1 when a file differs from what the results say.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { jobNames } from './lib/job.mjs'
import { plot } from './lib/plot.mjs'
import { ratioTable } from './lib/ratios.mjs'
import { fullTable, shortTable } from './lib/table.mjs'
import { targetPlot, targetTable } from './lib/targets.mjs'

/** @typedef {import('./lib/table.mjs').Results} Results */

const README = 'README.md'
const DOCUMENT = 'docs/benchmarks.md'
const PLOT = 'docs/benchmarks.svg'
const TARGETS_PLOT = 'docs/compiled.svg'
const DEFINING_JOB = 'defining-job'
const RATIOS = 'ratios'
const TARGETS = 'targets'
const JOBS = jobNames()
const BLOCK = /(<!-- bench:([\w-]+) -->\n)[^]*?(<!-- \/bench -->)/g

/**
 * What each rendered file should hold.
 * @param {string} root
 * @returns {Map<string, string>} by path from the root
 */
function render(root) {
  const directory = join(root, 'bench/results')
  const results = new Map(
    readdirSync(directory)
      .filter((name) => name.endsWith('.json'))
      .map((name) => /** @type {Results} */ (JSON.parse(readFileSync(join(directory, name), 'utf8'))))
      .map((each) => [each.job, each]),
  )
  const definingJob = results.get(DEFINING_JOB)
  if (definingJob === undefined) throw new Error(`render: bench/results has no ${DEFINING_JOB}.json. Run pnpm bench.`)
  return new Map([
    [README, fillBlocks(root, README, results, shortTable)],
    [DOCUMENT, fillBlocks(root, DOCUMENT, results, fullTable)],
    [PLOT, plot(definingJob)],
    [TARGETS_PLOT, targetPlot(results)],
  ])
}

/**
 * @param {string} root
 * @param {string} path
 * @param {Map<string, Results>} results
 * @param {(results: Results) => string} table
 * @returns {string} the file's text with every block filled
 */
function fillBlocks(root, path, results, table) {
  const text = readFileSync(join(root, path), 'utf8')
  if (!text.includes(`<!-- bench:${DEFINING_JOB} -->`)) {
    throw new Error(`render: ${path} has no <!-- bench:${DEFINING_JOB} --> … <!-- /bench -->.`)
  }
  return text.replace(BLOCK, (_, open, job, close) => `${open}${blockOf(job, path, results, table)}\n${close}`)
}

/**
 * @param {string} job or `ratios` or `targets`
 * @param {string} path of the file that has the block
 * @param {Map<string, Results>} results
 * @param {(results: Results) => string} table
 */
function blockOf(job, path, results, table) {
  if (job === TARGETS) return targetTable(results)
  if (job === RATIOS) return ratioTable(JOBS.flatMap((name) => results.get(name) ?? []))
  if (!JOBS.includes(job))
    throw new Error(`render: ${path} has a block for "${job}", which is none of ${JOBS.join(', ')}.`)
  const each = results.get(job)
  return each === undefined ? `Not measured yet: \`pnpm bench --job ${job}\`.` : table(each)
}

function main() {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    },
  })
  const changed = [...render(values.root)].filter(([path, text]) => {
    const file = join(values.root, path)
    return !existsSync(file) || readFileSync(file, 'utf8') !== text
  })
  for (const [path, text] of changed) {
    if (values.check) console.error(`render: ${path} differs from bench/results. Run node bench/render.mjs.`)
    else writeFileSync(join(values.root, path), text)
  }
  if (values.check && changed.length > 0) process.exitCode = 1
}

try {
  main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

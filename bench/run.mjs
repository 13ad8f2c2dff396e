/**
 * `pnpm bench`: the jobs of bench/jobs, each by kindling and by its peers, in alternating runs on the same data, the results checked
 * equal. Raw runs go to bench/results/<job>.json, from which bench/render.mjs makes the tables and the plot.
 *
 *   node bench/run.mjs [--job name]… [--rows 10000] [--runs 5] [--only name]… [--node24 path] [--remark text]
 *
 * `--rows` is the size of the input, of every job but those whose size is their point.
 * `--remark` is kept with the results and shown under the table: say so when the machine was busy with other work.
 * `--only` runs the entrants whose names have one of the texts, and writes no results, because a ratio needs both sides.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, platform, totalmem } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { NODE24 } from './lib/candidates.mjs'
import { loadJobs } from './lib/job.mjs'
import { compilePrograms } from './lib/program.mjs'
import { runJob } from './lib/run-job.mjs'

const BENCH = fileURLToPath(new URL('.', import.meta.url))
const MACHINE = {
  cores: availableParallelism(),
  architecture: arch(),
  memoryGB: Math.round(totalmem() / 1e9),
  system: platform(),
}

/** @typedef {import('./lib/job.mjs').Job<unknown>} Job */

/** @param {string} name @param {string} text */
function count(name, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`bench: --${name} must be a whole number from 1, got "${text}".`)
  return Number(text)
}

async function main() {
  const { values } = parseArgs({
    options: {
      job: { type: 'string', multiple: true },
      rows: { type: 'string' },
      runs: { type: 'string', default: '5' },
      only: { type: 'string', multiple: true },
      node24: { type: 'string' },
      remark: { type: 'string' },
    },
  })
  const jobs = await loadJobs()
  const names = values.job ?? [...jobs.keys()]
  const unknown = names.find((name) => !jobs.has(name))
  if (unknown !== undefined)
    throw new Error(`bench: --job must be one of ${[...jobs.keys()].join(', ')}, got "${unknown}".`)
  const runs = count('runs', values.runs)
  const rows = values.rows === undefined ? undefined : count('rows', values.rows)
  const node24 = values.node24 === undefined ? NODE24 : resolve(values.node24)

  const selected = names.map((name) => ({ name, job: /** @type {Job} */ (jobs.get(name)) }))
  const isAsked = (/** @type {{ id: string }} */ { id }) => values.only?.some((text) => id.includes(text)) ?? true
  const candidates = (/** @type {Job} */ job) => job.candidates(node24).filter(isAsked)
  const own = selected.flatMap(({ job }) => candidates(job)).filter(({ program }) => program !== undefined)
  if (own.length > 0) compilePrograms([...new Set(own.flatMap(({ program }) => program ?? []))])
  for (const { name, job } of selected) {
    try {
      const jobRows = job.isFixed ? job.rows : (rows ?? job.rows)
      const results = runJob({ name, job, candidates: candidates(job), rows: jobRows, runs })
      const { remark } = values
      if (values.only === undefined) write(remark === undefined ? results : { ...results, remark })
    } catch (error) {
      // The other jobs take an hour, and their results are no worse for it.
      console.error(error instanceof Error ? error.message : error)
      process.exitCode = 1
    }
  }
}

/** @param {ReturnType<typeof runJob> & { remark?: string }} results */
function write({ job, title, ...rest }) {
  const measured = new Date().toISOString().slice(0, 10)
  const path = join(BENCH, 'results', `${job}.json`)
  mkdirSync(join(BENCH, 'results'), { recursive: true })
  writeFileSync(path, `${JSON.stringify({ job, title, measured, machine: MACHINE, ...rest }, null, 1)}\n`)
  console.log(`Wrote ${relative(process.cwd(), path)}. Now: node bench/render.mjs`)
}

await main()

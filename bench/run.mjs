/**
 * `pnpm bench`: the defining job by kindling and by its peers, in alternating runs on the same data, the results checked
 * equal. Raw runs go to bench/results/<job>.json, from which bench/render.mjs makes the table and the plot.
 *
 *   node bench/run.mjs [--job defining-job|ten-rows] [--rows 10000000] [--runs 5] [--only name] [--node24 path] [--remark text]
 *
 * `--remark` is kept with the results and shown under the table: say so when the machine was busy with other work.
 * `--only` runs the entrants whose name has the text, and writes no results, because a ratio needs both sides.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, platform, totalmem } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { makeSampleData } from '../scripts/sample-data.mjs'
import { findEntrants } from './lib/entrants.mjs'
import { compileExample } from './lib/example.mjs'
import { measure } from './lib/measure.mjs'
import { difference, readRows } from './lib/rows.mjs'
import { summary } from './lib/statistics.mjs'

const BENCH = fileURLToPath(new URL('.', import.meta.url))

/**
 * The jobs: one of size, one that shows what starting costs. With seed 29 one of the first ten rows is kept.
 * @type {Record<string, { rows: number, files: number, seed: number }>}
 */
const JOBS = {
  'defining-job': { rows: 10_000_000, files: 20, seed: 20 },
  'ten-rows': { rows: 10, files: 1, seed: 29 },
}

/** @typedef {import('./lib/entrants.mjs').Entrant} Entrant */
/** @typedef {{ entrant: string, round: number, wallS: number, cpuS: number, peakBytes: number }} Run */

/**
 * @param {string} job
 * @param {{ rows: number, files: number, seed: number }} data
 * @param {{ runs: number, only: string | undefined, node24: string | undefined, remark: string | undefined }} options
 */
function bench(job, data, { runs: runCount, only, node24, remark }) {
  const cwd = join(BENCH, '.cache', `${data.rows}-rows`)
  const { sizeBytes } = makeSampleData({ directory: join(cwd, 'data'), ...data })
  const { entrants: found, absent } = findEntrants({ node24 })
  const entrants = found.filter(({ id }) => only === undefined || id.includes(only))
  if (entrants.length === 0)
    throw new Error(`bench: no entrant has "${only}" in its name. Found: ${found.map(({ id }) => id).join(', ')}.`)
  for (const { label, reason } of absent) console.log(`absent: ${label} (${reason})`)

  if (entrants.some(({ id }) => id.startsWith('kindling'))) compileExample()

  /** @type {string[] | undefined} */
  let expected
  /** @type {Run[]} */
  const runs = []
  // Round 0 warms up, unrecorded: the page cache, and each one's own caches.
  for (let round = 0; round <= runCount; round += 1) {
    for (const entrant of entrants) {
      const { cost, rows } = runOnce(entrant, cwd)
      expected ??= rows
      const differs = difference(rows, expected)
      if (differs !== undefined)
        throw new Error(`bench: ${entrant.label} and ${entrants[0]?.label} disagree: ${differs}`)
      if (round > 0) runs.push({ entrant: entrant.id, round, ...cost })
      console.log(
        `${job} ${round}/${runCount} ${entrant.label.padEnd(24)} wall ${cost.wallS.toFixed(3)} s  CPU ${cost.cpuS.toFixed(3)} s  ${(cost.peakBytes / 1e6).toFixed(0)} MB`,
      )
    }
  }
  report(entrants, runs)
  if (only !== undefined) return
  const results = {
    job,
    measured: new Date().toISOString().slice(0, 10),
    machine: {
      cores: availableParallelism(),
      architecture: arch(),
      memoryGB: Math.round(totalmem() / 1e9),
      system: platform(),
    },
    ...(remark === undefined ? {} : { remark }),
    rows: data.rows,
    files: data.files,
    sizeBytes,
    keptRows: expected?.length ?? 0,
    entrants: entrants.map(({ id, label, versions }) => ({ id, label, versions })),
    absent: absent.map(({ id, label, reason }) => ({ id, label, reason: reason.replaceAll(BENCH, 'bench/') })),
    runs,
  }
  const path = join(BENCH, 'results', `${job}.json`)
  mkdirSync(join(BENCH, 'results'), { recursive: true })
  writeFileSync(path, `${JSON.stringify(results, null, 1)}\n`)
  console.log(`Wrote ${relative(process.cwd(), path)}. Now: node bench/render.mjs`)
}

/** @param {Entrant} entrant @param {string} cwd */
function runOnce({ command, env, output }, cwd) {
  rmSync(join(cwd, 'out'), { recursive: true, force: true })
  rmSync(join(cwd, output), { recursive: true, force: true })
  mkdirSync(join(cwd, 'out'))
  const cost = measure(command, { cwd, env })
  return { cost, rows: readRows(join(cwd, output)) }
}

/** @param {readonly Entrant[]} entrants @param {readonly Run[]} runs */
function report(entrants, runs) {
  for (const { id, label } of runs.length > 0 ? entrants : []) {
    const wall = summary(runs, id, (run) => run.wallS)
    const cpu = summary(runs, id, (run) => run.cpuS)
    console.log(`${label.padEnd(24)} median wall ${wall.median.toFixed(3)} s, CPU ${cpu.median.toFixed(3)} s`)
  }
}

const { values } = parseArgs({
  options: {
    job: { type: 'string' },
    rows: { type: 'string' },
    runs: { type: 'string', default: '5' },
    only: { type: 'string' },
    node24: { type: 'string' },
    remark: { type: 'string' },
  },
})
if (values.job !== undefined && !(values.job in JOBS)) {
  throw new Error(`bench: --job must be one of ${Object.keys(JOBS).join(', ')}, got "${values.job}".`)
}
const runs = count('runs', values.runs)
for (const [job, data] of Object.entries(JOBS)) {
  if (values.job !== undefined && values.job !== job) continue
  // `--rows` is the size of the defining job; ten rows stay ten.
  const rows = job === 'defining-job' && values.rows !== undefined ? count('rows', values.rows) : data.rows
  bench(
    job,
    { ...data, rows },
    { runs, only: values.only, node24: values.node24 && resolve(values.node24), remark: values.remark },
  )
}

/** @param {string} name @param {string} text */
function count(name, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`bench: --${name} must be a whole number from 1, got "${text}".`)
  return Number(text)
}

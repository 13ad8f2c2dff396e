/** One job by all its entrants: rounds of one run each, every result compared. */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findEntrants } from './candidates.mjs'
import { forEachLine, readAll } from './lines.mjs'
import { measure } from './measure.mjs'
import { summary } from './statistics.mjs'

const CACHE = fileURLToPath(new URL('../.cache/', import.meta.url))

/** @typedef {import('./candidates.mjs').Entrant} Entrant */
/** @typedef {{ entrant: string, round: number, wallS: number, cpuS: number, peakBytes: number }} Run */

/**
 * @template Outcome
 * @param {object} options
 * @param {string} options.name
 * @param {import('./job.mjs').Job<Outcome>} options.job
 * @param {readonly import('./job.mjs').Candidate[]} options.candidates
 * @param {number} options.rows of input
 * @param {number} options.runs of each entrant, unless the job or the entrant takes too long for them
 * @param {string} [options.cache] where the data are made, once
 * @throws Error when an entrant fails, or when two results differ
 */
export function runJob({ name, job, candidates, rows, runs: wantedRuns, cache = CACHE }) {
  const { entrants, absent } = findEntrants(candidates)
  for (const { label, reason } of absent) console.log(`absent: ${label} (${reason})`)
  if (entrants.length === 0) throw new Error(`bench: ${name} has no entrant that is asked for and installed.`)

  const cwd = join(cache, `${job.dataName ?? name}-${rows}`)
  const data = job.makeData(join(cwd, 'data'), rows)
  const rounds = Math.min(wantedRuns, job.rounds ?? wantedRuns)
  if (job.warmUp === 'read') forEachLine(join(cwd, 'data'), () => {})

  let outcome = job.expected?.(join(cwd, 'data'))
  /** @type {Run[]} */
  const runs = []
  for (let round = job.warmUp === 'run' ? 0 : 1; round <= rounds; round += 1) {
    for (const entrant of entrants) {
      if (round > (entrant.rounds ?? rounds)) continue
      // What a long run before has left to the disk is read from memory again.
      if (job.warmUp === 'run') readAll(join(cwd, 'data'))
      const { cost, result } = runOnce(entrant, cwd, job.read)
      outcome ??= result
      const differs = job.difference(result, outcome)
      if (differs !== undefined)
        throw new Error(
          `bench: ${name}: ${entrant.label} differs from ${job.expected ? 'the data' : entrants[0]?.label}: ${differs}`,
        )
      if (round > 0) runs.push({ entrant: entrant.id, round, ...cost })
      console.log(
        `${name} ${round}/${rounds} ${entrant.label.padEnd(24)} wall ${cost.wallS.toFixed(3)} s  CPU ${cost.cpuS.toFixed(3)} s  ${(cost.peakBytes / 1e6).toFixed(0)} MB`,
      )
    }
  }
  report(entrants, runs)
  return {
    job: name,
    title: job.title,
    rows,
    ...data,
    subject: job.subject({ rows, ...data }, /** @type {Outcome} */ (outcome)),
    workers: job.workers,
    warmUp: job.warmUp,
    entrants: entrants.map(({ id, label, versions }) => ({ id, label, versions })),
    absent,
    runs,
  }
}

/**
 * @template Outcome
 * @param {Entrant} entrant
 * @param {string} cwd
 * @param {(output: string) => Outcome} read
 */
function runOnce({ command, env, output, allowedS }, cwd, read) {
  rmSync(join(cwd, 'out'), { recursive: true, force: true })
  rmSync(join(cwd, output), { recursive: true, force: true })
  mkdirSync(join(cwd, 'out'))
  const cost = measure(command, { cwd, env, allowedS })
  const result = read(join(cwd, output))
  rmSync(join(cwd, output), { recursive: true, force: true })
  return { cost, result }
}

/** @param {readonly Entrant[]} entrants @param {readonly Run[]} runs */
function report(entrants, runs) {
  for (const { id, label } of runs.length > 0 ? entrants : []) {
    const wall = summary(runs, id, (run) => run.wallS)
    const cpu = summary(runs, id, (run) => run.cpuS)
    console.log(`${label.padEnd(24)} median wall ${wall.median.toFixed(3)} s, CPU ${cpu.median.toFixed(3)} s`)
  }
}

/** The results of one job as a Markdown table: short for the README, full for docs/benchmarks.md */
import { markdownTable, megabytes, seconds, times } from './markdown.mjs'
import { medianRatio, summary } from './statistics.mjs'
import { many } from './words.mjs'

/**
 * @typedef {{ entrant: string, round: number, wallS: number, cpuS: number, peakBytes: number }} Run
 * @typedef {object} Results
 * @property {string} job
 * @property {string} [title] of the job's row in the table of ratios, which it is not in without one
 * @property {string} measured the day, YYYY-MM-DD
 * @property {{ cores: number, architecture: string, memoryGB: number, system: string }} machine
 * @property {string} [remark] what a reader should know of this run
 * @property {number} rows
 * @property {number} files
 * @property {number} sizeBytes
 * @property {string} subject what was worked on, and what came of it
 * @property {string} [workers] what each could use, if not two workers
 * @property {'run' | 'read'} warmUp what preceded the first round
 * @property {{ id: string, label: string, versions: Record<string, string> }[]} entrants
 * @property {{ id: string, label: string, reason: string }[]} absent
 * @property {Run[]} runs
 */

/** @param {Run} run */
const wall = (run) => run.wallS
/** @param {Run} run */
const cpu = (run) => run.cpuS
/** @param {Run} run */
const peak = (run) => run.peakBytes

/**
 * Medians, and CPU time as a multiple of kindling's.
 * @param {Results} results
 * @returns {string}
 */
export function shortTable(results) {
  const { runs } = results
  const bases = kindlings(results)
  return [
    ...markdownTable(
      ['', 'wall, s', 'CPU, s', 'peak memory, MB', ...bases.map(({ label }) => `CPU ÷ ${label}`)],
      byCpu(results).map(({ id, label }) => [
        label + ofFewer(runs, id),
        seconds(summary(runs, id, wall).median),
        seconds(summary(runs, id, cpu).median),
        megabytes(summary(runs, id, peak).max),
        ...bases.map((base) => times(medianRatio(runs, id, base.id, cpu))),
      ]),
    ),
    '',
    caption(results),
  ].join('\n')
}

/**
 * Medians with the least and the greatest, both ratios, and the versions.
 * @param {Results} results
 * @returns {string}
 */
export function fullTable(results) {
  const { runs } = results
  const bases = kindlings(results)
  return [
    ...markdownTable(
      [
        '',
        'wall, s',
        'CPU, s',
        'peak memory, MB',
        ...bases.flatMap(({ label }) => [`wall ÷ ${label}`, `CPU ÷ ${label}`]),
        'versions',
      ],
      byCpu(results).map(({ id, label, versions }) => [
        label + ofFewer(runs, id),
        spread(summary(runs, id, wall)),
        spread(summary(runs, id, cpu)),
        megabytes(summary(runs, id, peak).max),
        ...bases.flatMap((base) => [wall, cpu].map((quantity) => times(medianRatio(runs, id, base.id, quantity)))),
        Object.entries(versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', '),
      ]),
    ),
    '',
    caption(results),
    ...results.absent.map(({ label, reason }) => `Absent: ${label} (${reason}).`),
  ].join('\n')
}

/**
 * The entrants, the least CPU time first.
 * @param {Results} results
 */
export function byCpu({ entrants, runs }) {
  return entrants.toSorted((a, b) => summary(runs, a.id, cpu).median - summary(runs, b.id, cpu).median)
}

/** @param {Results} results */
export function kindlings({ entrants }) {
  return entrants.filter(({ id }) => id.startsWith('kindling-')).toSorted((a, b) => b.id.localeCompare(a.id))
}

/**
 * What was measured, where, and how.
 * @param {Results} results
 */
function caption({ subject, workers = 'two workers each', runs, machine, measured, remark }) {
  const rounds = roundsOf(runs)
  const how = rounds === 1 ? 'one run each' : `medians of ${rounds} alternating runs, ratios within a run`
  return (
    `${subject}; ${workers}; ${how}; ` +
    `${machine.cores} ${machine.architecture} cores, ${machine.memoryGB} GB, ${machine.system}; ${measured}${remark === undefined ? '' : `; ${remark.replace(/\.$/, '')}`}.`
  )
}

/** @param {readonly Run[]} runs */
function roundsOf(runs) {
  return Math.max(...runs.map(({ round }) => round))
}

/**
 * Such as ", 1 run", where others have more.
 * @param {readonly Run[]} runs
 * @param {string} id
 */
function ofFewer(runs, id) {
  const count = runs.filter(({ entrant }) => entrant === id).length
  return count < roundsOf(runs) ? `, ${many(count, 'run')}` : ''
}

/** @param {{ median: number, min: number, max: number }} summary */
function spread({ median, min, max }) {
  return `${seconds(median)} (${seconds(min)}–${seconds(max)})`
}

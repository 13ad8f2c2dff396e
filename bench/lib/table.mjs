/** The results of one job as a Markdown table: short for the README, full for docs/benchmarks.md. */
import { medianRatio, summary } from './statistics.mjs'

/**
 * @typedef {{ entrant: string, round: number, wallS: number, cpuS: number, peakBytes: number }} Run
 * @typedef {object} Results
 * @property {string} job
 * @property {string} measured the day, YYYY-MM-DD
 * @property {{ cores: number, architecture: string, memoryGB: number, system: string }} machine
 * @property {string} [remark] what a reader should know of this run
 * @property {number} rows
 * @property {number} files
 * @property {number} sizeBytes
 * @property {number} keptRows
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
        label,
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
        label,
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
function kindlings({ entrants }) {
  return entrants.filter(({ id }) => id.startsWith('kindling-')).toSorted((a, b) => b.id.localeCompare(a.id))
}

/**
 * What was measured, where, and how.
 * @param {Results} results
 */
function caption({ rows, files, sizeBytes, keptRows, runs, machine, measured, remark }) {
  const rounds = Math.max(...runs.map(({ round }) => round))
  const size = sizeBytes < 1e6 ? `${sizeBytes} bytes` : `${Math.round(sizeBytes / 1e6)} MB`
  const many = (/** @type {number} */ count, /** @type {string} */ noun) =>
    `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`
  return (
    `${many(rows, 'row')} in ${many(files, 'file')} (${size}), ${keptRows.toLocaleString('en')} kept; two workers each; medians of ${rounds} alternating runs, ` +
    `ratios within a run; ${machine.cores} ${machine.architecture} cores, ${machine.memoryGB} GB, ${machine.system}; ${measured}${remark === undefined ? '' : `; ${remark}`}.`
  )
}

/** @param {readonly string[]} head @param {readonly (readonly string[])[]} rows */
function markdownTable(head, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`
  return [
    line(head),
    line(head.map((_, column) => (column === 0 || head[column] === 'versions' ? '---' : '---:'))),
    ...rows.map(line),
  ]
}

/** @param {number} value */
export function seconds(value) {
  return value.toFixed(value < 10 ? 2 : 1)
}

/** @param {{ median: number, min: number, max: number }} summary */
function spread({ median, min, max }) {
  return `${seconds(median)} (${seconds(min)}–${seconds(max)})`
}

/** @param {number} bytes */
function megabytes(bytes) {
  return (bytes / 1e6).toFixed(0)
}

/** @param {number | undefined} ratio */
function times(ratio) {
  return ratio === undefined ? '' : ratio.toFixed(ratio < 10 ? 2 : 1)
}

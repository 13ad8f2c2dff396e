/** What compiled closures were to reach against others, and what they reached: as a Markdown table, and as a plot. */
import { markdownTable, times } from './markdown.mjs'
import { plotFrame, round } from './plot.mjs'
import { medianRatio } from './statistics.mjs'

/** @typedef {import('./table.mjs').Results} Results */
/** @typedef {{ job: string, label: string, peer: string, beside: string, most: number, ratios: (number | undefined)[] }} Reached */

/** `v8` is the same program with its functions left to V8, on the same Node. */
const V8 = 'v8'
const NODES = ['kindling-node24', 'kindling-node20']

/** CPU time at most, as a multiple of the peer's. Writing was to take no more than engines that know the columns. */
const TARGETS = [
  { job: 'defining-job', label: 'the defining job', peer: 'duckdb', beside: 'DuckDB', most: 0.62 },
  { job: 'defining-job', label: 'the defining job', peer: 'polars', beside: 'Polars', most: 0.4 },
  { job: 'defining-job', label: 'the defining job', peer: 'simdjson', beside: 'simdjson, C++', most: 1.2 },
  { job: 'defining-job', label: 'the defining job', peer: 'parallel', beside: 'GNU Parallel + Python', most: 0.04 },
  { job: 'log-rows', label: 'log rows', peer: 'duckdb', beside: 'DuckDB', most: 0.7 },
  { job: 'mixed-shapes', label: 'mixed shapes', peer: 'duckdb', beside: 'DuckDB', most: 0.8 },
  { job: 'half-kept', label: 'half of the rows kept', peer: V8, beside: 'not compiled', most: 0.6 },
  { job: 'half-kept', label: 'half of the rows kept', peer: 'duckdb', beside: 'DuckDB', most: 1 },
  { job: 'half-kept', label: 'half of the rows kept', peer: 'polars', beside: 'Polars', most: 1 },
  { job: 'all-kept', label: 'all rows kept', peer: V8, beside: 'not compiled', most: 0.6 },
  { job: 'all-kept', label: 'all rows kept', peer: 'duckdb', beside: 'DuckDB', most: 1 },
  { job: 'all-kept', label: 'all rows kept', peer: 'polars', beside: 'Polars', most: 1 },
  { job: 'absent-field', label: 'a field absent in a fifth', peer: V8, beside: 'not compiled', most: 0.5 },
  { job: 'grouped-rows', label: 'log rows by service', peer: 'duckdb', beside: 'DuckDB', most: 1 },
  { job: 'strings-only', label: 'strings only', peer: V8, beside: 'not compiled', most: 1 },
]

/** @param {import('./table.mjs').Run} run */
const cpu = (run) => run.cpuS

/**
 * @param {ReadonlyMap<string, Results>} results by job
 * @returns {readonly Reached[]} those that were measured
 */
function reached(results) {
  return TARGETS.flatMap((target) => {
    const runs = results.get(target.job)?.runs
    if (runs === undefined) return []
    const peerOf = (/** @type {string} */ own) => (target.peer === V8 ? own.replace('kindling', V8) : target.peer)
    return [{ ...target, ratios: NODES.map((own) => medianRatio(runs, own, peerOf(own), cpu)) }]
  })
}

/** @param {ReadonlyMap<string, Results>} results by job */
export function targetTable(results) {
  return markdownTable(
    ['', 'beside', 'CPU at most', 'Node 24', 'Node 20'],
    reached(results).map(({ label, beside, most, ratios }) => [label, beside, times(most), ...ratios.map(times)]),
  ).join('\n')
}

// Pixels.
const ROW_HEIGHT = 24
const BAR_HEIGHT = 14

/**
 * A bar for each target that was measured, on Node 24, and a mark at what was asked.
 * @param {ReadonlyMap<string, Results>} results by job
 */
export function targetPlot(results) {
  const bars = reached(results).flatMap(({ ratios: [ratio], ...bar }) =>
    ratio === undefined ? [] : [{ ...bar, ratio }],
  )
  return plotFrame({
    title: 'CPU time of compiled closures, as a multiple of another’s on the same job',
    legend: [
      ['own cpu', 'kindling on Node 24: medians of alternating runs; the line is what was asked; less is better'],
    ],
    labelWidth: 330,
    rowHeight: ROW_HEIGHT,
    rows: bars.map(({ label, beside }) => ({ label: `${label} ÷ ${beside}`, isOwn: false })),
    greatest: Math.max(...bars.flatMap(({ ratio, most }) => [ratio, most])),
    unit: '',
    draw: (index, y, toX) => {
      const { ratio, most } = bars[index]
      const from = toX(0)
      return [
        `  <rect class="own cpu" x="${from}" y="${y}" width="${round(toX(ratio) - from)}" height="${BAR_HEIGHT}"/>`,
        `  <line class="asked" x1="${round(toX(most))}" y1="${y - 3}" x2="${round(toX(most))}" y2="${y + BAR_HEIGHT + 3}"/>`,
        `  <text class="small" x="${round(toX(Math.max(ratio, most)) + 6)}" y="${y + 11}">${times(ratio)}</text>`,
      ]
    },
  })
}

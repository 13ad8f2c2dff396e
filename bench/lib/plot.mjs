/** The results of one job as an SVG: for each entrant its CPU time and wall time as bars on one linear scale from zero. */
import { seconds } from './markdown.mjs'
import { summary } from './statistics.mjs'
import { byCpu } from './table.mjs'

/** @typedef {import('./table.mjs').Results} Results */

// Pixels.
const WIDTH = 760
const LABEL_WIDTH = 190
const BAR_WIDTH = 500
const BAR_HEIGHT = 11
const ROW_HEIGHT = 36
const TOP = 68
const BOTTOM = 34

const STYLE = `
    text { font: 13px system-ui, -apple-system, 'Segoe UI', sans-serif; fill: #1f2328 }
    .title { font-size: 15px; font-weight: 600 }
    .own { font-weight: 600 }
    .small { font-size: 11px; fill: #59636e }
    .cpu { fill: #8c959f } .wall { fill: #d0d7de }
    .own.cpu { fill: #bc4c00 } .own.wall { fill: #f0b388 }
    .axis { stroke: #d1d9e0 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .small { fill: #9198a1 }
      .cpu { fill: #8b949e } .wall { fill: #484f58 }
      .own.cpu { fill: #f0883e } .own.wall { fill: #8a4b1f }
      .axis { stroke: #3d444d }
    }
  `

/**
 * @param {Results} results
 * @returns {string} readable on a light and on a dark page: the background is the page's own
 */
export function plot(results) {
  const bars = byCpu(results).map(({ id, label }) => ({
    label,
    isOwn: id.startsWith('kindling-'),
    cpuS: summary(results.runs, id, (run) => run.cpuS).median,
    wallS: summary(results.runs, id, (run) => run.wallS).median,
  }))
  const step = axisStep(Math.max(...bars.flatMap(({ cpuS, wallS }) => [cpuS, wallS])))
  const end = Math.ceil(Math.max(...bars.flatMap(({ cpuS, wallS }) => [cpuS, wallS])) / step) * step
  const toX = (/** @type {number} */ value) => LABEL_WIDTH + (value / end) * BAR_WIDTH
  const bottom = TOP + bars.length * ROW_HEIGHT
  const title = `${results.rows.toLocaleString('en')} rows of JSON (${Math.round(results.sizeBytes / 1e6)} MB): parse, add, filter, write`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + BOTTOM}" width="${WIDTH}" height="${bottom + BOTTOM}" role="img" aria-label="${title}; CPU and wall seconds">`,
    `  <style>${STYLE}</style>`,
    `  <text class="title" x="12" y="24">${title}</text>`,
    ...legend(results),
    ...ticks(end, step).flatMap((value) => [
      `  <line class="axis" x1="${round(toX(value))}" y1="${TOP - 6}" x2="${round(toX(value))}" y2="${bottom}"/>`,
      `  <text class="small" x="${round(toX(value))}" y="${bottom + 16}" text-anchor="middle">${value} s</text>`,
    ]),
    ...bars.flatMap((bar, index) => barPair(bar, TOP + index * ROW_HEIGHT, toX)),
    '</svg>',
    '',
  ].join('\n')
}

/** @param {Results} results */
function legend({ machine, runs }) {
  const rounds = Math.max(...runs.map(({ round: each }) => each))
  return [
    '  <rect class="cpu" x="12" y="38" width="11" height="11"/>',
    '  <text class="small" x="28" y="48">CPU seconds</text>',
    '  <rect class="wall" x="112" y="38" width="11" height="11"/>',
    `  <text class="small" x="128" y="48">wall seconds: medians of ${rounds}, two workers each, ${machine.cores} cores; less is better</text>`,
  ]
}

/**
 * @param {{ label: string, isOwn: boolean, cpuS: number, wallS: number }} bar
 * @param {number} y
 * @param {(value: number) => number} toX
 */
function barPair({ label, isOwn, cpuS, wallS }, y, toX) {
  const own = isOwn ? 'own ' : ''
  return [
    `  <text class="${own}label" x="${LABEL_WIDTH - 10}" y="${y + 16}" text-anchor="end">${label}</text>`,
    ...[
      { kind: 'cpu', value: cpuS, top: y },
      { kind: 'wall', value: wallS, top: y + BAR_HEIGHT + 1 },
    ].flatMap(({ kind, value, top }) => [
      `  <rect class="${own}${kind}" x="${LABEL_WIDTH}" y="${top}" width="${round(toX(value) - LABEL_WIDTH)}" height="${BAR_HEIGHT}"/>`,
      `  <text class="small" x="${round(toX(value) + 5)}" y="${top + 10}">${seconds(value)}</text>`,
    ]),
  ]
}

/** @param {number} end @param {number} step */
function ticks(end, step) {
  return Array.from({ length: Math.round(end / step) + 1 }, (_, index) => round(index * step))
}

/** @param {number} greatest */
function axisStep(greatest) {
  const power = 10 ** Math.floor(Math.log10(greatest))
  return [0.1, 0.2, 0.5, 1, 2].map((factor) => factor * power).find((step) => greatest / step <= 8) ?? power
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 100) / 100
}

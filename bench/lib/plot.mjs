/** The results of one job as an SVG: for each entrant its CPU time and wall time as bars on one linear scale from zero. */
import { seconds } from './markdown.mjs'
import { summary } from './statistics.mjs'
import { byCpu } from './table.mjs'

/** @typedef {import('./table.mjs').Results} Results */

// Pixels.
const WIDTH = 760
const LABEL_WIDTH = 190
const RIGHT = 70
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
    .asked { stroke: #1f2328; stroke-width: 2 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .small { fill: #9198a1 }
      .cpu { fill: #8b949e } .wall { fill: #484f58 }
      .own.cpu { fill: #f0883e } .own.wall { fill: #8a4b1f }
      .axis { stroke: #3d444d }
      .asked { stroke: #e6edf3 }
    }
  `

/**
 * @param {Results} results
 * @returns {string}
 */
export function plot(results) {
  const bars = byCpu(results).map(({ id, label }) => ({
    label,
    isOwn: id.startsWith('kindling-'),
    cpuS: summary(results.runs, id, (run) => run.cpuS).median,
    wallS: summary(results.runs, id, (run) => run.wallS).median,
  }))
  const rounds = Math.max(...results.runs.map(({ round: each }) => each))
  return plotFrame({
    title: `${results.rows.toLocaleString('en')} rows of JSON (${Math.round(results.sizeBytes / 1e6)} MB): parse, add, filter, write`,
    legend: [
      ['cpu', 'CPU seconds'],
      ['wall', `wall seconds: medians of ${rounds}, two workers each, ${results.machine.cores} cores; less is better`],
    ],
    labelWidth: LABEL_WIDTH,
    rowHeight: ROW_HEIGHT,
    rows: bars,
    greatest: Math.max(...bars.flatMap(({ cpuS, wallS }) => [cpuS, wallS])),
    unit: ' s',
    draw: (index, y, toX) => barPair(bars[index], y, toX),
  })
}

/**
 * A plot of rows with a label each, over a linear axis from zero.
 * @param {object} frame
 * @param {string} frame.title
 * @param {readonly [kind: string, text: string][]} frame.legend
 * @param {number} frame.labelWidth
 * @param {number} frame.rowHeight
 * @param {readonly { label: string, isOwn: boolean }[]} frame.rows
 * @param {number} frame.greatest of the values
 * @param {string} frame.unit
 * @param {(index: number, y: number, toX: (value: number) => number) => readonly string[]} frame.draw what stands beside a label
 * @returns {string} readable on a light and on a dark page: the background is the page's own
 */
export function plotFrame({ title, legend, labelWidth, rowHeight, rows, greatest, unit, draw }) {
  const step = axisStep(greatest)
  const end = Math.ceil(greatest / step) * step
  const barWidth = WIDTH - labelWidth - RIGHT
  const toX = (/** @type {number} */ value) => labelWidth + (value / end) * barWidth
  const bottom = TOP + rows.length * rowHeight
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${bottom + BOTTOM}" width="${WIDTH}" height="${bottom + BOTTOM}" role="img" aria-label="${title}">`,
    `  <style>${STYLE}</style>`,
    `  <text class="title" x="12" y="24">${title}</text>`,
    ...legend.flatMap(([kind, text], index) => [
      `  <rect class="${kind}" x="${12 + index * 100}" y="38" width="11" height="11"/>`,
      `  <text class="small" x="${28 + index * 100}" y="48">${text}</text>`,
    ]),
    ...ticks(end, step).flatMap((value) => [
      `  <line class="axis" x1="${round(toX(value))}" y1="${TOP - 6}" x2="${round(toX(value))}" y2="${bottom}"/>`,
      `  <text class="small" x="${round(toX(value))}" y="${bottom + 16}" text-anchor="middle">${value}${unit}</text>`,
    ]),
    ...rows.flatMap(({ label, isOwn }, index) => {
      const y = TOP + index * rowHeight
      return [
        `  <text class="${isOwn ? 'own ' : ''}label" x="${labelWidth - 10}" y="${y + rowHeight / 2 - 2}" text-anchor="end">${label}</text>`,
        ...draw(index, y, toX),
      ]
    }),
    '</svg>',
    '',
  ].join('\n')
}

/**
 * @param {{ isOwn: boolean, cpuS: number, wallS: number }} bar
 * @param {number} y
 * @param {(value: number) => number} toX
 */
function barPair({ isOwn, cpuS, wallS }, y, toX) {
  const own = isOwn ? 'own ' : ''
  return [
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
export function round(value) {
  return Math.round(value * 100) / 100
}

/** Readings of two numbers with 17 digits, as numbers, as strings, or with one absent in a fifth of the rows beside a tag. */
import { fractionFrom, makeSeededFiles } from '../../scripts/seeded-files.mjs'

const FILES = 8

/** @typedef {() => number} Random */

/** @type {Record<'numbers' | 'strings' | 'absent', (random: Random) => string>} */
const ROWS = {
  numbers: (random) => `{"index": ${digits(random)}, "total": ${digits(random)}}`,
  strings: (random) => `{"index": "${digits(random)}", "total": "${digits(random)}"}`,
  absent: (random) =>
    random() % 5 === 0
      ? `{"index": ${digits(random)}, "tag": "x"}`
      : `{"index": ${digits(random)}, "tag": "x", "total": ${digits(random)}}`,
}

/**
 * @param {string} directory
 * @param {number} rows
 * @param {keyof typeof ROWS} kind
 */
export function makeReadings(directory, rows, kind) {
  const fileName = (/** @type {number} */ file) => `${kind}_${file}.json`
  return { files: FILES, ...makeSeededFiles({ directory, rows, files: FILES, seed: 9, fileName, row: ROWS[kind] }) }
}

/** @param {Random} random */
function digits(random) {
  return fractionFrom(random).toFixed(17)
}

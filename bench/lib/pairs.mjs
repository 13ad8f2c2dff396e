/** Files of pairs, one a line: a key, a tab, a value. */
import { join } from 'node:path'
import { makeSeededFiles } from '../../scripts/seeded-files.mjs'

const FILES = 8

/**
 * @param {string} directory
 * @param {number} rows
 * @param {number} seed
 * @param {(random: import('../../scripts/seeded-files.mjs').Random) => string} row
 * @param {string} [folder] of the directory, when the data have several
 * @returns {import('./job.mjs').Data}
 */
export function makePairs(directory, rows, seed, row, folder = '') {
  const fileName = (/** @type {number} */ file) => `pairs_${file}.tsv`
  const { sizeBytes } = makeSeededFiles({ directory: join(directory, folder), rows, files: FILES, seed, fileName, row })
  return { files: FILES, sizeBytes }
}

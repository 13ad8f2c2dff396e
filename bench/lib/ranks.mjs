/** The ranks of pages, equal but for the rounding that another order of additions brings. */
import { readFileSync } from 'node:fs'
import { partsOf } from './lines.mjs'

const TOLERANCE = 1e-9

/**
 * @param {string} path
 * @returns {Map<string, number>} by page
 */
export function readRanks(path) {
  const lines = partsOf(path).flatMap((file) => readFileSync(file, 'utf8').split('\n'))
  const pairs = lines.filter((line) => line !== '').map((line) => line.split('\t'))
  const ranks = new Map(pairs.map(([page, rank]) => [page, Number(rank)]))
  if (ranks.size !== pairs.length)
    throw new Error(`bench: ${pairs.length - ranks.size} pages have two ranks in ${path}`)
  return ranks
}

/**
 * @param {Map<string, number>} ranks
 * @param {Map<string, number>} expected
 * @returns {string | undefined}
 */
export function rankDifference(ranks, expected) {
  if (ranks.size !== expected.size) return `${ranks.size} pages, expected ${expected.size}`
  for (const [page, rank] of expected) {
    const got = ranks.get(page)
    // Written so that NaN is a difference too.
    if (got === undefined || !(Math.abs(got - rank) <= TOLERANCE * Math.abs(rank)))
      return `${page} has ${got}, expected ${rank}`
  }
  return undefined
}

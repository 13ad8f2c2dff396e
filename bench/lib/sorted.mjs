/** Lines that should come in the order of the whole number that each begins with, and the same lines in whatever order. */
import { digestDifference, digester } from './digest.mjs'
import { forEachLine } from './lines.mjs'

const ZERO = 48
const NINE = 57

/** @typedef {import('./digest.mjs').Digest & { disorder?: string }} Sorted */

/**
 * @param {string} path a file or a directory
 * @returns {Sorted} with the first row that is out of order, if one is
 */
export function readSorted(path) {
  const { add, digest } = digester()
  let row = 0
  let before = -1
  let disorder = ''
  forEachLine(path, (chunk, start, end) => {
    add(chunk, start, end)
    let key = 0
    for (let at = start; at < end && chunk[at] >= ZERO && chunk[at] <= NINE; at += 1) key = key * 10 + chunk[at] - ZERO
    if (key < before && disorder === '') disorder = `row ${row} is out of order: ${key} after ${before}`
    before = key
    row += 1
  })
  return disorder === '' ? digest() : { ...digest(), disorder }
}

/**
 * @param {Sorted} sorted
 * @param {import('./digest.mjs').Digest} expected
 * @returns {string | undefined} in words, undefined when the lines are those and in order
 */
export function sortedDifference(sorted, expected) {
  return sorted.disorder ?? digestDifference(sorted, expected)
}

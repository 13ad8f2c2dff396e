/** Results that are one number: what was counted, as text in a file. */
import { readFileSync } from 'node:fs'

/** @param {string} path @returns {number} */
export function countIn(path) {
  return Number(readFileSync(path, 'utf8'))
}

/** @param {number} count @param {number} expected */
export function countDifference(count, expected) {
  return count === expected ? undefined : `${count}, expected ${expected}`
}

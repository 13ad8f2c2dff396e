/** What a peer wrote, as rows to compare: each row's three doubles, bit by bit, in no order. */
import { readFileSync } from 'node:fs'
import { partsOf } from './lines.mjs'

/**
 * The rows of a file or of a directory's files, sorted.
 * @param {string} path
 * @returns {string[]} the bits of index, total and sum_val
 */
export function readRows(path) {
  return partsOf(path)
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map(rowBits)
    .sort()
}

/**
 * @param {string} line
 * @returns {string}
 */
function rowBits(line) {
  const row = JSON.parse(line)
  const names = Object.keys(row).join()
  if (names !== 'index,total,sum_val') throw new Error(`bench: expected the fields index,total,sum_val, got ${line}`)
  return Buffer.from(Float64Array.of(row.index, row.total, row.sum_val).buffer).toString('hex')
}

/**
 * Where two results differ, in words, or undefined when they are equal.
 * @param {readonly string[]} rows
 * @param {readonly string[]} expected
 * @returns {string | undefined}
 */
export function difference(rows, expected) {
  if (rows.length !== expected.length) return `${rows.length} rows, expected ${expected.length}`
  const at = rows.findIndex((row, index) => row !== expected[index])
  return at === -1 ? undefined : `row ${at} in sorted order differs: ${rows[at]}, expected ${expected[at]}`
}

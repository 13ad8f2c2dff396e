/** Lines of 100 bytes: ten digits that are a number below 2^32, a tab, 88 letters that no compression shortens by much. */
import { makeSeededFiles, randomFrom } from '../../scripts/seeded-files.mjs'
import { digester } from './digest.mjs'
import { forEachLine } from './lines.mjs'

const FILES = 8
const SEED = 11
const DIGITS = 10
const LETTERS = 88
// Larger than the window in which compression looks for what it has seen.
const POOL_LETTERS = 1 << 20

export const LONG_LINES = 'long-lines'

/**
 * @param {string} directory
 * @param {number} rows
 * @returns {import('./job.mjs').Data}
 */
export function makeLongLines(directory, rows) {
  const random = randomFrom(SEED, FILES)
  const pool = Array.from({ length: POOL_LETTERS }, () => String.fromCharCode(97 + (random() % 26))).join('')
  const fileName = (/** @type {number} */ file) => `lines_${file}.txt`
  const row = (/** @type {() => number} */ random) => {
    const number = String(random()).padStart(DIGITS, '0')
    const from = random() % (POOL_LETTERS - LETTERS)
    return `${number}\t${pool.slice(from, from + LETTERS)}`
  }
  return { files: FILES, ...makeSeededFiles({ directory, rows, files: FILES, seed: SEED, fileName, row }) }
}

/**
 * For each beginning of `keyDigits` digits, how many lines have it and which letters come last in the alphabet, as the digest of the
 * lines `key, tab, count, tab, letters`: reckoned here in tables of fixed size.
 * @param {string} directory
 * @param {number} keyDigits
 * @returns {import('./digest.mjs').Digest}
 */
export function lastLettersByKey(directory, keyDigits) {
  const keys = 10 ** keyDigits
  const counts = new Uint32Array(keys)
  const letters = Buffer.alloc(keys * LETTERS)
  forEachLine(directory, (chunk, start, end) => {
    let key = 0
    for (let at = start; at < start + keyDigits; at += 1) key = key * 10 + chunk[at] - 48
    counts[key] += 1
    const from = start + DIGITS + 1
    const place = key * LETTERS
    if (letters.compare(chunk, from, end, place, place + LETTERS) < 0) chunk.copy(letters, place, from, end)
  })
  const { add, digest } = digester()
  for (let key = 0; key < keys; key += 1) {
    if (counts[key] === 0) continue
    const last = letters.toString('latin1', key * LETTERS, (key + 1) * LETTERS)
    const line = Buffer.from(`${String(key).padStart(keyDigits, '0')}\t${counts[key]}\t${last}`)
    add(line, 0, line.length)
  }
  return digest()
}

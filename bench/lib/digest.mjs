/** A multiset of lines as a number: the same for each order of them, so that two sets of millions compare without sorting. */
import { forEachLine } from './lines.mjs'

/** @typedef {{ rows: number, digest: string }} Digest */

/**
 * The digest of the lines that `add` is called with.
 * @returns {{ add: (chunk: Uint8Array, start: number, end: number) => void, digest: () => Digest }}
 */
export function digester() {
  let rows = 0
  // Sums of two 32-bit hashes of each line, modulo 2^32.
  let first = 0
  let second = 0
  return {
    add(chunk, start, end) {
      rows += 1
      let a = 0x811c9dc5
      let b = 0x9747b28c
      for (let at = start; at < end; at += 1) {
        a = Math.imul(a ^ chunk[at], 0x01000193)
        b = Math.imul(b ^ chunk[at], 0x5bd1e995)
        b ^= b >>> 13
      }
      first = (first + mixed(a)) | 0
      second = (second + mixed(b)) | 0
    },
    digest: () => ({
      rows,
      digest: [first, second].map((each) => (each >>> 0).toString(16).padStart(8, '0')).join(''),
    }),
  }
}

/**
 * @param {string} path a file or a directory
 * @returns {Digest}
 */
export function digestOf(path) {
  const { add, digest } = digester()
  forEachLine(path, add)
  return digest()
}

/**
 * The digest of lines of JSON by what they say: numbers are spelled in several ways.
 * @param {string} path a file or a directory
 * @returns {Digest}
 */
export function jsonDigestOf(path) {
  const { add, digest } = digester()
  forEachLine(path, (chunk, start, end) => {
    const line = Buffer.from(chunk.buffer, chunk.byteOffset + start, end - start).toString()
    const canonical = Buffer.from(JSON.stringify(JSON.parse(line)))
    add(canonical, 0, canonical.length)
  })
  return digest()
}

/**
 * Spreads what differs in few bits over all of them: sums of plain FNV hashes would hide a swap between two lines.
 * Source: the finaliser of MurmurHash3.
 * @param {number} hash
 */
function mixed(hash) {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/**
 * @param {Digest} digest
 * @param {Digest} expected
 * @returns {string | undefined} in words, undefined when they are equal
 */
export function digestDifference(digest, expected) {
  if (digest.rows !== expected.rows) return `${digest.rows} rows, expected ${expected.rows}`
  if (digest.digest !== expected.digest)
    return `as many rows, but others: ${digest.digest}, expected ${expected.digest}`
  return undefined
}

/** What an entrant wrote, as lines: read part by part in the order of their names, and hashed so that two sets of millions compare. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'

const CHUNK_BYTES = 1 << 20
const LINE_FEED = 10

/**
 * A file, or the files of a directory that hold rows (`_SUCCESS` and `.part-00000.crc` hold none), in the order of their names.
 * @param {string} path
 * @returns {string[]}
 */
export function partsOf(path) {
  const files = statSync(path).isDirectory()
    ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
    : [path]
  return files.filter((file) => statSync(file).isFile() && !/^[._]/.test(basename(file))).toSorted()
}

/**
 * Calls `each` for every line that isn't empty, with its bytes: valid during the call only.
 * @param {string} path
 * @param {(chunk: Buffer, start: number, end: number) => void} each the line is chunk[start, end)
 */
export function forEachLine(path, each) {
  for (const file of partsOf(path)) {
    const fd = openSync(file, 'r')
    try {
      linesOf(fd, each)
    } finally {
      closeSync(fd)
    }
  }
}

/**
 * @param {number} fd
 * @param {(chunk: Buffer, start: number, end: number) => void} each
 */
function linesOf(fd, each) {
  let chunk = Buffer.alloc(CHUNK_BYTES)
  // Bytes at the front of the chunk that belong to a line whose end has not been read.
  let kept = 0
  for (;;) {
    if (kept === chunk.length) chunk = Buffer.concat([chunk, Buffer.alloc(chunk.length)])
    const read = readSync(fd, chunk, kept, chunk.length - kept, null)
    if (read === 0) break
    const length = kept + read
    let start = 0
    // What lies behind `length` is left from an earlier read.
    for (let end = chunk.indexOf(LINE_FEED, kept); end !== -1 && end < length; ) {
      if (end > start) each(chunk, start, end)
      start = end + 1
      end = chunk.indexOf(LINE_FEED, start)
    }
    chunk.copyWithin(0, start, length)
    kept = length - start
  }
  if (kept > 0) each(chunk, 0, kept)
}

/** @typedef {{ rows: number, digest: string }} Digest of a multiset of lines: the same for each order of them */

/**
 * @param {string} path
 * @param {(chunk: Buffer, start: number, end: number) => void} [alsoEach]
 * @returns {Digest}
 */
export function digestOf(path, alsoEach) {
  let rows = 0
  // Sums of two 32-bit hashes of each line, each modulo 2^32.
  let first = 0
  let second = 0
  forEachLine(path, (chunk, start, end) => {
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
    alsoEach?.(chunk, start, end)
  })
  return { rows, digest: [first, second].map((each) => (each >>> 0).toString(16).padStart(8, '0')).join('') }
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
 * @returns {string | undefined}
 */
export function digestDifference(digest, expected) {
  if (digest.rows !== expected.rows) return `${digest.rows} rows, expected ${expected.rows}`
  if (digest.digest !== expected.digest)
    return `as many rows, but others: ${digest.digest}, expected ${expected.digest}`
  return undefined
}

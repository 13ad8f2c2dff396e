/** What a directory holds, as lines: read part by part in the order of their names. */
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
 * Reads all bytes, so that they are in the system's memory.
 * @param {string} path
 */
export function readAll(path) {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (const file of partsOf(path)) {
    const fd = openSync(file, 'r')
    while (readSync(fd, chunk) > 0);
    closeSync(fd)
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

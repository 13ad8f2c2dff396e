/**
 * Seeded files: rows of text made from a seed, the same bytes everywhere, made once. A file appears under its name only when it
 * is whole, and the manifest, which says what the directory holds, only after the last one: so an interrupted run is never taken
 * for a finished one.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

// The dot keeps it out of `data/*.json` and out of a directory read as a whole.
const MANIFEST = '.sample-data.json'
const ROWS_PER_WRITE = 16_384

/** @typedef {{ rows: number, files: number, seed: number, sizesBytes: number[] }} Manifest */
/** @typedef {() => number} Random whole numbers in [0, 2^32), one at each call */

/**
 * Makes the files, unless they are there and whole; says which, with their total size.
 * The first `rows % files` files have one row more than the others.
 * @param {object} options
 * @param {string} options.directory
 * @param {number} options.rows
 * @param {number} options.files
 * @param {number} options.seed
 * @param {(file: number) => string} options.fileName
 * @param {(random: Random) => string} options.row the next row, in ASCII, without the line end
 * @returns {{ made: boolean, sizeBytes: number }}
 */
export function makeSeededFiles({ directory, rows, files, seed, fileName, row }) {
  const present = readManifest(directory)
  const isPresent = present?.rows === rows && present.files === files && present.seed === seed
  if (isPresent && isWhole(directory, present, fileName)) return { made: false, sizeBytes: sum(present.sizesBytes) }

  mkdirSync(directory, { recursive: true })
  // What an earlier, larger set left behind would be read along with this one.
  for (let file = files; file < (present?.files ?? 0); file += 1)
    rmSync(join(directory, fileName(file)), { force: true })
  rmSync(join(directory, MANIFEST), { force: true })
  const sizesBytes = Array.from({ length: files }, (_, file) => {
    const rowCount = Math.floor(rows / files) + (file < rows % files ? 1 : 0)
    const random = randomFrom(seed, file)
    return writeWhole(join(directory, fileName(file)), (fd) => writeRows(fd, rowCount, () => row(random)))
  })
  const manifest = JSON.stringify({ rows, files, seed, sizesBytes })
  writeWhole(join(directory, MANIFEST), (fd) => writeText(fd, manifest))
  return { made: true, sizeBytes: sum(sizesBytes) }
}

/**
 * A double in [0, 1), a multiple of 2^-53.
 * @param {Random} random
 */
export function fractionFrom(random) {
  return ((random() >>> 5) * 0x4000000 + (random() >>> 6)) / 0x20000000000000
}

/**
 * One sequence for each (seed, file).
 * Source: xoshiro128**, Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021; seeded by splitmix32.
 * @param {number} seed
 * @param {number} file
 * @returns {Random}
 */
export function randomFrom(seed, file) {
  let mixed = (Math.imul(seed, 0x9e3779b9) ^ Math.imul(file + 1, 0x85ebca6b)) | 0
  const splitmix = () => {
    mixed = (mixed + 0x9e3779b9) | 0
    let z = mixed
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()]
  return () => {
    const x = Math.imul(b, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = (d << 11) | (d >>> 21)
    return result
  }
}

/**
 * What the directory says it holds, or undefined when it says nothing.
 * @param {string} directory
 * @returns {Manifest | undefined}
 */
function readManifest(directory) {
  try {
    return JSON.parse(readFileSync(join(directory, MANIFEST), 'utf8'))
  } catch {
    return undefined
  }
}

/** @param {string} directory @param {Manifest} manifest @param {(file: number) => string} fileName */
function isWhole(directory, { sizesBytes }, fileName) {
  return sizesBytes.every(
    (size, file) => statSync(join(directory, fileName(file)), { throwIfNoEntry: false })?.size === size,
  )
}

/**
 * Writes a file under a name of its own and gives it the wanted one once it is whole.
 * @param {string} path
 * @param {(fd: number) => number} write returns the bytes written
 * @returns {number} the bytes written
 */
function writeWhole(path, write) {
  const temporary = `${path}.${process.pid}.tmp`
  const fd = openSync(temporary, 'w')
  try {
    const sizeBytes = write(fd)
    renameSync(temporary, path)
    return sizeBytes
  } finally {
    closeSync(fd)
    rmSync(temporary, { force: true })
  }
}

/**
 * @param {number} fd
 * @param {number} rowCount
 * @param {() => string} row
 * @returns {number} the bytes written
 */
function writeRows(fd, rowCount, row) {
  let sizeBytes = 0
  for (let written = 0; written < rowCount; ) {
    let text = ''
    for (const end = Math.min(rowCount, written + ROWS_PER_WRITE); written < end; written += 1) text += `${row()}\n`
    sizeBytes += writeText(fd, text)
  }
  return sizeBytes
}

/** @param {number} fd @param {string} text ASCII */
function writeText(fd, text) {
  writeFileSync(fd, text)
  return text.length
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0)
}

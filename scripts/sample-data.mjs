/**
 * Sample data: JSON lines `{"index": 0.84440592160400985, "total": 0.38592272575578934}`, uniform in [0, 1), in files
 * dat_0.json … dat_19.json. The same seed gives the same bytes everywhere; about 1 row in 800 has index + total > 1.95.
 *
 *   node scripts/sample-data.mjs [--directory data] [--rows 1000000] [--files 20] [--seed 20]
 *
 * A file appears under its name only when it is whole, and `.sample-data.json`, which says what the directory holds,
 * only after the last one: so an interrupted run is never taken for a finished one.
 */
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

// The dot keeps it out of `data/*.json` and out of a directory read as a whole.
const MANIFEST = '.sample-data.json'
const ROWS_PER_WRITE = 16_384

/** @typedef {{ rows: number, files: number, seed: number, sizesBytes: number[] }} Manifest */

/**
 * Makes the files, unless they are there and whole; says which, with their total size.
 * The first `rows % files` files have one row more than the others.
 * @param {{ directory: string, rows?: number, files?: number, seed?: number }} options
 * @returns {{ made: boolean, sizeBytes: number }}
 */
export function makeSampleData({ directory, rows = 1_000_000, files = 20, seed = 20 }) {
  const present = readManifest(directory)
  if (present?.rows === rows && present.files === files && present.seed === seed && isWhole(directory, present)) {
    return { made: false, sizeBytes: sum(present.sizesBytes) }
  }
  mkdirSync(directory, { recursive: true })
  // What an earlier, larger set left behind would be read along with this one.
  for (let file = files; file < (present?.files ?? 0); file += 1)
    rmSync(join(directory, fileName(file)), { force: true })
  rmSync(join(directory, MANIFEST), { force: true })
  const sizesBytes = Array.from({ length: files }, (_, file) => {
    const rowCount = Math.floor(rows / files) + (file < rows % files ? 1 : 0)
    return writeWhole(join(directory, fileName(file)), (fd) => writeRows(fd, rowCount, randomFrom(seed, file)))
  })
  const manifest = JSON.stringify({ rows, files, seed, sizesBytes })
  writeWhole(join(directory, MANIFEST), (fd) => writeText(fd, manifest))
  return { made: true, sizeBytes: sum(sizesBytes) }
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

/** @param {string} directory @param {Manifest} manifest */
function isWhole(directory, { sizesBytes }) {
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
 * @param {() => number} random
 * @returns {number} the bytes written
 */
function writeRows(fd, rowCount, random) {
  let sizeBytes = 0
  for (let row = 0; row < rowCount; ) {
    let text = ''
    for (const end = Math.min(rowCount, row + ROWS_PER_WRITE); row < end; row += 1) {
      text += `{"index": ${seventeenDigits(random())}, "total": ${seventeenDigits(random())}}\n`
    }
    sizeBytes += writeText(fd, text)
  }
  return sizeBytes
}

/** @param {number} fd @param {string} text ASCII */
function writeText(fd, text) {
  writeFileSync(fd, text)
  return text.length
}

/**
 * A number in [0, 1) as C's "%.17g" prints it, from which every reader gets the same double back.
 * @param {number} value
 * @returns {string}
 */
function seventeenDigits(value) {
  // Below 1e-4 C changes to an exponent of two digits, JavaScript only below 1e-6.
  const text =
    value === 0 || value >= 1e-4 ? value.toPrecision(17) : value.toExponential(16).replace(/e-(\d)$/, 'e-0$1')
  return text.replace(/\.?0+(?=e|$)/, '')
}

/**
 * Uniform numbers in [0, 1), multiples of 2^-53, one sequence for each (seed, file).
 * Source: xoshiro128**, Blackman and Vigna, "Scrambled linear pseudorandom number generators", 2021; seeded by splitmix32.
 * @param {number} seed
 * @param {number} file
 * @returns {() => number}
 */
function randomFrom(seed, file) {
  let mixed = (Math.imul(seed, 0x9e3779b9) ^ Math.imul(file + 1, 0x85ebca6b)) | 0
  const splitmix = () => {
    mixed = (mixed + 0x9e3779b9) | 0
    let z = mixed
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let [a, b, c, d] = [splitmix(), splitmix(), splitmix(), splitmix()]
  const next = () => {
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
  return () => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000
}

/** @param {number} file */
function fileName(file) {
  return `dat_${file}.json`
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0)
}

/** @param {string} name @param {string} text */
function wholeNumber(name, text) {
  const value = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value))
    throw new Error(`sample-data: --${name} must be a whole number, got "${text}".`)
  return value
}

function main() {
  const { values } = parseArgs({
    options: {
      directory: { type: 'string', default: 'data' },
      rows: { type: 'string', default: '1000000' },
      files: { type: 'string', default: '20' },
      seed: { type: 'string', default: '20' },
    },
  })
  const rows = wholeNumber('rows', values.rows)
  const files = wholeNumber('files', values.files)
  if (files === 0) throw new Error('sample-data: --files must be at least 1, got "0".')
  const { made, sizeBytes } = makeSampleData({
    directory: values.directory,
    rows,
    files,
    seed: wholeNumber('seed', values.seed),
  })
  const what = `${rows.toLocaleString('en')} rows in ${files} files, ${(sizeBytes / 1e6).toFixed(1)} MB`
  console.log(
    made
      ? `Made sample data in ${values.directory}: ${what}.`
      : `Sample data are present in ${values.directory}: ${what}.`,
  )
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    main()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}

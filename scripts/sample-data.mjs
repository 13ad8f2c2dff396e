/**
 * Sample data: JSON lines `{"index": 0.84440592160400985, "total": 0.38592272575578934}`, uniform in [0, 1), in files
 * dat_0.json … dat_19.json. The same seed gives the same bytes everywhere; about 1 row in 800 has index + total > 1.95.
 *
 *   node scripts/sample-data.mjs [--directory data] [--rows 1000000] [--files 20] [--seed 20]
 */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fractionFrom, makeSeededFiles } from './seeded-files.mjs'

/**
 * Makes the files, unless they are there and whole; says which, with their total size.
 * @param {{ directory: string, rows?: number, files?: number, seed?: number }} options
 * @returns {{ made: boolean, sizeBytes: number }}
 */
export function makeSampleData({ directory, rows = 1_000_000, files = 20, seed = 20 }) {
  const fileName = (/** @type {number} */ file) => `dat_${file}.json`
  const row = (/** @type {import('./seeded-files.mjs').Random} */ random) =>
    `{"index": ${seventeenDigits(fractionFrom(random))}, "total": ${seventeenDigits(fractionFrom(random))}}`
  return makeSeededFiles({ directory, rows, files, seed, fileName, row })
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

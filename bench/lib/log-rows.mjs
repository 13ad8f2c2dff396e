/** Rows of a web service's log, some 420 bytes each, nested, with escapes; and the same as services of many makes would write them. */
import { fractionFrom, makeSeededFiles } from '../../scripts/seeded-files.mjs'

const FILES = 10
const LEVELS = ['info', 'warn', 'error', 'debug']
const METHODS = ['GET', 'POST', 'PUT', 'DELETE']
const MESSAGES = [
  'request completed in handler',
  'caf\\u00e9 order \\"special\\" accepted',
  'connection reset by peer: retrying with back-off',
  'cache lookup ok, 17 entries',
]

/** @typedef {() => number} Random */
/** @typedef {[key: string, json: string]} Field */

/** @param {string} directory @param {number} rows */
export function makeLogRows(directory, rows) {
  return make(directory, rows, 5, fieldsOf)
}

/**
 * A fifth of the rows have no user, a fifth no bytes, a twentieth no latency but null, a tenth an error more, a tenth the status first,
 * and tags are one to three: dozens of shapes.
 * @param {string} directory
 * @param {number} rows
 */
export function makeMixedRows(directory, rows) {
  return make(directory, rows, 6, (random) => {
    const happens = (/** @type {number} */ percent) => random() % 100 < percent
    let fields = fieldsOf(random)
    if (happens(20)) fields = fields.filter(([key]) => key !== 'user')
    if (happens(20)) fields = fields.filter(([key]) => key !== 'bytes')
    if (happens(5)) fields = fields.map(([key, json]) => [key, key === 'latency_ms' ? 'null' : json])
    if (happens(10))
      fields.push(['error', `{"code": ${random() % 100}, "detail": {"msg": "x \\"q\\"", "retry": ${happens(50)}}}`])
    if (happens(10)) fields.sort(([a], [b]) => Number(b === 'status') - Number(a === 'status'))
    return fields
  })
}

/**
 * @param {string} directory
 * @param {number} rows
 * @param {number} seed
 * @param {(random: Random) => Field[]} fields
 */
function make(directory, rows, seed, fields) {
  const fileName = (/** @type {number} */ file) => `log_${file}.json`
  const row = (/** @type {Random} */ random) =>
    `{${fields(random)
      .map(([key, json]) => `"${key}": ${json}`)
      .join(', ')}}`
  return { files: FILES, ...makeSeededFiles({ directory, rows, files: FILES, seed, fileName, row }) }
}

/** @param {Random} random @returns {Field[]} */
function fieldsOf(random) {
  const below = (/** @type {number} */ n) => random() % n
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0')
  const time = `2026-11-${two(below(28) + 1)}T${two(below(24))}:${two(below(60))}:${two(below(60))}.${below(900) + 100}Z`
  const id = Array.from({ length: 4 }, () => random().toString(16).padStart(8, '0')).join('')
  return [
    ['ts', `"${time}"`],
    ['level', `"${LEVELS[below(LEVELS.length)]}"`],
    ['service', `"svc-${below(40)}"`],
    ['request_id', `"${id}"`],
    ['method', `"${METHODS[below(METHODS.length)]}"`],
    ['path', `"/api/v1/users/${below(1e6)}/orders?limit=${below(100)}&cursor=${below(1e5)}"`],
    ['status', below(200) === 0 ? '503' : '200'],
    ['latency_ms', (-50 * Math.log(1 - fractionFrom(random))).toFixed(6)],
    ['bytes', String(below(1e5))],
    ['user', `{"id": ${below(1e6)}, "name": "user \\u00e9${below(1000)}", "tags": ["a", "b${below(10)}", "premium"]}`],
    ['msg', `"${MESSAGES[below(MESSAGES.length)]}"`],
    ['host', `"ip-10-${below(256)}-${below(256)}-${below(256)}.internal"`],
  ]
}

/** The text of a row: what it becomes as a line of a text or JSON lines file. What has no text is an error, never `[object Object]`. */
import { DataError } from '../errors.ts'

/**
 * What a row becomes in a text file: `String(x)` of a primitive, JSON of an object or array.
 * @throws DataError for what has no text
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'function') throw new DataError('a function has no text to write. Return a string.')
  if (typeof value !== 'object' || value === null) return String(value)
  return objectText(value)
}

/**
 * A row as JSON on one line. A row that JSON cannot hold is an error; inside an object its rules stand: undefined is left out,
 * NaN becomes null.
 * @throws DataError for undefined, functions, symbols, bigints, numbers that are not finite, and what has no JSON
 */
export function jsonOf(value: unknown): string {
  switch (typeof value) {
    case 'object':
      return value === null ? 'null' : objectText(value)
    case 'string':
    case 'boolean':
      return JSON.stringify(value)
    case 'number':
      if (Number.isFinite(value)) return JSON.stringify(value)
      throw new DataError(`the number ${value} has no JSON. Return null, or a string.`)
    case 'undefined':
      throw new DataError('undefined has no JSON. Filter such rows out, or return null.')
    default:
      throw new DataError(`a ${typeof value} has no JSON. Return a string.`)
  }
}

function objectText(value: object): string {
  if (value instanceof Promise) {
    throw new DataError('a promise has no text to write. For a function that returns promises use mapAsync.')
  }
  if (value instanceof Map || value instanceof Set) {
    throw new DataError(
      `a ${value.constructor.name} has no JSON. Return an array or an object, as [...entries] or Object.fromEntries.`,
    )
  }
  const text = stringify(value)
  if (text === undefined)
    throw new DataError('an object whose toJSON gives no JSON has no text to write. Return a string.')
  return text
}

function stringify(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (error) {
    const [why] = (error as Error).message.split('\n', 1)
    throw new DataError(`a row has no JSON: ${why}. Return a string.`, { cause: error })
  }
}

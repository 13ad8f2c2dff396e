/** Pairs: rows `[key, value]`, which verbs by key work on. */
import { DataError } from '../errors.ts'
import { describe } from './describe.ts'

export type Pair = readonly [key: unknown, value: unknown]

export function isPair(row: unknown): row is Pair {
  return Array.isArray(row) && row.length === 2
}

/** @param what needs it, as it begins the message */
export function requirePair(what: string, row: unknown): asserts row is Pair {
  if (!isPair(row)) refusePair(what, row)
}

export function refusePair(what: string, row: unknown): never {
  throw new DataError(`${what} needs pairs [key, value], got ${describe(row)}. Make pairs first, with keyBy or map`)
}

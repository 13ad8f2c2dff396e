/** Values on their way between the driver and the tasks, and what the driver makes of keys. */
import { DataError, PlanError } from '../errors.ts'
import { decodeRows, encodeRows } from '../io/row-codec.ts'
import { describe } from '../plan/describe.ts'
import { hashKey, keyText } from '../shuffle/key.ts'

export { customBucket } from '../shuffle/sink.ts'
export { randomOf } from './random.ts'

/** The rows of blocks, in order. */
export function decodeBlocks(blocks: readonly Uint8Array[]): unknown[] {
  const [only] = blocks
  if (only !== undefined && blocks.length === 1) return decodeRows(only)
  return blocks.flatMap((block) => decodeRows(block))
}

/** One value given by the user, as a block of one row. @throws PlanError if it cannot be moved between threads */
export function encodeValue(verb: string, value: unknown, what: string = 'the zero value'): Uint8Array {
  try {
    return encodeRows([value])
  } catch (error) {
    if (error instanceof DataError) throw new PlanError(`${verb}: ${what}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Numbers, any of them, as a block. */
export function encodeNumbers(numbers: readonly number[]): Uint8Array {
  return encodeRows(numbers)
}

/** Pairs as a `Map` in which equal keys are one; the last value wins. @throws DataError for what is no pair, or what can't be a key */
export function keyedMap<K, V>(pairs: Iterable<readonly [K, V]>): Map<K, V> {
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new DataError(`needs pairs [key, value], got ${describe(pair)}. Make pairs first, with keyBy or map`)
  }
  return foldPairs(pairs, (_earlier, later) => later)
}

/** What `run` gives. A DataError that it throws gets the name of the verb, with its place. */
export function named<T>(verb: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${verb}: ${error.message}`, { cause: error })
    throw error
  }
}

/** Adds up the counts of equal keys. */
export function countsOf<K>(pairs: Iterable<readonly [K, number]>): Map<K, number> {
  return foldPairs(pairs, (a, b) => a + b)
}

function foldPairs<K, V>(pairs: Iterable<readonly [K, V]>, fold: (a: V, b: V) => V): Map<K, V> {
  const groups = new Map<string, [K, V]>()
  for (const [key, value] of pairs) {
    const text = keyText(key)
    const group = groups.get(text)
    if (group === undefined) groups.set(text, [key, value])
    else group[1] = fold(group[1], value)
  }
  return new Map(groups.values())
}

/** The partition of a key in a dataset placed by hash. */
export function hashPartition(key: unknown, count: number): number {
  return hashKey(key) % count
}

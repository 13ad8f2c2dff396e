/** Values on their way between the driver and the tasks. */
import { DataError, PlanError } from '../errors.ts'
import { decodeRows, encodeRows } from '../io/row-codec.ts'

/** The rows of blocks, in order. */
export function decodeBlocks(blocks: readonly Uint8Array[]): unknown[] {
  const [only] = blocks
  if (only !== undefined && blocks.length === 1) return decodeRows(only)
  return blocks.flatMap((block) => decodeRows(block))
}

/** One value given by the user, as a block of one row. @throws PlanError if it cannot be moved between threads */
export function encodeValue(verb: string, value: unknown): Uint8Array {
  try {
    return encodeRows([value])
  } catch (error) {
    if (error instanceof DataError) throw new PlanError(`${verb}: the zero value: ${error.message}`, { cause: error })
    throw error
  }
}

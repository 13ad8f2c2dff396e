/** The number of the line at an offset, counted by reading the file again up to it: only a failure asks. */
import { closeSync, openSync, readSync } from 'node:fs'
import { afterFirstLineEnd, countLineEnds, unsettled } from './line-ends.ts'

const BUFFER_BYTES = 1024 * 1024

/** From 1; 0 when the file can no longer be read. */
export function lineNumberAt(path: string, byteOffset: number): number {
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch {
    return 0
  }
  try {
    return countBefore(descriptor, byteOffset) + 1
  } catch {
    return 0
  } finally {
    closeSync(descriptor)
  }
}

function countBefore(descriptor: number, byteOffset: number): number {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  let count = 0
  let held = 0
  for (let position = 0; position < byteOffset; ) {
    const wanted = Math.min(buffer.length - held, byteOffset - position)
    const got = readSync(descriptor, buffer, held, wanted, position)
    if (got === 0) break
    position += got
    const filled = held + got
    // A CR at the end may be half of a CR LF: it is counted with what follows.
    held = unsettled(buffer, filled)
    count += countLineEnds(buffer.subarray(0, filled - held))
    buffer.copyWithin(0, filled - held, filled)
  }
  return count + (held > 0 && afterFirstLineEnd(buffer, 0, held, true) > 0 ? 1 : 0)
}

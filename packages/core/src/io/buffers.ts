/**
 * Read buffers, kept by this thread for the next file: a job over 10,000 small files allocates one, not 10,000.
 * Two are in use at once when a task zips two files.
 */
const POOL_SIZE = 4
const pool: Buffer[] = []

/** A buffer of that length, with whatever bytes it had. */
export function takeBuffer(length: number): Buffer {
  const index = pool.findIndex((buffer) => buffer.length === length)
  const [buffer] = index < 0 ? [] : pool.splice(index, 1)
  return buffer ?? Buffer.allocUnsafeSlow(length)
}

/** Gives a buffer back; the caller must not touch it again. */
export function giveBuffer(buffer: Buffer, length: number): void {
  // One that grew for a long line is left to the garbage collector.
  if (buffer.length === length && pool.length < POOL_SIZE) pool.push(buffer)
}

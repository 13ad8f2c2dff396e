/**
 * The terminal's output in a session: written at once. Ctrl-C stops a script wherever it is, and a stream that was stopped in the middle of
 * a write believes to be writing for ever: nothing would appear any more, not even the prompt.
 */
import { writeSync } from 'node:fs'

type Done = (error?: Error | null) => void

export function writeAtOnce(stream: NodeJS.WriteStream & { readonly fd: number }): void {
  const write = (data: string | Uint8Array, encoding?: BufferEncoding | Done, done?: Done): boolean => {
    const bytes = typeof data === 'string' ? Buffer.from(data, typeof encoding === 'string' ? encoding : 'utf8') : data
    for (let start = 0; start < bytes.length; ) start += writeSome(stream.fd, bytes.subarray(start))
    const callback = typeof encoding === 'function' ? encoding : done
    if (callback !== undefined) process.nextTick(callback)
    return true
  }
  stream.write = write
}

/** How many bytes the terminal took; one that another process has made non-blocking may take none at a time. */
function writeSome(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0
    throw error
  }
}

/** Back-pressure: when a full stream takes more. */
import type { Writable } from 'node:stream'

/** Settles when the stream has room again, or never will have. */
export function drained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done)
      stream.off('close', done)
      stream.off('error', done)
      resolve()
    }
    stream.on('drain', done)
    stream.on('close', done)
    stream.on('error', done)
    if (stream.destroyed) done()
  })
}

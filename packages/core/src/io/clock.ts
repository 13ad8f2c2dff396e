/** A clock for spans. The global `performance` would take Node 1 ms to load, in each thread. */

// Held here, since user code may replace it.
const { hrtime } = process

/** Milliseconds since some moment of the past, the same in all threads. */
export function nowMs(): number {
  const [seconds, nanoseconds] = hrtime()
  return seconds * 1e3 + nanoseconds / 1e6
}

/**
 * Stalls: user code that computes on the scheduler's thread keeps all other tasks waiting, which is told rather than suffered; and what waits
 * for something that never comes would let the process end as if all were done.
 */

import { DataError } from './errors.ts'

const BEAT_MS = 250
const STALL_MS = 1000

/** Calls back when the thread did nothing else for a second or more. @returns what ends it */
export function watchStalls(onStall: (blockedMs: number) => void): () => void {
  let last = performance.now()
  const timer = setInterval(() => {
    const now = performance.now()
    const blockedMs = now - last - BEAT_MS
    last = now
    if (blockedMs >= STALL_MS) onStall(blockedMs)
  }, BEAT_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** Calls back each time the process is about to end, since nothing is left in it that could settle anything. @returns what ends it */
export function watchDeadEnds(onDeadEnd: () => void): () => void {
  process.on('beforeExit', onDeadEnd)
  return () => void process.off('beforeExit', onDeadEnd)
}

export function deadEndError(what: string): Error {
  return new DataError(
    `${what} waits for something that never comes: nothing is left in the process that could end it. Look for a promise that is never settled.`,
  )
}

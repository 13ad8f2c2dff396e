/** Stalls: user code that computes on the scheduler's thread keeps all other tasks waiting, which is told rather than suffered. */

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

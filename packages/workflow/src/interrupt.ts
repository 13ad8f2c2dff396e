/**
 * Interrupts: the first SIGINT, SIGTERM or SIGHUP ends a run in order, a second one ends the process at once. A listener of the user's
 * own decides what becomes of the process; without one it ends by the same signal when the run has ended.
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface Interrupts {
  /** No longer listens. @param isFinal whether the process is to end by the signal that came */
  stop(isFinal: boolean): void
}

export function onInterrupt(cancel: (signal: NodeJS.Signals) => void): Interrupts {
  let received: NodeJS.Signals | null = null
  const listen = (signal: NodeJS.Signals): void => {
    if (received !== null) return die(signal)
    received = signal
    cancel(signal)
  }
  const off = (): void => {
    for (const signal of SIGNALS) process.off(signal, listen)
  }
  const die = (signal: NodeJS.Signals): void => {
    off()
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  for (const signal of SIGNALS) process.on(signal, listen)
  return {
    stop(isFinal) {
      const signal = received
      off()
      // After what awaits the run has had its say: it may want to print the summary.
      if (signal !== null && isFinal) setImmediate(() => die(signal))
    },
  }
}

/** The limits of an attempt: it may be cancelled, and it may take too long. */
import type { TaskOutcome } from '../plan/task.ts'
import { cancelledOutcome, timeoutOutcome } from './endings.ts'

export interface Limits {
  readonly signal: AbortSignal
  /** From the moment a worker is given the task; null for no limit. */
  readonly timeoutMs: number | null
}

/** A timer of Node's that is set to more than this fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * Calls `stop` with the outcome when a limit is reached.
 * @returns a function that ends the watch
 */
export function watchLimits({ signal, timeoutMs }: Limits, stop: (outcome: TaskOutcome) => void): () => void {
  const onAbort = (): void => stop(abortedOutcome(signal))
  const timer =
    timeoutMs === null
      ? undefined
      : setTimeout(() => stop(timeoutOutcome(timeoutMs)), Math.min(timeoutMs, MAX_TIMER_MS))
  signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

/** The outcome of a task whose signal was aborted. */
export function abortedOutcome({ reason }: AbortSignal): TaskOutcome {
  return cancelledOutcome(reason instanceof Error ? reason.message : String(reason))
}

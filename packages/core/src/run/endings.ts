/** Endings: the outcomes of attempts that ended without their task's doing. They say what happened and what to do. */
import type { ErrorData, TaskFailure, TaskOutcome } from '../plan/task.ts'

export function endedOutcome(kind: TaskFailure['kind'], error: ErrorData): TaskOutcome {
  return { ok: false, failure: { kind, error, node: null, place: null, record: null } }
}

/** The outcome of a task that was cancelled. */
export function cancelledOutcome(why: string): TaskOutcome {
  return endedOutcome('lost', { name: 'AbortError', message: `the task was cancelled: ${why}`, stack: '' })
}

/** The outcome of a task that was stopped because it took too long. */
export function timeoutOutcome(timeoutMs: number): TaskOutcome {
  const message = `the task ran longer than ${timeoutMs} ms and was stopped. Raise taskTimeout, or make the partitions smaller`
  return endedOutcome('timeout', { name: 'TimeoutError', message, stack: '' })
}

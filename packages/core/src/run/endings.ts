/** Endings: the outcomes of attempts that ended without their task's doing. They say what happened and what to do. */
import type { ErrorData, TaskFailure, TaskOutcome } from '../plan/task.ts'
import { errorDataOf } from './error-data.ts'

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

/** How a worker thread ended that nobody stopped. */
export interface WorkerEnd {
  /** Whether it ever came so far that it could take a task. */
  readonly hasStarted: boolean
  /** What the thread's `error` event brought; undefined when there was none. */
  readonly fatal: unknown
  readonly exitCode: number
  /** The worker's heap limit in MB; null for Node's own. */
  readonly memoryMb: number | null
}

/** The outcome of a task whose worker died. */
export function lostOutcome({ hasStarted, fatal, exitCode, memoryMb }: WorkerEnd): TaskOutcome {
  if (fatal === undefined) {
    const message = hasStarted
      ? `user code called process.exit(${exitCode}), which ended the worker. Throw an error instead`
      : `the worker could not start: it ended with exit code ${exitCode}`
    return endedOutcome('lost', { name: 'Error', message, stack: '' })
  }
  const data = errorDataOf(fatal, String)
  if (data.code !== 'ERR_WORKER_OUT_OF_MEMORY') {
    const what = hasStarted ? 'the worker died' : 'the worker could not start'
    return endedOutcome('lost', { ...data, message: `${what}: ${data.message}` })
  }
  const limit = memoryMb === null ? '' : ` (limit ${memoryMb} MB)`
  const message = `the worker ran out of memory${limit}. Make the partitions smaller, hold fewer rows at once, or raise workerMemoryMb`
  return endedOutcome('lost', { name: 'Error', message, stack: '', code: data.code })
}

/**
 * An executor: whatever runs one task at a time in each of its slots. The scheduler decides what runs and what is tried
 * again; an executor only runs it, and says how it ended.
 */
import type { ErrorData, Task, TaskFailure, TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'

export interface Executor {
  /** How many tasks run at once. */
  readonly slots: number
  /**
   * The outcome of one attempt. Waits for a free slot when there is none. Always settles and never rejects: a dead
   * worker, a timeout and an abort are failures as data.
   */
  run(program: StageProgram, task: Task, options: RunOptions): Promise<TaskOutcome>
  /** Starts the workers that `taskCount` tasks will need, so that they load while the driver still prepares. */
  warm(taskCount: number): void
  /** Forgets a program; to be called once no task of it runs or waits. */
  release(programId: number): void
  /** Ends all workers and settles all tasks; a `run` after it settles at once. */
  close(): Promise<void>
}

export interface RunOptions {
  readonly signal: AbortSignal
  /** From the moment a worker is given the task; null for no limit. */
  readonly timeoutMs: number | null
  /** The environment variables that user code sees. Give the same object to all tasks of a job: it is compared by identity first. */
  readonly env: Readonly<Record<string, string>>
  /** Called when a worker is given the task, with the worker's number, from 1. */
  readonly onStart?: (worker: number) => void
}

/** The outcome of an attempt that ended without its task's doing. */
export function endedOutcome(kind: TaskFailure['kind'], error: ErrorData): TaskOutcome {
  return { ok: false, failure: { kind, error, node: null, place: null, record: null } }
}

/** The outcome of a task that was cancelled. */
export function cancelledOutcome(why: string): TaskOutcome {
  return endedOutcome('lost', { name: 'AbortError', message: `the task was cancelled: ${why}`, stack: '' })
}

/** The outcome of a task that was stopped because it took too long. */
export function timeoutOutcome(timeoutMs: number): TaskOutcome {
  const message = `the task ran longer than ${timeoutMs} ms and was stopped. Raise taskTimeoutMs, or make the partitions smaller.`
  return endedOutcome('timeout', { name: 'TimeoutError', message, stack: '' })
}

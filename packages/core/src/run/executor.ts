/**
 * An executor: whatever runs one task at a time in each of its slots. The scheduler decides what runs and what is tried
 * again; an executor only runs it, and says how it ended.
 */
import type { Task, TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import type { Limits } from './limits.ts'

export interface Executor {
  /** How many tasks run at once. */
  readonly slots: number
  /** Whether tasks can be given shared memory; where not, what many tasks read must be files. */
  readonly sharesMemory: boolean
  /**
   * The outcome of one attempt. Waits for a free slot when there is none. Always settles and never rejects: a dead
   * worker, a timeout and an abort are failures as data.
   */
  run(program: StageProgram, task: Task, options: RunOptions): Promise<TaskOutcome>
  /** Starts the workers that `taskCount` tasks will need, so that they load while the driver still prepares. */
  warm(taskCount: number): void
  /** Forgets a program; to be called once no task of it runs or waits. */
  release(programId: number): void
  /** Takes a broadcast from all workers. A program that is sent later and needs it brings it again. */
  dropBroadcast(id: number): void
  /** Ends all workers and settles all tasks; a `run` after it settles at once. */
  close(): Promise<void>
}

export interface RunOptions extends Limits {
  /** The environment variables that user code sees. Give the same object to all tasks of a job: it is compared by identity. */
  readonly env: Readonly<Record<string, string>>
}

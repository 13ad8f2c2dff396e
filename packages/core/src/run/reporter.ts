/** Turns what happens to one job into events, and sums what its tasks measured. Costs nothing while nobody listens. */
import { nowMs } from '../io/clock.ts'
import type { Task, TaskMetrics, TaskOutcome } from '../plan/task.ts'
import type { Job } from './engine.ts'
import type { Events } from './events.ts'

export const NO_METRICS: TaskMetrics = {
  rowsRead: 0,
  rowsSkipped: 0,
  bytesRead: 0,
  rowsBailed: 0,
  rowsOut: 0,
  bytesWritten: 0,
  shuffleBytesRead: 0,
  shuffleBytesWritten: 0,
  spilledBytes: 0,
  wallMs: 0,
}

/** What a stage is for: `map` feeds a shuffle, `result` gives the rows of the action, `merge` makes its results one. */
export type StageRole = 'map' | 'result' | 'merge'

export class JobReporter {
  readonly #events: Events
  readonly #job: number
  readonly #action: string
  readonly #startedMs = nowMs()
  readonly #stageStartedMs = new Map<number, number>()
  /** What the tasks have measured, merging aside. */
  total: TaskMetrics = NO_METRICS

  constructor(events: Events, id: number, job: Job) {
    this.#events = events
    this.#job = id
    this.#action = job.action.verb
    if (events.hasListeners) {
      events.emit({ type: 'jobStart', at: Date.now(), job: id, action: this.#action, callSite: job.action.at.text })
    }
  }

  stageStart(stage: number, taskCount: number): void {
    this.#stageStartedMs.set(stage, nowMs())
    if (this.#events.hasListeners)
      this.#events.emit({ type: 'stageStart', at: Date.now(), job: this.#job, stage, taskCount })
  }

  stageEnd(stage: number): void {
    if (!this.#events.hasListeners) return
    const wallMs = nowMs() - (this.#stageStartedMs.get(stage) ?? 0)
    this.#events.emit({ type: 'stageEnd', at: Date.now(), job: this.#job, stage, wallMs })
  }

  taskStart(task: Task): void {
    if (this.#events.hasListeners) this.#events.emit({ type: 'taskStart', ...this.#about(task) })
  }

  taskEnd(task: Task, outcome: TaskOutcome, role: StageRole): void {
    // Only the rows of the last stage go out of the job, and merging counts none again.
    if (outcome.ok && role !== 'merge')
      this.total = sum(this.total, role === 'result' ? outcome.metrics : { ...outcome.metrics, rowsOut: 0 })
    if (!this.#events.hasListeners) return
    const metrics = outcome.ok ? outcome.metrics : null
    const failure = outcome.ok ? null : outcome.failure.kind
    const error = outcome.ok ? null : outcome.failure.error.message
    this.#events.emit({ type: 'taskEnd', ...this.#about(task), metrics, failure, error })
  }

  jobEnd(error?: unknown): void {
    if (!this.#events.hasListeners) return
    this.#events.emit({
      ...this.total,
      type: 'jobEnd',
      at: Date.now(),
      job: this.#job,
      action: this.#action,
      wallMs: nowMs() - this.#startedMs,
      error: error === undefined ? null : error instanceof Error ? error.message : String(error),
    })
  }

  #about(task: Task): { at: number; job: number; stage: number; partition: number; attempt: number } {
    return { at: Date.now(), job: this.#job, stage: task.stage, partition: task.partition, attempt: task.attempt }
  }
}

function sum(a: TaskMetrics, b: TaskMetrics): TaskMetrics {
  return {
    rowsRead: a.rowsRead + b.rowsRead,
    rowsSkipped: a.rowsSkipped + b.rowsSkipped,
    bytesRead: a.bytesRead + b.bytesRead,
    rowsBailed: a.rowsBailed + b.rowsBailed,
    rowsOut: a.rowsOut + b.rowsOut,
    bytesWritten: a.bytesWritten + b.bytesWritten,
    shuffleBytesRead: a.shuffleBytesRead + b.shuffleBytesRead,
    shuffleBytesWritten: a.shuffleBytesWritten + b.shuffleBytesWritten,
    spilledBytes: a.spilledBytes + b.spilledBytes,
    wallMs: a.wallMs + b.wallMs,
  }
}

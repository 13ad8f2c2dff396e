/** Tells what happens to a streaming job as events: mappers are stage 0, reducers stage 1, each program is a task. */
import type { Events } from '../run/events.ts'
import { NO_METRICS } from '../run/reporter.ts'
import type { MapTask, ReduceTask } from './attempts.ts'
import type { Launched } from './launch.ts'

export class JobEvents {
  readonly #events: Events
  readonly #startedMs = performance.now()
  #stageStartedMs = 0
  #total = NO_METRICS
  /** Programs started. */
  attempts = 0

  constructor(events: Events) {
    this.#events = events
    events.emit({ type: 'jobStart', at: Date.now(), job: 0, action: 'stream', callSite: '' })
  }

  stageStart(stage: number, taskCount: number): void {
    this.#stageStartedMs = performance.now()
    this.#events.emit({ type: 'stageStart', at: Date.now(), job: 0, stage, taskCount })
  }

  stageEnd(stage: number): void {
    this.#events.emit({
      type: 'stageEnd',
      at: Date.now(),
      job: 0,
      stage,
      wallMs: performance.now() - this.#stageStartedMs,
    })
  }

  taskStart(task: MapTask | ReduceTask, attempt: number): void {
    this.attempts++
    this.#events.emit({ type: 'taskStart', ...about(task, attempt) })
  }

  taskEnd(task: MapTask | ReduceTask, attempt: number, { failure, bytesIn, bytesOut, ms }: Launched): void {
    const metrics = failure === null ? { ...NO_METRICS, bytesRead: bytesIn, bytesWritten: bytesOut, wallMs: ms } : null
    if (metrics !== null) {
      const { bytesRead, bytesWritten } = this.#total
      this.#total = { ...NO_METRICS, bytesRead: bytesRead + bytesIn, bytesWritten: bytesWritten + bytesOut }
    }
    const kind = failure === null ? null : 'user'
    this.#events.emit({ type: 'taskEnd', ...about(task, attempt), metrics, failure: kind, error: failure })
  }

  jobEnd(error: string | null): void {
    const wallMs = performance.now() - this.#startedMs
    this.#events.emit({ ...this.#total, type: 'jobEnd', at: Date.now(), job: 0, action: 'stream', wallMs, error })
  }
}

function about(
  task: MapTask | ReduceTask,
  attempt: number,
): { at: number; job: number; stage: number; partition: number; attempt: number } {
  return { at: Date.now(), job: 0, stage: task.kind === 'mapper' ? 0 : 1, partition: task.index, attempt }
}

/** Tells what happens to a streaming job as events: mappers are stage 0, reducers stage 1, each program is a task. */
import type { TaskMetrics } from '../plan/task.ts'
import type { Events } from '../run/events.ts'
import type { Launched } from './launch.ts'

const NO_METRICS: TaskMetrics = { rowsRead: 0, bytesRead: 0, rowsOut: 0, bytesWritten: 0, wallMs: 0 }

export class JobEvents {
  readonly #events: Events
  readonly #startedMs = performance.now()
  #stageStartedMs = 0
  #total = NO_METRICS

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

  taskStart(stage: number, partition: number, attempt: number): void {
    this.#events.emit({ type: 'taskStart', at: Date.now(), job: 0, stage, partition, attempt })
  }

  taskEnd(stage: number, partition: number, attempt: number, { failure, bytesIn, bytesOut, ms }: Launched): void {
    const metrics = failure === null ? { ...NO_METRICS, bytesRead: bytesIn, bytesWritten: bytesOut, wallMs: ms } : null
    if (metrics !== null) {
      const { bytesRead, bytesWritten } = this.#total
      this.#total = { ...NO_METRICS, bytesRead: bytesRead + bytesIn, bytesWritten: bytesWritten + bytesOut }
    }
    const about = { at: Date.now(), job: 0, stage, partition, attempt }
    this.#events.emit({ type: 'taskEnd', ...about, metrics, failure: failure === null ? null : 'user', error: failure })
  }

  jobEnd(error: string | null): void {
    const wallMs = performance.now() - this.#startedMs
    this.#events.emit({ ...this.#total, type: 'jobEnd', at: Date.now(), job: 0, action: 'stream', wallMs, error })
  }
}

/** Events: what happens to jobs, stages and tasks, as one closed union. The progress bar, logs, a web UI and tests all read these. */
import type { TaskFailure, TaskMetrics } from '../plan/task.ts'

/** `at` counts milliseconds since the epoch; durations are measured by a clock that never jumps. */
export type KindlingEvent =
  | {
      readonly type: 'jobStart'
      readonly at: number
      readonly job: number
      readonly action: string
      readonly callSite: string
    }
  | {
      readonly type: 'stageStart'
      readonly at: number
      readonly job: number
      readonly stage: number
      readonly taskCount: number
    }
  | {
      readonly type: 'taskStart'
      readonly at: number
      readonly job: number
      readonly stage: number
      readonly partition: number
      readonly attempt: number
    }
  | {
      readonly type: 'taskEnd'
      readonly at: number
      readonly job: number
      readonly stage: number
      readonly partition: number
      readonly attempt: number
      /** Null when the attempt failed. */
      readonly metrics: TaskMetrics | null
      /** What kind of failure it was, `lost` when its worker died; null when the attempt succeeded. */
      readonly failure: TaskFailure['kind'] | null
      /** Why the attempt failed; null when it did not. */
      readonly error: string | null
    }
  | {
      readonly type: 'stageEnd'
      readonly at: number
      readonly job: number
      readonly stage: number
      readonly wallMs: number
    }
  | ({
      readonly type: 'jobEnd'
      readonly at: number
      readonly job: number
      readonly action: string
      /** Why the job failed; null when it did not. */
      readonly error: string | null
    } & TaskMetrics)

export type EventType = KindlingEvent['type']
export type EventOf<Type extends EventType | '*'> = Type extends '*'
  ? KindlingEvent
  : KindlingEvent & { readonly type: Type }

export interface Events {
  /** Calls `listener` with each event of the type, all for `'*'`. Returns a function that ends it. */
  on<Type extends EventType | '*'>(type: Type, listener: (event: EventOf<Type>) => void): () => void
  emit(event: KindlingEvent): void
  /** False: nobody listens, so that events need not be made. */
  readonly hasListeners: boolean
}

interface Entry {
  readonly type: EventType | '*'
  readonly listener: (event: never) => void
}

export function createEvents(): Events {
  const entries = new Set<Entry>()
  let isReported = false
  return {
    on(type, listener) {
      const entry: Entry = { type, listener }
      entries.add(entry)
      return () => {
        entries.delete(entry)
      }
    },
    emit(event) {
      for (const { type, listener } of Array.from(entries)) {
        if (type !== '*' && type !== event.type) continue
        try {
          // The type was compared above.
          ;(listener as (event: KindlingEvent) => void)(event)
        } catch (error) {
          // A listener must not harm the job; that it fails is said once.
          if (!isReported)
            process.emitWarning(`a listener for ${type} events threw: ${String(error)}`, 'KindlingWarning')
          isReported = true
        }
      }
    },
    get hasListeners() {
      return entries.size > 0
    },
  }
}

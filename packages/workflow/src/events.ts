/** What happens in a run, as it happens: one closed union that the printed lines, the tests and anything of one's own read. */
import type { Row } from './summary.ts'

export type WorkflowEvent =
  /** The plan is made; `tasks` are in it, `toRun` of them seem to have work. */
  | { readonly type: 'runStart'; readonly tasks: number; readonly toRun: number; readonly workers: number }
  | { readonly type: 'taskStart'; readonly task: string; readonly attempt: number; readonly reason: string }
  | { readonly type: 'taskProgress'; readonly task: string; readonly fraction: number; readonly message: string | null }
  | { readonly type: 'taskLog'; readonly task: string; readonly message: string }
  /** An attempt failed and there will be another, in `delayMs`. */
  | {
      readonly type: 'taskRetry'
      readonly task: string
      readonly attempt: number
      readonly delayMs: number
      readonly error: Error
    }
  /** Nothing more will happen to this task. */
  | { readonly type: 'taskEnd'; readonly task: string; readonly row: Row }
  /** User code kept the thread to itself for so long that nothing else went on. */
  | { readonly type: 'stall'; readonly blockedMs: number; readonly running: readonly string[] }
  | { readonly type: 'runEnd'; readonly code: number; readonly wallMs: number }

export type Listener = (event: WorkflowEvent) => void

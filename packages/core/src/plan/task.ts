/** A task: one stage on one partition. Plain data, with its outcome. */
import type { AccumulatorUpdate } from './shared.ts'
import type { Split } from './source.ts'

/** What a task reads, shaped like the operators of its stage: a path through unions, a list for a coalesce, a pair for a zip. */
export type TaskInput =
  | { readonly type: 'split'; readonly split: Split }
  | { readonly type: 'steps'; readonly partition: number; readonly input: TaskInput }
  | { readonly type: 'branch'; readonly branch: number; readonly input: TaskInput }
  | { readonly type: 'chain'; readonly inputs: readonly TaskInput[] }
  | { readonly type: 'pair'; readonly left: TaskInput; readonly right: TaskInput }

export interface Task {
  readonly stage: number
  /** The partition of the stage, from 0. */
  readonly partition: number
  /** From 0; a retried task has the next one. */
  readonly attempt: number
  readonly input: TaskInput
  /** The file that a text sink writes, given by the driver; null for sinks that write none. */
  readonly output: string | null
}

export interface TaskMetrics {
  /** Rows that the sources gave. */
  readonly rowsRead: number
  /** Bytes of files read, before decompression. */
  readonly bytesRead: number
  /** Rows that reached the sink. */
  readonly rowsOut: number
  readonly bytesWritten: number
  readonly wallMs: number
}

/** Where a record came from. */
export interface Place {
  readonly path: string
  /** Where the record begins; -1 in a compressed file. */
  readonly byteOffset: number
  /** From 1. */
  readonly line: number
}

/** An error as data: what a thrown value becomes to cross a thread. */
export interface ErrorData {
  readonly name: string
  readonly message: string
  /** In the user's own (TypeScript) coordinates. */
  readonly stack: string
  readonly code?: string
  readonly cause?: ErrorData
  /** Set when what was thrown was no Error: its text. */
  readonly thrown?: string
}

/**
 * Why an attempt failed.
 * `user`: a function of the user threw. `data`: an input or a record is wrong. `lost`: the worker died. `timeout`: it took too long.
 */
export interface TaskFailure {
  readonly kind: 'user' | 'data' | 'lost' | 'timeout'
  readonly error: ErrorData
  /** The plan node of the step that was running, to find its verb and call site; null when none was. */
  readonly node: number | null
  readonly place: Place | null
  /** The start of the record as text, when there was one. */
  readonly record: string | null
}

export type TaskOutcome =
  | {
      readonly ok: true
      readonly blocks: readonly Uint8Array[]
      readonly metrics: TaskMetrics
      /** What the task added to accumulators; absent when it added to none. */
      readonly accumulated?: readonly AccumulatorUpdate[]
    }
  | { readonly ok: false; readonly failure: TaskFailure }

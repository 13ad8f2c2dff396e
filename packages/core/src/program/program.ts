/**
 * A stage program: all that a worker needs to run the tasks of one stage, whatever the worker is: a thread, a child
 * process, an executor of another engine. JSON, with large values beside it as bytes.
 */
import type { Bundle } from '../closure/bundle.ts'
import type { Sink, Step } from '../plan/step.ts'

/** A function's place among those of the bundle. */
export type FunctionRef = number

export interface StageProgram {
  readonly id: number
  /** The captured functions of the stage, in the order their `FunctionRef`s count. */
  readonly bundle: Bundle
  readonly root: Operator
  readonly sink: Sink<FunctionRef>
  /** The plan node of the action, for failures in the sink's own functions. */
  readonly sinkNode: number
}

/** The operators of a stage, shaped like its plan; a chain of pipes is one operator. */
export type Operator =
  | { readonly op: 'source'; readonly node: number }
  | { readonly op: 'steps'; readonly input: Operator; readonly steps: readonly ProgramStep[] }
  | { readonly op: 'union'; readonly inputs: readonly Operator[] }
  | { readonly op: 'coalesce'; readonly input: Operator }
  | { readonly op: 'zip'; readonly node: number; readonly left: Operator; readonly right: Operator }

export interface ProgramStep {
  readonly step: Step<FunctionRef>
  /** The plan node it came from, for failures and metrics. */
  readonly node: number
  /** Partitions at this step, for `zipWithUniqueId`. */
  readonly partitionCount: number
  /** Rows before each partition, for `zipWithIndex`; null for other steps. */
  readonly offsets: readonly number[] | null
}

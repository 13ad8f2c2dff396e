/** An engine runs whole jobs: a plan and what an action wants of it. Nothing above it knows which one runs. */
import type { CallSite } from '../plan/call-site.ts'
import type { Layout } from '../plan/layout.ts'
import type { PlanNode } from '../plan/node.ts'
import type { Sink, UserFunction } from '../plan/step.ts'
import type { TaskMetrics } from '../plan/task.ts'

export interface Job {
  /** The rows the action reads. */
  readonly root: PlanNode
  /** The action: its verb, where it was called and its number, counted with those of the plan nodes. */
  readonly action: { readonly verb: string; readonly at: CallSite; readonly node: number }
  /** What becomes of the rows of each partition. */
  readonly sink: Sink<UserFunction>
  /** How the partitions' results become one, where user code takes part in it; null: they are all wanted. */
  readonly merge: Sink<UserFunction> | null
  /** Where a sink of files writes; null for other sinks. */
  readonly output: OutputRequest | null
  /** Whether the engine itself asks, to plan another job: accumulators do not count its last stage, which that job runs again. */
  readonly isInternal: boolean
  readonly signal: AbortSignal | null
}

export interface OutputRequest {
  readonly path: string
  readonly overwrite: boolean
  /** What the names of its parts end with. */
  readonly extension: string
}

/** Blocks of result rows. */
export type Blocks = readonly Uint8Array[]

/** A job whose functions are captured: all its runs see the variables as they were when it was opened. */
export interface OpenJob {
  readonly partitionCount: number
  /** What the tasks of its runs have measured so far, merging aside. */
  readonly metrics: TaskMetrics
  /** The results of some partitions, in the order asked for. @throws TaskError, DataError, the reason of an abort */
  run(partitions: readonly number[]): Promise<readonly Blocks[]>
  /** The results of partitions made one by the job's `merge`. */
  merge(results: readonly Blocks[]): Promise<Blocks>
  /** Publishes the output, if the job has one. */
  commit(): void
  /** Ends the job. `error` says why it failed; without one it has succeeded. What was not committed is removed. */
  close(error?: unknown): void
}

export interface Engine {
  open(job: Job): Promise<OpenJob>
  /** Frees the workers' memory of a broadcast; functions that need it later bring it again. */
  dropBroadcast(id: number): void
  /** Whether a job that is opened now is compiled where it can be. */
  compiles(): boolean
  /** How plans lie as things stand now. */
  layout(): Layout
  /** Frees what is kept of a persisted dataset. */
  unpersist(node: PlanNode): void
  /** Whether all partitions of a dataset that is to be kept are kept. */
  isStored(node: PlanNode): boolean
  /** Cancels what runs and frees the workers. Idempotent. */
  close(): Promise<void>
}

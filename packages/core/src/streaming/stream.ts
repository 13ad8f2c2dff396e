/** A streaming job: unmodified programs over partitioned input. What `stream()` and `kindling stream` run. */
import type { StreamOptions, StreamSettings } from './options.ts'
import { readOptions } from './schema.ts'
import type { StreamTerminal } from './main.ts'
import type { GroupFunction, LineFunction, Program } from './options.ts'

/** How one program went. */
export interface JobReport {
  /** From 1, in the order of the inputs; reducers come after mappers. */
  readonly seq: number
  readonly kind: 'mapper' | 'reducer'
  readonly input: string
  /** The file it wrote; null for what went to standard output or to a reducer. */
  readonly output: string | null
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly ms: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** An earlier run had done it. */
  readonly isKept: boolean
}

export interface Failure {
  readonly job: JobReport
  readonly message: string
}

export interface StreamResult {
  readonly jobs: readonly JobReport[]
  readonly failures: readonly Failure[]
  /** By group, then by name. */
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Files written, in order. */
  readonly outputs: readonly string[]
  /** Programs started, retries included. */
  readonly attempts: number
}

/**
 * Runs programs over partitioned input.
 *
 *     await stream({ input: 'logs/*', mapper: 'python3 map.py', reducer: 'python3 reduce.py', output: 'out' })
 *
 * @throws PlanError or DataError before anything runs; TaskError when a program failed, after the others ended as `onFailure` says
 */
export async function stream(options: StreamOptions): Promise<StreamResult> {
  return runStream(readOptions(options), process)
}

/** What a mapper and a reducer make of some lines, in memory: for tests. */
export async function streamLocal(options: {
  readonly mapper?: Program<LineFunction>
  readonly combiner?: Program<GroupFunction>
  readonly reducer?: Program<GroupFunction>
  readonly lines: Iterable<string>
}): Promise<string[]> {
  throw new Error('unfinished')
}

/** `stream` for options that were checked; a failed program is in the result and no throw. */
export async function runStream(settings: StreamSettings, terminal: StreamTerminal): Promise<StreamResult> {
  throw new Error('unfinished')
}

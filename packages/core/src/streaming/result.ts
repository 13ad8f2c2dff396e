/** What came of a streaming job. */

/** How one program went. */
export interface JobReport {
  /** From 1, in the order of the inputs; reducers come after mappers. */
  readonly seq: number
  readonly kind: 'mapper' | 'reducer'
  readonly input: string
  /** The file it wrote; null for what went to standard output or to reducers. */
  readonly output: string | null
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly ms: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly attempts: number
  /** An earlier run had done it. */
  readonly isKept: boolean
}

export interface Failure {
  readonly seq: number
  readonly input: string
  readonly message: string
}

export interface StreamResult {
  readonly jobs: readonly JobReport[]
  readonly failures: readonly Failure[]
  /** By group, then by name; the job's own are in the group `kindling`. */
  readonly counters: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Files written or kept, in order. */
  readonly outputs: readonly string[]
  /** How many programs never ended by themselves or never started, because another failed. */
  readonly unfinished: number
  /** Programs started, retries included. */
  readonly attempts: number
}

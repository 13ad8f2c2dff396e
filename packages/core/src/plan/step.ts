/**
 * A step: what a pipe does with the rows of one partition.
 * `Fn` is how a function is held: live (`UserFunction`) in a plan, by its number in the bundle in a program that travels.
 */
export type UserFunction = (...args: never[]) => unknown

export type Step<Fn> =
  | { readonly op: 'map'; readonly fn: Fn }
  | { readonly op: 'filter'; readonly fn: Fn }
  | { readonly op: 'flatMap'; readonly fn: Fn }
  | { readonly op: 'keyBy'; readonly fn: Fn }
  | { readonly op: 'mapValues'; readonly fn: Fn }
  | { readonly op: 'flatMapValues'; readonly fn: Fn }
  | { readonly op: 'keys' }
  | { readonly op: 'values' }
  | { readonly op: 'mapPartitions'; readonly fn: Fn }
  | { readonly op: 'mapPartitionsWithIndex'; readonly fn: Fn }
  | { readonly op: 'glom' }
  /** Row `j` of partition `k` of `n` gets the number `j * n + k`. */
  | { readonly op: 'zipWithUniqueId' }
  /** Row numbers that run through all partitions; the engine counts the partitions before it. */
  | { readonly op: 'zipWithIndex' }
  | { readonly op: 'sample'; readonly withReplacement: boolean; readonly fraction: number; readonly seed: number }
  /** At most `concurrency` promises at once, order kept. */
  | { readonly op: 'mapAsync'; readonly fn: Fn; readonly concurrency: number }
  /** One child process per partition: an argument list, or a command line for a shell. */
  | {
      readonly op: 'pipe'
      readonly command: string | readonly string[]
      readonly env: Readonly<Record<string, string>>
    }

/**
 * A sink: what an action does with the rows of one partition. Each gives result rows: none, one, or, for `collect` and
 * `take`, many. All but `text` and the `forEach`s are also their own merge: run over the partitions' results they give the job's.
 */
export type Sink<Fn> =
  | { readonly op: 'collect' }
  | { readonly op: 'take'; readonly count: number }
  | { readonly op: 'count' }
  | { readonly op: 'sum' }
  | { readonly op: 'reduce'; readonly fn: Fn }
  | { readonly op: 'fold'; readonly zero: Uint8Array; readonly fn: Fn }
  | { readonly op: 'min' | 'max'; readonly key: Fn | null }
  | { readonly op: 'forEach'; readonly fn: Fn }
  | { readonly op: 'forEachPartition'; readonly fn: Fn }
  | { readonly op: 'text'; readonly compression: 'none' | 'gzip' }

/** The same step with its function held another way. */
export function withFunction<A, B>(step: Step<A>, hold: (fn: A) => B): Step<B> {
  return 'fn' in step ? { ...step, fn: hold(step.fn) } : step
}

/** The same sink with its functions held another way. */
export function withSinkFunction<A, B>(sink: Sink<A>, hold: (fn: A) => B): Sink<B> {
  if ('fn' in sink) return { ...sink, fn: hold(sink.fn) }
  if ('key' in sink) return { ...sink, key: sink.key === null ? null : hold(sink.key) }
  return sink
}

/**
 * A step: what a pipe does with the rows of one partition.
 * `Fn` is how a function is held: live (`UserFunction`) in a plan, by its number in the bundle in a program that travels.
 */

import type { OnBadRow } from './bad-row.ts'
import { type Combiner, withCombinerFunctions } from './combiner.ts'
import type { ParquetFormat } from './parquet-format.ts'
import { type Partitioner, withPartitionerFunction } from './partitioner.ts'
import type { PartCompression, TextFormat } from './text-format.ts'

export type UserFunction = (...args: never[]) => unknown

export type Step<Fn> =
  | { readonly op: 'map'; readonly fn: Fn }
  | { readonly op: 'filter'; readonly fn: Fn }
  | { readonly op: 'flatMap'; readonly fn: Fn }
  | { readonly op: 'keyBy'; readonly fn: Fn }
  /** Pairs of what `fn` gives for the key, and the whole pair. */
  | { readonly op: 'keyByKey'; readonly fn: Fn }
  /** The values of one key, a block of one row. */
  | { readonly op: 'ofKey'; readonly key: Uint8Array }
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
  /** The rows whose random number lies in `[from, to)`: with the same seed, disjoint parts of one dataset. */
  | { readonly op: 'split'; readonly from: number; readonly to: number; readonly seed: number }
  /** A sample with a rate for each key; `rates` is a block of one row, the list of `[key, rate]`. */
  | { readonly op: 'sampleByKey'; readonly withReplacement: boolean; readonly rates: Uint8Array; readonly seed: number }
  /** The rows at these places of each partition, as often as they stand there; places grow. */
  | { readonly op: 'pick'; readonly places: readonly (readonly number[])[] }
  /** Pairs of the row and null: rows become keys. */
  | { readonly op: 'asKeys' }
  /** What a join makes of `[key, [left values, right values]]`. */
  | { readonly op: 'expand'; readonly how: Expansion }
  /** One pair for each key of the partition, its values combined. */
  | { readonly op: 'combine'; readonly combiner: Combiner<Fn> }
  /** The pairs of the partition by key; equal ones keep their order. */
  | { readonly op: 'sort'; readonly ascending: boolean }
  /** At most `concurrency` promises at once, order kept. */
  | { readonly op: 'mapAsync' | 'filterAsync' | 'flatMapAsync'; readonly fn: Fn; readonly concurrency: number }
  /** `JSON.parse` of each line that is not blank, checked by the schema. */
  | { readonly op: 'parseJson'; readonly schema: Fn | null; readonly onBadRow: OnBadRow }
  /** The rows of a reader that gives a `BadRecord` for what it cannot read, checked by the schema. */
  | { readonly op: 'checkRow'; readonly schema: Fn | null; readonly onBadRow: OnBadRow }
  /** One child process per partition: an argument list, or a command line for a shell. It reads rows as text or as JSON, a line each. */
  | {
      readonly op: 'pipe'
      readonly encode: 'text' | 'jsonl'
      readonly command: string | readonly string[]
      readonly env: Readonly<Record<string, string>>
    }

/**
 * The joins give a pair of values for each match and, if outer, for what has none. `minus` gives the left pairs of keys that
 * the right lacks, `both` each key that both have, with null.
 */
export type Expansion = 'inner' | 'leftOuter' | 'rightOuter' | 'fullOuter' | 'minus' | 'both'

/**
 * A sink: what an action does with the rows of one partition. Each gives result rows: none, one, or, for `collect` and
 * `take`, many. `collect`, `take`, `sum`, `reduce`, `fold`, `min`, `max` and `top` are also their own merge: run over the partitions'
 * results they give the job's.
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
  | { readonly op: 'text'; readonly format: TextFormat; readonly compression: PartCompression }
  | { readonly op: 'parquet'; readonly format: ParquetFormat }
  /** The first `count` rows in the order of their keys, or of the rows themselves. */
  | { readonly op: 'top'; readonly count: number; readonly ascending: boolean; readonly key: Fn | null }
  /** Count, mean and the like, as one row of moments. */
  | { readonly op: 'stats' }
  /** How many rows lie between each two edges, a block of numbers: they may be endless, which JSON has no word for. */
  | { readonly op: 'histogram'; readonly edges: Uint8Array }
  /** The registers of a HyperLogLog with `2 ** precision` of them. */
  | { readonly op: 'sketch'; readonly precision: number }
  /** The map side of a shuffle. */
  | { readonly op: 'shuffle'; readonly partitioner: Partitioner<Fn>; readonly partitionCount: number }

/** The same step with its function held another way. */
export function withFunction<A, B>(step: Step<A>, hold: (fn: A) => B): Step<B> {
  if (step.op === 'combine') return { op: 'combine', combiner: withCombinerFunctions(step.combiner, hold) }
  if ('schema' in step) return { ...step, schema: step.schema === null ? null : hold(step.schema) }
  return 'fn' in step ? { ...step, fn: hold(step.fn) } : step
}

/** The same sink with its functions held another way. */
export function withSinkFunction<A, B>(sink: Sink<A>, hold: (fn: A) => B): Sink<B> {
  if ('fn' in sink) return { ...sink, fn: hold(sink.fn) }
  if (sink.op === 'shuffle') return { ...sink, partitioner: withPartitionerFunction(sink.partitioner, hold) }
  if ('key' in sink) return { ...sink, key: sink.key === null ? null : hold(sink.key) }
  return sink
}

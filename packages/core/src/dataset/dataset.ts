/** A dataset: lazy, partitioned, immutable. Each verb adds one node to its plan and gives a new dataset; actions run it. */
import { PlanError } from '../errors.ts'
import type { PlanNode } from '../plan/node.ts'
import type { UserFunction } from '../plan/step.ts'
import {
  refusal,
  requireFunctions,
  requireOptions,
  requirePartitions,
  requireRate,
  requireSeed,
  requireWhole,
} from './arguments.ts'
import { callSite } from './call-site.ts'
import { nextNodeId } from './grow.ts'
import { JoinVerbs } from './joins.ts'
import { placeOf } from './lineage.ts'
import { randomSeed } from './pairs.ts'
import { checkOptions, type OutputOf, type StandardSchema } from './sources.ts'

export interface MapAsyncOptions {
  /** Promises in flight at once, per partition; 16 by default. */
  readonly concurrency?: number
}

export interface PipeOptions {
  /** Variables added to the environment of the command. */
  readonly env?: Readonly<Record<string, string>>
  /** What a row is on the way in: what `String` makes of it, or, as `jsonl`, its JSON. */
  readonly encode?: 'jsonl'
}

/** For a program that prints rows as JSON, a line each. */
export interface PipeJsonOptions extends PipeOptions {
  readonly decode: 'jsonl'
  /** What a line does that is no JSON or that the schema refuses, as for `jsonLines`. */
  readonly onBadRow?: 'error' | 'skip'
}

const DEFAULT_CONCURRENCY = 16

export class Dataset<T> extends JoinVerbs<T> {
  /** What `fn` gives for each row. A function that gives a pair makes a dataset of pairs. **Narrow.** */
  map<K, V>(fn: (row: T) => [K, V]): Dataset<[K, V]>
  map<U>(fn: (row: T) => U): Dataset<U>
  map(fn: UserFunction): Dataset<unknown> {
    return this.pipeStep('map', { op: 'map', fn })
  }

  /** The rows for which `fn` is true. **Narrow.** */
  filter<S extends T>(fn: (row: T) => row is S): Dataset<S>
  filter(fn: (row: T) => boolean): Dataset<T>
  filter(fn: UserFunction): Dataset<T> {
    return this.pipeStep('filter', { op: 'filter', fn })
  }

  /** The items of the iterable that `fn` gives for each row. **Narrow.** */
  flatMap<K, V>(fn: (row: T) => Iterable<[K, V]>): Dataset<[K, V]>
  flatMap<U>(fn: (row: T) => Iterable<U>): Dataset<U>
  flatMap(fn: UserFunction): Dataset<unknown> {
    return this.pipeStep('flatMap', { op: 'flatMap', fn })
  }

  /** The items of the iterable that `fn` gives for all rows of a partition, which it can walk once. **Narrow.** */
  mapPartitions<K, V>(fn: (rows: Iterable<T>) => Iterable<[K, V]>): Dataset<[K, V]>
  mapPartitions<U>(fn: (rows: Iterable<T>) => Iterable<U>): Dataset<U>
  mapPartitions(fn: UserFunction): Dataset<unknown> {
    return this.pipeStep('mapPartitions', { op: 'mapPartitions', fn })
  }

  /** `mapPartitions` with the partition's number, from 0. **Narrow.** */
  mapPartitionsWithIndex<K, V>(fn: (partition: number, rows: Iterable<T>) => Iterable<[K, V]>): Dataset<[K, V]>
  mapPartitionsWithIndex<U>(fn: (partition: number, rows: Iterable<T>) => Iterable<U>): Dataset<U>
  mapPartitionsWithIndex(fn: UserFunction): Dataset<unknown> {
    return this.pipeStep('mapPartitionsWithIndex', { op: 'mapPartitionsWithIndex', fn })
  }

  /** What the promise of `fn` gives for each row, in order, several in flight at once. **Narrow.** */
  mapAsync<U>(fn: (row: T) => Promise<U> | U, options?: MapAsyncOptions): Dataset<U> {
    return this.#asyncStep('mapAsync', fn, options)
  }

  /** The rows for which the promise of `fn` gives true, in order, several in flight at once. **Narrow.** */
  filterAsync(fn: (row: T) => Promise<boolean> | boolean, options?: MapAsyncOptions): Dataset<T> {
    return this.#asyncStep('filterAsync', fn, options)
  }

  /** The items of the iterable that the promise of `fn` gives for each row, in order, several in flight at once. **Narrow.** */
  flatMapAsync<U>(fn: (row: T) => Promise<Iterable<U>> | Iterable<U>, options?: MapAsyncOptions): Dataset<U> {
    return this.#asyncStep('flatMapAsync', fn, options)
  }

  /** Each partition as one array. **Narrow.** */
  glom(): Dataset<T[]> {
    return this.pipeStep('glom', { op: 'glom' })
  }

  /** Pairs of the key that `fn` gives and the row. **Narrow.** */
  keyBy<K>(fn: (row: T) => K): Dataset<[K, T]> {
    return this.pipeStep('keyBy', { op: 'keyBy', fn })
  }

  /** The rows of both, duplicates kept; the partitions of `other` follow these. **Narrow.** */
  union<U>(other: Dataset<U>): Dataset<T | U> {
    this.requireSibling('union', other)
    const { node } = other
    return this.derive({ kind: 'union', id: nextNodeId(), verb: 'union', at: callSite(), parents: [this.node, node] })
  }

  /** Pairs by position. Both must have as many partitions, and as many rows in each. **Narrow.** */
  zip<U>(other: Dataset<U>): Dataset<[T, U]> {
    this.requireSibling('zip', other)
    const at = callSite()
    const zipped = this.derive<[T, U]>({
      kind: 'zip',
      id: nextNodeId(),
      verb: 'zip',
      at,
      left: this.node,
      right: other.node,
      pairing: 'position',
    })
    try {
      zipped.getNumPartitions()
    } catch (error) {
      // Sides that differ are refused here; a path that is wrong fails the action, as everywhere.
      if (error instanceof PlanError) throw error
    }
    return zipped
  }

  /** Pairs of the row and its number in the whole dataset, from 0. With several partitions it counts them first. **Narrow.** */
  zipWithIndex(): Dataset<[T, number]> {
    return this.pipeStep('zipWithIndex', { op: 'zipWithIndex' })
  }

  /** Pairs of the row and a number that no other row has: `j * n + k` for row `j` of partition `k` of `n`. **Narrow.** */
  zipWithUniqueId(): Dataset<[T, number]> {
    return this.pipeStep('zipWithUniqueId', { op: 'zipWithUniqueId' })
  }

  /** Every pair of a row of this dataset and one of the other: partition `i * m + j` of `m` there. **Narrow.** */
  cartesian<U>(other: Dataset<U>): Dataset<[T, U]> {
    this.requireSibling('cartesian', other)
    return this.derive({
      kind: 'zip',
      id: nextNodeId(),
      verb: 'cartesian',
      at: callSite(),
      left: this.node,
      right: other.node,
      pairing: 'product',
    })
  }

  /** One of each rows that are equal as keys are: by content. **Wide: one shuffle,** of what is left in each partition. */
  distinct(partitionCount?: number): Dataset<T> {
    requirePartitions('distinct', partitionCount)
    return this.grown(
      this.growth('distinct')
        .step({ op: 'asKeys' })
        .step({ op: 'combine', combiner: { type: 'first' } })
        .shuffle({ partitionCount })
        .step({ op: 'combine', combiner: { type: 'first' } })
        .step({ op: 'keys' }),
    )
  }

  /** Pairs of what `fn` gives and an array of the rows for which it gives that, in their order. **Wide: one shuffle.** */
  groupBy<K>(fn: (row: T) => K, partitionCount?: number): Dataset<[K, T[]]> {
    requireFunctions('groupBy', fn)
    requirePartitions('groupBy', partitionCount)
    return this.grown(
      this.growth('groupBy')
        .step({ op: 'keyBy', fn })
        .shuffle({ partitionCount })
        .step({ op: 'combine', combiner: { type: 'group' } }),
    )
  }

  /**
   * All rows in the order of what `fn` gives for them, over all partitions; equal ones keep their order. **Wide: one shuffle.**
   */
  sortBy(fn: (row: T) => unknown, ascending: boolean = true, partitionCount?: number): Dataset<T> {
    requireFunctions('sortBy', fn)
    requirePartitions('sortBy', partitionCount)
    return this.grown(
      this.growth('sortBy')
        .step({ op: 'keyBy', fn })
        .shuffle({ partitioner: { type: 'range', ascending }, partitionCount })
        .step({ op: 'values' }),
    )
  }

  /** The rows spread evenly over `n` partitions. **Wide: one shuffle.** */
  repartition(n: number): Dataset<T> {
    return this.#spread('repartition', n)
  }

  /**
   * Disjoint parts that together are all rows, each about as large as its weight says. The same seed gives the same parts; without one, a
   * seed is drawn once. **Narrow.**
   */
  randomSplit(weights: readonly number[], seed: number = randomSeed()): Dataset<T>[] {
    requireSeed('randomSplit', seed)
    for (const weight of weights) {
      if (!(weight >= 0) || !Number.isFinite(weight))
        throw refusal('randomSplit', `weights must be 0 or more, got ${weight}`)
    }
    const total = weights.reduce((a, b) => a + b, 0)
    if (!(total > 0)) throw refusal('randomSplit', 'weights must add up to more than 0')
    let sum = 0
    return weights.map((weight, i) => {
      const from = sum / total
      sum += weight
      // A random number is below 1, so that nothing falls out at the end.
      const to = i === weights.length - 1 ? 1 : sum / total
      return this.pipeStep('randomSplit', { op: 'split', from, to, seed })
    })
  }

  /**
   * At most `n` partitions: neighbours are joined, nothing moves. With `shuffle` it is `repartition`, which can also make more of them.
   * **Narrow,** without `shuffle`.
   */
  coalesce(n: number, shuffle: boolean = false): Dataset<T> {
    const at = callSite()
    requireWhole('coalesce', 'the number of partitions', n)
    if (shuffle) return this.#spread('coalesce', n)
    return this.derive({
      kind: 'coalesce',
      id: nextNodeId(),
      verb: 'coalesce',
      at,
      parent: this.node,
      partitionCount: n,
    })
  }

  /**
   * A random part of the rows, in order. Without replacement each row is kept with probability `fraction`, with replacement it
   * comes `fraction` times on average. The same seed gives the same rows; without one, a seed is drawn once. **Narrow.**
   */
  sample(withReplacement: boolean, fraction: number, seed: number = randomSeed()): Dataset<T> {
    requireRate('sample', fraction)
    requireSeed('sample', seed)
    return this.pipeStep('sample', { op: 'sample', withReplacement, fraction, seed })
  }

  /**
   * The lines that an unmodified program prints when it reads the rows as lines; one process per partition, a list of arguments
   * without a shell or a command line for one. Rows that are no strings are written by `String`, or, with `encode: 'jsonl'`, as JSON;
   * with `decode: 'jsonl'` the program prints JSON, checked by the schema if there is one. **Narrow.**
   *
   *     rows.pipe('python3 map.py', { encode: 'jsonl', decode: 'jsonl', schema: z.object({ id: z.number() }) })
   */
  pipe<S extends StandardSchema>(
    command: string | readonly string[],
    options: PipeJsonOptions & { readonly schema: S },
  ): Dataset<OutputOf<S>>
  pipe<U = unknown>(command: string | readonly string[], options: PipeJsonOptions): Dataset<U>
  pipe(command: string | readonly string[], options?: PipeOptions): Dataset<string>
  pipe(
    command: string | readonly string[],
    options: PipeOptions & Partial<PipeJsonOptions> & { readonly schema?: StandardSchema } = {},
  ): Dataset<unknown> {
    if (command.length === 0) throw new PlanError(`pipe${placeOf(callSite())}: the command is empty. Name a program`)
    requireOptions('pipe', options, ['env', 'encode', 'decode', 'schema', 'onBadRow'])
    const { env, encode, decode, schema = null, onBadRow = 'error' } = options
    for (const [name, format] of Object.entries({ encode, decode }))
      if (format !== undefined && format !== 'jsonl')
        throw refusal('pipe', `${name} must be 'jsonl' or left out, got ${JSON.stringify(format)}`)
    if (decode === undefined && schema !== null)
      throw refusal('pipe', "a schema checks rows, but lines come out. Pass decode: 'jsonl'")
    const growth = this.growth('pipe').step({ op: 'pipe', encode: encode ?? 'text', command, env: { ...env } })
    return this.grown(
      decode === undefined ? growth : growth.step({ op: 'parseJson', ...checkOptions('pipe', schema, onBadRow) }),
    )
  }

  #spread(verb: string, n: number): Dataset<T> {
    requireWhole(verb, 'the number of partitions', n)
    return this.grown(this.growth(verb).shuffle({ partitioner: { type: 'spread' }, partitionCount: n }))
  }

  #asyncStep<U>(
    verb: 'mapAsync' | 'filterAsync' | 'flatMapAsync',
    fn: UserFunction,
    options: MapAsyncOptions = {},
  ): Dataset<U> {
    requireOptions(verb, options, ['concurrency'])
    const { concurrency = DEFAULT_CONCURRENCY } = options
    requireWhole(verb, 'concurrency', concurrency)
    return this.pipeStep(verb, { op: verb, fn, concurrency })
  }

  protected override derive<U>(node: PlanNode): Dataset<U> {
    return new Dataset<U>(this.context, node)
  }
}

/** Verbs that bring the values of a key together, or place pairs by key. Keys are equal by content, see `semantics` of keys. */
import type { Combiner } from '../plan/combiner.ts'
import type { Partitioner } from '../plan/partitioner.ts'
import type { UserFunction } from '../plan/step.ts'
import { encodeValue } from '../run/values.ts'
import { requireFunctions, requirePartitions, requireWhole } from './arguments.ts'
import type { Dataset } from './dataset.ts'
import { type KeyOf, PairVerbs, type ValueOf } from './pairs.ts'

/** What the parts of `groupWith` give: for each dataset of pairs an array of its values. */
type Groups<Others extends readonly unknown[]> = {
  [I in keyof Others]: Others[I] extends Dataset<[infer _K, infer W]> ? W[] : never
}

export abstract class GroupingVerbs<T> extends PairVerbs<T> {
  /**
   * One pair for each key, its values folded by `fn`, which must be associative; values meet in the order of rows. Folds within
   * partitions before anything moves. **Wide: one shuffle,** none where pairs lie by key already.
   */
  reduceByKey(
    this: Dataset<[KeyOf<T>, ValueOf<T>]>,
    fn: (a: ValueOf<T>, b: ValueOf<T>) => ValueOf<T>,
    partitionCount?: number,
  ): Dataset<T> {
    requireFunctions('reduceByKey', fn)
    return this.combined('reduceByKey', { type: 'reduce', fn }, fn, partitionCount)
  }

  /**
   * One pair for each key with an array of its values, in the order of rows. To fold them, `reduceByKey` and its like move less.
   * **Wide: one shuffle,** none where pairs lie by key already.
   */
  groupByKey<K, V>(this: Dataset<[K, V]>, partitionCount?: number): Dataset<[K, V[]]> {
    requirePartitions('groupByKey', partitionCount)
    return this.grown(
      this.growth('groupByKey')
        .shuffle({ partitionCount })
        .step({ op: 'combine', combiner: { type: 'group' } }),
    )
  }

  /**
   * One pair for each key: `create` makes a combined value of the first, `mergeValue` adds another, `mergeCombiners` joins two
   * combined ones. The first argument of both may be changed and returned. **Wide: one shuffle,** none where pairs lie by key already.
   */
  combineByKey<K, V, C>(
    this: Dataset<[K, V]>,
    create: (value: V) => C,
    mergeValue: (combined: C, value: V) => C,
    mergeCombiners: (a: C, b: C) => C,
    partitionCount?: number,
  ): Dataset<[K, C]> {
    requireFunctions('combineByKey', create, mergeValue, mergeCombiners)
    const combiner = { type: 'custom', create, fn: mergeValue, merge: mergeCombiners } as const
    return this.combined('combineByKey', combiner, mergeCombiners, partitionCount)
  }

  /**
   * `combineByKey` from a zero, which enters once for each key and partition. It is a fresh copy each time, so that `seq` may change it.
   * One that is not neutral may enter once more where a partition's table goes to disk, as in Spark.
   * **Wide: one shuffle,** none where pairs lie by key already.
   */
  aggregateByKey<K, V, U>(
    this: Dataset<[K, V]>,
    zero: U,
    seq: (combined: U, value: V) => U,
    comb: (a: U, b: U) => U,
    partitionCount?: number,
  ): Dataset<[K, U]> {
    requireFunctions('aggregateByKey', seq, comb)
    const encoded = encodeValue('aggregateByKey', zero)
    return this.combined('aggregateByKey', { type: 'fold', zero: encoded, fn: seq, merge: comb }, comb, partitionCount)
  }

  /** `aggregateByKey` with one function for both. **Wide: one shuffle,** none where pairs lie by key already. */
  foldByKey(
    this: Dataset<[KeyOf<T>, ValueOf<T>]>,
    zero: ValueOf<T>,
    fn: (a: ValueOf<T>, b: ValueOf<T>) => ValueOf<T>,
    partitionCount?: number,
  ): Dataset<T> {
    requireFunctions('foldByKey', fn)
    const encoded = encodeValue('foldByKey', zero)
    return this.combined('foldByKey', { type: 'fold', zero: encoded, fn, merge: fn }, fn, partitionCount)
  }

  /**
   * The pairs placed by key: by its hash, or by what `fn` gives for it, modulo the number of partitions. Verbs by key that follow need
   * not move them again. **Wide: one shuffle,** none where pairs lie so already.
   */
  partitionBy<K, V>(this: Dataset<[K, V]>, partitionCount: number, fn?: (key: K) => number): Dataset<[K, V]> {
    requireWhole('partitionBy', 'the number of partitions', partitionCount)
    if (fn !== undefined) requireFunctions('partitionBy', fn)
    return this.grown(this.growth('partitionBy').shuffle({ partitioner: placing(fn), partitionCount }))
  }

  /**
   * `partitionBy`, and each partition sorted by key, or by what `key` gives for it; equal ones keep their order.
   * **Wide: one shuffle.**
   */
  repartitionAndSortWithinPartitions<K, V>(
    this: Dataset<[K, V]>,
    partitionCount?: number,
    fn?: (key: K) => number,
    ascending: boolean = true,
    key?: (key: K) => unknown,
  ): Dataset<[K, V]> {
    const verb = 'repartitionAndSortWithinPartitions'
    requirePartitions(verb, partitionCount)
    requireFunctions(verb, ...[fn, key].filter((given) => given !== undefined))
    const growth = this.growth(verb).shuffle({ partitioner: placing(fn), partitionCount })
    if (key === undefined) return this.grown(growth.step({ op: 'sort', ascending }))
    return this.grown(growth.step({ op: 'keyByKey', fn: key }).step({ op: 'sort', ascending }).step({ op: 'values' }))
  }

  /**
   * All pairs in the order of their keys, or of what `key` gives for them, over all partitions; equal ones keep their order.
   * **Wide: one shuffle.**
   */
  sortByKey<K, V>(
    this: Dataset<[K, V]>,
    ascending: boolean = true,
    partitionCount?: number,
    key?: (key: K) => unknown,
  ): Dataset<[K, V]> {
    requirePartitions('sortByKey', partitionCount)
    const partitioner = { type: 'range', ascending } as const
    const growth = this.growth('sortByKey')
    if (key === undefined) return this.grown(growth.shuffle({ partitioner, partitionCount }))
    requireFunctions('sortByKey', key)
    return this.grown(
      growth.step({ op: 'keyByKey', fn: key }).shuffle({ partitioner, partitionCount }).step({ op: 'values' }),
    )
  }

  /** For each key of either the values of both; an empty array for a side that lacks it. **Wide: one shuffle of each side,** none of one that lies so already. */
  cogroup<K, V, W>(this: Dataset<[K, V]>, other: Dataset<[K, W]>, partitionCount?: number): Dataset<[K, [V[], W[]]]> {
    return this.cogrouped('cogroup', [other], partitionCount)
  }

  /** `cogroup` of any number of datasets. **Wide: one shuffle of each,** none of those that lie so already. */
  groupWith<K, V, Others extends readonly Dataset<[K, unknown]>[]>(
    this: Dataset<[K, V]>,
    ...others: Others
  ): Dataset<[K, [V[], ...Groups<Others>]]> {
    return this.cogrouped('groupWith', others, undefined)
  }

  /** @internal */
  protected cogrouped<U>(
    verb: string,
    others: readonly Dataset<unknown>[],
    partitionCount: number | undefined,
  ): Dataset<U> {
    requirePartitions(verb, partitionCount)
    for (const other of others) this.requireSibling(verb, other)
    const nodes = [this.node, ...others.map(({ node }) => node)]
    return this.grown(this.growth(verb).cogroup(nodes, { partitionCount }))
  }

  /** Combines within partitions, moves what is left, and combines that. @internal */
  protected combined<U>(
    verb: string,
    combiner: Combiner<UserFunction>,
    merge: UserFunction,
    partitionCount: number | undefined,
  ): Dataset<U> {
    requirePartitions(verb, partitionCount)
    return this.grown(
      this.growth(verb)
        .step({ op: 'combine', combiner })
        .shuffle({ partitionCount })
        .step({ op: 'combine', combiner: { type: 'reduce', fn: merge } }),
    )
  }
}

function placing(fn: UserFunction | undefined): Partitioner<UserFunction> {
  return fn === undefined ? { type: 'hash' } : { type: 'custom', fn }
}

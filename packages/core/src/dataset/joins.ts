/** Joins, and what else compares the keys of two datasets. A side that lacks a key gives `undefined`, so that a `null` stays visible. */
import type { Expansion } from '../plan/step.ts'
import { requirePartitions } from './arguments.ts'
import type { Dataset } from './dataset.ts'
import { GroupingVerbs } from './grouping.ts'

export abstract class JoinVerbs<T> extends GroupingVerbs<T> {
  /** A pair of values for each match of keys; duplicates multiply. **Wide: one shuffle of each side,** none of one that lies so already. */
  join<K, V, W>(this: Dataset<[K, V]>, other: Dataset<[K, W]>, partitionCount?: number): Dataset<[K, [V, W]]> {
    return this.joined('join', 'inner', other, partitionCount)
  }

  /** `join`, with `undefined` where the other side lacks a key. **Wide: one shuffle of each side,** none of one that lies so already. */
  leftOuterJoin<K, V, W>(
    this: Dataset<[K, V]>,
    other: Dataset<[K, W]>,
    partitionCount?: number,
  ): Dataset<[K, [V, W | undefined]]> {
    return this.joined('leftOuterJoin', 'leftOuter', other, partitionCount)
  }

  /** `join`, with `undefined` where this side lacks a key. **Wide: one shuffle of each side,** none of one that lies so already. */
  rightOuterJoin<K, V, W>(
    this: Dataset<[K, V]>,
    other: Dataset<[K, W]>,
    partitionCount?: number,
  ): Dataset<[K, [V | undefined, W]]> {
    return this.joined('rightOuterJoin', 'rightOuter', other, partitionCount)
  }

  /** `join`, with `undefined` where either side lacks a key. **Wide: one shuffle of each side,** none of one that lies so already. */
  fullOuterJoin<K, V, W>(
    this: Dataset<[K, V]>,
    other: Dataset<[K, W]>,
    partitionCount?: number,
  ): Dataset<[K, [V | undefined, W | undefined]]> {
    return this.joined('fullOuterJoin', 'fullOuter', other, partitionCount)
  }

  /** The pairs whose keys the other dataset lacks, duplicates kept. **Wide: one shuffle of each side,** none of one that lies so already. */
  subtractByKey<K, V, W>(this: Dataset<[K, V]>, other: Dataset<[K, W]>, partitionCount?: number): Dataset<[K, V]> {
    requirePartitions('subtractByKey', partitionCount)
    this.requireSibling('subtractByKey', other)
    return this.grown(
      this.growth('subtractByKey')
        .cogroup([this.node, other.node], { partitionCount, like: [this.node] })
        .step({ op: 'expand', how: 'minus' }),
    )
  }

  /** The rows that both have, each once. **Wide: one shuffle of each side.** */
  intersection(other: Dataset<T>, partitionCount?: number): Dataset<T> {
    requirePartitions('intersection', partitionCount)
    this.requireSibling('intersection', other)
    const sides = [this.node, other.node].map(
      (node) =>
        this.growth('intersection', node)
          .step({ op: 'asKeys' })
          .step({ op: 'combine', combiner: { type: 'first' } }).node,
    )
    return this.grown(
      this.growth('intersection')
        .cogroup(sides, { partitionCount })
        .step({ op: 'expand', how: 'both' })
        .step({ op: 'keys' }),
    )
  }

  /** The rows that the other lacks, duplicates kept. **Wide: one shuffle of each side.** */
  subtract(other: Dataset<T>, partitionCount?: number): Dataset<T> {
    requirePartitions('subtract', partitionCount)
    this.requireSibling('subtract', other)
    const left = this.growth('subtract').step({ op: 'asKeys' }).node
    const right = this.growth('subtract', other.node)
      .step({ op: 'asKeys' })
      .step({ op: 'combine', combiner: { type: 'first' } }).node
    return this.grown(
      this.growth('subtract')
        .cogroup([left, right], { partitionCount, like: [left] })
        .step({ op: 'expand', how: 'minus' })
        .step({ op: 'keys' }),
    )
  }

  /** @internal */
  protected joined<U>(
    verb: string,
    how: Expansion,
    other: Dataset<unknown>,
    partitionCount: number | undefined,
  ): Dataset<U> {
    requirePartitions(verb, partitionCount)
    this.requireSibling(verb, other)
    return this.grown(
      this.growth(verb).cogroup([this.node, other.node], { partitionCount }).step({ op: 'expand', how }),
    )
  }
}

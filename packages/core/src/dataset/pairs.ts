/** Verbs on pairs that keep rows where they are: they exist, for the type checker, only where the rows are `[key, value]`. */
import { PlanError } from '../errors.ts'
import { encodeValue } from '../run/values.ts'
import { requireRate, requireSeed } from './arguments.ts'
import type { Dataset } from './dataset.ts'
import { Statistics } from './statistics.ts'

/** A rate for each key: a `Map`, or an object where keys are strings. */
export type Fractions<K> = ReadonlyMap<K, number> | (K extends string ? Readonly<Record<K, number>> : never)

/** The keys of pairs; none of other rows. Where a function takes and gives values they are told by the dataset alone, so that a tuple stays one. */
export type KeyOf<T> = T extends readonly [infer K, unknown] ? K : never

/** The values of pairs; none of other rows. */
export type ValueOf<T> = T extends readonly [unknown, infer V] ? V : never

export abstract class PairVerbs<T> extends Statistics<T> {
  /** The key of each pair. **Narrow.** */
  keys<K, V>(this: Dataset<[K, V]>): Dataset<K> {
    return this.pipeStep('keys', { op: 'keys' })
  }

  /** The value of each pair. **Narrow.** */
  values<K, V>(this: Dataset<[K, V]>): Dataset<V> {
    return this.pipeStep('values', { op: 'values' })
  }

  /** Pairs with the same keys and the values that `fn` gives. **Narrow.** */
  mapValues<K, V, U>(this: Dataset<[K, V]>, fn: (value: V) => U): Dataset<[K, U]> {
    return this.pipeStep('mapValues', { op: 'mapValues', fn })
  }

  /** One pair, with the same key, for each value that `fn` gives. **Narrow.** */
  flatMapValues<K, V, U>(this: Dataset<[K, V]>, fn: (value: V) => Iterable<U>): Dataset<[K, U]> {
    return this.pipeStep('flatMapValues', { op: 'flatMapValues', fn })
  }

  /**
   * A random part of the pairs, with a rate for each key; a key that has none is an error. Without replacement a rate is the
   * probability of each pair, with replacement how often it comes on average. **Narrow.**
   */
  sampleByKey<K, V>(
    this: Dataset<[K, V]>,
    withReplacement: boolean,
    fractions: Fractions<K>,
    seed: number = randomSeed(),
  ): Dataset<[K, V]> {
    requireSeed('sampleByKey', seed)
    if (typeof fractions !== 'object' || fractions === null)
      throw new PlanError(`sampleByKey: expected a Map or an object of rates, got ${String(fractions)}`)
    const entries: [unknown, number][] =
      fractions instanceof Map ? [...(fractions as ReadonlyMap<unknown, number>)] : Object.entries(fractions)
    for (const [, rate] of entries) requireRate('sampleByKey', rate)
    const rates = encodeValue('sampleByKey', entries, 'the rates')
    return this.pipeStep('sampleByKey', { op: 'sampleByKey', withReplacement, rates, seed })
  }
}

/** A seed that is drawn once, so that all actions on a dataset see the same rows. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}

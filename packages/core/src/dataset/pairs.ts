/** Verbs on pairs: they exist, for the type checker, only where the rows are `[key, value]`. */
import { Actions } from './actions.ts'
import type { Dataset } from './dataset.ts'

export abstract class PairVerbs<T> extends Actions<T> {
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
}

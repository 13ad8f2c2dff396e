/** Pairs that are gathered to be sorted, as many as the memory of a task holds. */
import { compareValues } from '../plan/order.ts'
import type { Pair } from '../plan/pair.ts'
import { SizeEstimate } from './size.ts'
import { sortedOrder } from './sort.ts'

/** Gathers pairs until they take the memory of a task, then gives them, sorted, to `flush`. */
export class SortBuffer {
  #keys: unknown[] = []
  #values: unknown[] = []
  #bytes = 0
  readonly #size = new SizeEstimate()
  readonly #mostBytes: number
  readonly #ascending: boolean
  readonly #flush: (sorted: SortedPairs) => void

  constructor(mostBytes: number, ascending: boolean, flush: (sorted: SortedPairs) => void) {
    this.#mostBytes = mostBytes
    this.#ascending = ascending
    this.#flush = flush
  }

  /** @throws TypeError for a key that has no order */
  add(pair: Pair): void {
    const [key, value] = pair
    // Refused here, where the verb is known, and not when two such keys happen to meet.
    if (typeof key !== 'number' && typeof key !== 'string') compareValues(key, key)
    this.#bytes += 24 + this.#size.add(pair)
    this.#keys.push(key)
    this.#values.push(value)
    if (this.#bytes > this.#mostBytes) this.#flush(this.take())
  }

  /** What is held, sorted; nothing is held after it. */
  take(): SortedPairs {
    const sorted = new SortedPairs(this.#keys, this.#values, sortedOrder(this.#keys, this.#ascending))
    this.#keys = []
    this.#values = []
    this.#bytes = 0
    return sorted
  }
}

/** Pairs made of columns when they are asked for: V8's collector would copy and walk those that wait. */
export class SortedPairs implements Iterable<Pair> {
  readonly length: number
  readonly #keys: readonly unknown[]
  readonly #values: readonly unknown[]
  readonly #order: Uint32Array

  constructor(keys: readonly unknown[], values: readonly unknown[], order: Uint32Array) {
    this.length = order.length
    this.#keys = keys
    this.#values = values
    this.#order = order
  }

  at(place: number): Pair | undefined {
    if (place >= this.length) return undefined
    const index = this.#order[place] as number
    return [this.#keys[index], this.#values[index]]
  }

  *[Symbol.iterator](): Iterator<Pair> {
    for (let place = 0; place < this.length; place++) yield this.at(place) as Pair
  }
}

/** Pairs that are gathered to be sorted, as many as the memory of a task holds. */
import { compareValues } from '../plan/order.ts'
import type { Pair } from '../plan/pair.ts'
import { SizeEstimate } from './size.ts'
import { sortPairs } from './sort.ts'

/** Gathers pairs until they take the memory of a task, then gives them, sorted, to `flush`. */
export class SortBuffer {
  #pairs: Pair[] = []
  #bytes = 0
  readonly #size = new SizeEstimate()
  readonly #mostBytes: number
  readonly #ascending: boolean
  readonly #flush: (sorted: Pair[]) => void

  constructor(mostBytes: number, ascending: boolean, flush: (sorted: Pair[]) => void) {
    this.#mostBytes = mostBytes
    this.#ascending = ascending
    this.#flush = flush
  }

  /** @throws TypeError for a key that has no order */
  add(pair: Pair): void {
    const [key] = pair
    // Refused here, where the verb is known, and not when two such keys happen to meet.
    if (typeof key !== 'number' && typeof key !== 'string') compareValues(key, key)
    this.#bytes += 24 + this.#size.add(pair)
    this.#pairs.push(pair)
    if (this.#bytes > this.#mostBytes) this.#flush(this.take())
  }

  /** What is held, sorted; nothing is held after it. */
  take(): Pair[] {
    const sorted = sortPairs(this.#pairs, this.#ascending)
    this.#pairs = []
    this.#bytes = 0
    return sorted
  }
}

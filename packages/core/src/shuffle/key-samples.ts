/** Samples of keys that come in sorted runs: every n-th, n doubling whenever there are too many. */

/** Samples for each partition that will be made of them. Source: Spark's RangePartitioner takes 20 a partition, from all map tasks together. */
const EACH = 40
const FEWEST = 64

export class KeySamples {
  readonly #most: number
  #keys: unknown[] = []
  #every = 1
  #seen = 0

  constructor(partitionCount: number) {
    this.#most = Math.max(FEWEST, EACH * partitionCount)
  }

  add(key: unknown): void {
    if (this.#seen++ % this.#every !== 0) return
    this.#keys.push(key)
    if (this.#keys.length < 2 * this.#most) return
    this.#keys = this.#keys.filter((_, i) => i % 2 === 0)
    this.#every *= 2
  }

  /** The keys, and how many rows each stands for. */
  taken(): { readonly keys: readonly unknown[]; readonly rowsEach: number } {
    return { keys: this.#keys, rowsEach: this.#every }
  }
}

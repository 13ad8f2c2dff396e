/**
 * An index of keys: a number from 0 for each different one, in the order in which they first came. An open-addressing table over our own
 * hash of the key: a `Map` has V8 hash each text that was cut out of a line, by a call that costs three times as much as this, and
 * one growing past the heap's limit could end the process. Keys are primitives, equal as in a `Map`.
 */

const FIRST_BITS = 10
/** Spreads hashes over the upper bits: the lower ones are equal in all keys of a partition. Source: Knuth, multiplicative hashing. */
const GOLDEN = 0x9e3779b1

export class KeyIndex {
  /** Two entries a place: the hash, and the key's number plus one; 0 where the place is free. */
  #places = new Int32Array(2 << FIRST_BITS)
  #bits = FIRST_BITS
  #hashes = new Int32Array(1 << FIRST_BITS)
  #keys: unknown[] = []

  get size(): number {
    return this.#keys.length
  }

  /** @param hash of the key, the same for equal ones. Its number, or -1 when it is not there. */
  find(key: unknown, hash: number): number {
    const places = this.#places
    const bits = hash | 0
    const mask = (1 << this.#bits) - 1
    for (let at = Math.imul(hash, GOLDEN) >>> (32 - this.#bits); ; at = (at + 1) & mask) {
      const number = places[2 * at + 1] as number
      if (number === 0) return -1
      if (places[2 * at] === bits && isSame(this.#keys[number - 1], key)) return number - 1
    }
  }

  /** Gives the next number to a key that `find` did not find. */
  add(key: unknown, hash: number): void {
    const number = this.#keys.push(key)
    if (number > this.#hashes.length) this.#hashes = grown(this.#hashes)
    this.#hashes[number - 1] = hash
    if (number > 1 << (this.#bits - 1)) this.#double()
    else this.#place(hash | 0, number)
  }

  keyAt(number: number): unknown {
    return this.#keys[number]
  }

  /** In [0, 2^32). */
  hashAt(number: number): number {
    return (this.#hashes[number] as number) >>> 0
  }

  #place(hash: number, number: number): void {
    const mask = (1 << this.#bits) - 1
    let at = Math.imul(hash, GOLDEN) >>> (32 - this.#bits)
    while (this.#places[2 * at + 1] !== 0) at = (at + 1) & mask
    this.#places[2 * at] = hash
    this.#places[2 * at + 1] = number
  }

  #double(): void {
    this.#bits++
    this.#places = new Int32Array(2 << this.#bits)
    for (let number = 1; number <= this.#keys.length; number++) this.#place(this.#hashes[number - 1] as number, number)
  }
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

function grown(hashes: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * hashes.length)
  larger.set(hashes)
  return larger
}

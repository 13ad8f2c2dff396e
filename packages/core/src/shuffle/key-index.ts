/**
 * An index of keys: a number from 0 for each different one, in the order in which they first came. An open-addressing table over our own
 * hash of the key: a `Map` has V8 hash each text that was cut out of a line, by a call that costs three times as much as this, and
 * one growing past the heap's limit could end the process. Keys are primitives, equal as in a `Map`. Texts of Latin-1 are held as bytes
 * outside of V8's heap, where its collector needn't copy and mark them, and where a loop compares them: V8 calls its runtime for a text that
 * was cut out of a line.
 */

const FIRST_BITS = 10
/** Spreads hashes over the upper bits: the lower ones are equal in all keys of a partition. Source: Knuth, multiplicative hashing. */
const GOLDEN = 0x9e3779b1
/** In the place of a key that is held as bytes. */
const BYTES = Symbol('bytes')
/** Of all texts; those that come later are held as they are. */
const MOST_BYTES = 2 ** 31
/** Characters of a text; longer ones are held as they are, since V8 takes no longer with them. */
const MOST_LENGTH = 1024
/** Texts are made so many at a time: a call for each would cost more than the rest. */
const DECODED_AT_ONCE = 256
/** V8 keeps a string that was cut out of a longer one as a view on it. */
const SHORTEST_VIEW = 13

export class KeyIndex {
  /** Two entries a place: the hash, and the key's number plus one; 0 where the place is free. */
  #places = new Int32Array(2 << FIRST_BITS)
  #bits = FIRST_BITS
  #hashes = new Int32Array(1 << FIRST_BITS)
  /** For each key itself, or that it is held as bytes. */
  readonly #keys: unknown[] = []
  #bytes = Buffer.allocUnsafeSlow(16 << FIRST_BITS)
  /** Where the bytes of each key end, after where those of the first begin; a key that is not held as bytes has none. */
  #ends = new Uint32Array(1 << FIRST_BITS)
  /** Texts of the keys in `[from, to)`, which were asked for last. */
  #decoded = { from: 0, to: 0, text: '' }

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
      if (places[2 * at] !== bits) continue
      if (typeof key === 'string' ? this.#hasText(number - 1, key) : isSame(this.#keys[number - 1], key))
        return number - 1
    }
  }

  /** Gives the next number to a key that `find` did not find. */
  add(key: unknown, hash: number): void {
    const start = this.#ends[this.#keys.length] as number
    const end = typeof key === 'string' ? this.#write(key, start) : start
    const number = this.#keys.push(end > start ? BYTES : typeof key === 'string' ? ownText(key) : key)
    if (number >= this.#ends.length) this.#ends = grown(this.#ends)
    this.#ends[number] = end
    if (number > this.#hashes.length) this.#hashes = grown(this.#hashes)
    this.#hashes[number - 1] = hash
    if (number > 1 << (this.#bits - 1)) this.#double()
    else this.#place(hash | 0, number)
  }

  keyAt(number: number): unknown {
    const key = this.#keys[number]
    if (key !== BYTES) return key
    if (number < this.#decoded.from || number >= this.#decoded.to) this.#decode(number)
    const { from, text } = this.#decoded
    const first = this.#ends[from] as number
    return text.substring((this.#ends[number] as number) - first, (this.#ends[number + 1] as number) - first)
  }

  /** In [0, 2^32). */
  hashAt(number: number): number {
    return (this.#hashes[number] as number) >>> 0
  }

  #hasText(number: number, text: string): boolean {
    const start = this.#ends[number] as number
    const length = (this.#ends[number + 1] as number) - start
    if (length === 0) return this.#keys[number] === text
    if (length !== text.length) return false
    const bytes = this.#bytes
    for (let i = 0; i < length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false
    return true
  }

  /** Writes a text; returns the end of its bytes, or `start` when it is not to be held as bytes. */
  #write(text: string, start: number): number {
    const end = start + text.length
    if (text.length > MOST_LENGTH || end > MOST_BYTES) return start
    while (end > this.#bytes.length) this.#bytes = moreBytes(this.#bytes)
    const bytes = this.#bytes
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit > 255) return start
      bytes[start + i] = unit
    }
    return end
  }

  #decode(from: number): void {
    const to = Math.min(from + DECODED_AT_ONCE, this.#keys.length)
    this.#decoded = { from, to, text: this.#bytes.toString('latin1', this.#ends[from], this.#ends[to]) }
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

function grown<T extends Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(numbers: T): T {
  const larger = new (numbers.constructor as new (length: number) => T)(2 * numbers.length)
  larger.set(numbers)
  return larger
}

function moreBytes(bytes: Buffer): Buffer<ArrayBuffer> {
  const more = Buffer.allocUnsafeSlow(2 * bytes.length)
  more.set(bytes)
  return more
}

/** The text in memory of its own: as a part of a longer one it would keep all of that, perhaps a whole chunk of a file. */
function ownText(text: string): string {
  return text.length < SHORTEST_VIEW ? text : ` ${text}`.slice(1)
}

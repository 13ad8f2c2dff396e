/**
 * Sizes: how many bytes values take in V8's heap, roughly, so that tables and buffers know when to spill. Only some rows are
 * measured; their mean stands for the others.
 */

/** Of so many rows one is measured. */
const EVERY = 16
/** Parts of a value that are looked at; the rest is taken to be like them. */
const MOST_PARTS = 64

export class SizeEstimate {
  #measured = 0
  #bytes = 0
  #count = 0

  /** Counts a row, and measures some. Returns the bytes that a row takes on average. */
  add(row: unknown): number {
    if (this.#count++ % EVERY === 0) {
      this.#measured++
      this.#bytes += sizeOf(row)
    }
    return this.#bytes / this.#measured
  }
}

/** Bytes of a value in the heap, roughly. */
export function sizeOf(value: unknown): number {
  return measure(value, { left: MOST_PARTS })
}

function measure(value: unknown, walk: { left: number }): number {
  switch (typeof value) {
    case 'string':
      return 24 + value.length
    case 'number':
      return 12
    case 'bigint':
      return 24
    case 'object':
      return value === null ? 4 : measureObject(value, walk)
    default:
      return 4
  }
}

function measureObject(value: object, walk: { left: number }): number {
  if (ArrayBuffer.isView(value)) return 120 + value.byteLength
  if (value instanceof ArrayBuffer) return 120 + value.byteLength
  if (Array.isArray(value)) return 32 + measureAll(value, value.length, walk)
  if (value instanceof Map) return 64 + 2 * measureAll(value.values(), value.size, walk)
  if (value instanceof Set) return 64 + measureAll(value, value.size, walk)
  const values = Object.values(value)
  return 40 + measureAll(values, values.length, walk)
}

function measureAll(items: Iterable<unknown>, length: number, walk: { left: number }): number {
  if (length === 0) return 0
  let bytes = 0
  let seen = 0
  for (const item of items) {
    if (walk.left-- <= 0 && seen > 0) break
    bytes += 8 + measure(item, walk)
    seen++
  }
  return (bytes / seen) * length
}

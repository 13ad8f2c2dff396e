/**
 * Keys: one encoding decides which keys are equal, where they go, and in what shard they lie. Primitives are equal as in a `Map`:
 * by type and value, NaN to itself, -0 to 0. Dates, arrays and plain objects are equal by content, whatever the order of properties.
 * The hash is made of values only, never of what a platform thinks of them, so that every engine places a key alike.
 */
import { DataError } from '../errors.ts'

/**
 * A key as a `Map` can hold it: primitives as they are; for the others a text in a `Composite`, so that it never equals a string.
 * @throws DataError for what can't be a key
 */
export function isComposite(key: unknown): key is object {
  return typeof key === 'object'
    ? key !== null
    : typeof key === 'function' || typeof key === 'symbol'
      ? refuseKey(key)
      : false
}

/** A text that is equal exactly for equal keys. Prefix-free: each part says where it ends. @throws DataError for what can't be a key */
export function keyText(key: unknown): string {
  switch (typeof key) {
    case 'string':
      return `s${key.length}:${key}`
    case 'number':
      return `d${key === 0 ? 0 : key};`
    case 'bigint':
      return `i${key};`
    case 'boolean':
      return key ? 't' : 'f'
    case 'undefined':
      return 'u'
    case 'object':
      return key === null ? 'n' : objectText(key)
    default:
      return refuseKey(key)
  }
}

function objectText(key: object): string {
  if (Array.isArray(key)) {
    let text = `[${key.length}:`
    for (let i = 0; i < key.length; i++) text += keyText(key[i])
    return text
  }
  if (key instanceof Date) return `D${key.getTime()};`
  const prototype: unknown = Object.getPrototypeOf(key)
  if (prototype !== Object.prototype && prototype !== null) return refuseKey(key)
  const names = Object.keys(key).sort()
  let text = `{${names.length}:`
  for (const name of names) text += `${name.length}:${name}${keyText((key as Record<string, unknown>)[name])}`
  return text
}

function refuseKey(key: unknown): never {
  const what =
    typeof key === 'object' ? `an instance of ${(key as object).constructor?.name ?? 'a class'}` : `a ${typeof key}`
  throw new DataError(
    `a key must be a number, string, bigint, boolean, null, undefined, a Date, or an array or plain object of these, got ${what}. Make it one of them first, with map`,
  )
}

const double = new Float64Array(1)
const halves = new Uint32Array(double.buffer)

/** An unsigned hash of 32 bits, equal for equal keys. Other seeds give other hashes. @throws DataError for what can't be a key */
export function hashKey(key: unknown, seed: number = 0): number {
  switch (typeof key) {
    case 'number':
      return hashNumber(key, seed)
    case 'string':
      return hashText(key, seed)
    case 'boolean':
      return mix(seed ^ (key ? 0x1b873593 : 0x52dce729))
    case 'undefined':
      return mix(seed ^ 0x38495ab5)
    default:
      return key === null ? mix(seed ^ 0x6b43a9b5) : hashText(keyText(key), seed ^ 0x2f3c1a77)
  }
}

function hashNumber(key: number, seed: number): number {
  const whole = key | 0
  if (whole === key) return mix(seed ^ Math.imul(whole, 0x9e3779b1))
  // All NaNs are one key, whatever their bits.
  double[0] = Number.isNaN(key) ? Number.NaN : key
  return mix(seed ^ mix((halves[0] as number) ^ 0x7f4a7c15) ^ Math.imul(halves[1] as number, 0x85ebca6b))
}

/** By UTF-16 code units, so that lone surrogates stay apart. Source: FNV-1a, with MurmurHash3's finish. */
function hashText(text: string, seed: number): number {
  let h = seed ^ 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return mix(h ^ text.length)
}

/** Source: MurmurHash3's 32-bit finalizer, by Austin Appleby. */
function mix(x: number): number {
  let h = x ^ (x >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

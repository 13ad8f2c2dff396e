/**
 * Sendable values: those that arrive in another thread as what they were. V8 itself refuses functions and symbols, but would
 * strip an instance of a class of its prototype without a word, so every object is looked at before it is written.
 */
import { isAsyncFunction, isProxy, isStringObject, isTypedArray } from 'node:util/types'
import { previewOf } from './preview.ts'

/** Objects walked before the walk remembers what it has seen, to end in cyclic and in much shared data. */
const TREE_LIMIT = 10_000

/** Beyond this length an array's keys are walked: it may be sparse. */
const LONGEST_WALK = 2 ** 25

/** False for what V8 would refuse or strip; a true is no promise that V8 accepts it (a Proxy passes here). */
export function isSendable(value: unknown): boolean {
  if (typeof value !== 'object') return typeof value !== 'function' && typeof value !== 'symbol'
  if (value === null) return true
  const walk: Walk = { left: TREE_LIMIT, seen: null }
  try {
    return sends(value, walk)
  } catch (error) {
    // Nested too deeply to walk like this, but not always for V8.
    if (error instanceof RangeError) return findUnsendable(value) === null
    throw error
  }
}

interface Walk {
  left: number
  seen: Set<object> | null
}

function sends(value: object, walk: Walk): boolean {
  if (walk.seen !== null) {
    if (walk.seen.has(value)) return true
    walk.seen.add(value)
  } else if (--walk.left < 0) walk.seen = new Set([value])
  if (Array.isArray(value)) return isPlainArray(value) && itemsSend(value, walk)
  if (!isPlain(value)) return isBuiltin(value) && lostKey(value) === null && entriesSend(value, walk)
  return propertiesSend(value, walk)
}

function propertiesSend(value: object, walk: Walk): boolean {
  for (const key in value) {
    if (!valueSends((value as Record<string, unknown>)[key], walk)) return false
  }
  return true
}

/** An array by its indices, three times as fast as by its keys, unless it may be one long hole. */
function itemsSend(items: readonly unknown[], walk: Walk): boolean {
  if (items.length > LONGEST_WALK) return propertiesSend(items, walk)
  for (let index = 0; index < items.length; index++) {
    if (!valueSends(items[index], walk)) return false
  }
  return true
}

/** The contents of a Map, a Set, or an error's cause. */
function entriesSend(value: object, walk: Walk): boolean {
  if (value instanceof Map) {
    for (const [key, item] of value) if (!valueSends(key, walk) || !valueSends(item, walk)) return false
  } else if (value instanceof Set) {
    for (const item of value) if (!valueSends(item, walk)) return false
  } else if (value instanceof Error) return valueSends(value.cause, walk)
  return true
}

function valueSends(value: unknown, walk: Walk): boolean {
  if (typeof value === 'object') return value === null || sends(value, walk)
  return typeof value !== 'function' && typeof value !== 'symbol'
}

/** Made by `{}` or `Object.create(null)`, in this realm or another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return true
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf')
}

/** No instance of a subclass. The prototype of arrays is an array itself, in every realm. */
function isPlainArray(value: readonly unknown[]): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Array.prototype || Array.isArray(prototype)
}

/** Built-in objects that V8 writes and reads as themselves. */
const BUILTINS: ReadonlySet<unknown> = new Set(
  // biome-ignore format: a table
  [
    Date, RegExp, Map, Set, ArrayBuffer, DataView, Buffer, Boolean, Number, String, BigInt,
    Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError,
    Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array,
    Float32Array, Float64Array, BigInt64Array, BigUint64Array,
  ].map((builtin): unknown => builtin.prototype),
)

function isBuiltin(value: object): boolean {
  return BUILTINS.has(Object.getPrototypeOf(value))
}

/** A property that somebody added to a built-in object, such as an error's `code`: V8 writes none of them. */
function lostKey(value: object): string | null {
  // What these have are indices, which come through.
  if (ArrayBuffer.isView(value) || isStringObject(value)) return null
  for (const key in value) if (Object.hasOwn(value, key)) return key
  return null
}

export interface Unsendable {
  /** The way into the value, `.items[3] ` with a space after it, or empty for the value itself. */
  readonly path: string
  readonly what: string
  readonly kind: 'function' | 'symbol' | 'proxy' | 'promise' | 'loss' | 'weak' | 'iterator' | 'instance'
  /** What to do about it in a row. */
  readonly advice: string
}

/** The first thing in a value that cannot be sent, for the error message; null when there is none. */
export function findUnsendable(value: unknown): Unsendable | null {
  const seen = new Set<unknown>()
  // A list instead of recursion: the value may be nested deeply.
  const open: { value: unknown; path: string }[] = [{ value, path: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next.value)) continue
    const found = describe(next.value)
    if (found !== null) return { path: next.path === '' ? 'it ' : `${next.path} `, ...found }
    if (typeof next.value !== 'object' || next.value === null) continue
    seen.add(next.value)
    for (const part of partsOf(next.value, next.path).reverse()) open.push(part)
  }
  return null
}

function describe(value: unknown): Omit<Unsendable, 'path'> | null {
  if (typeof value === 'function') {
    const noun = isAsyncFunction(value) ? 'an async function' : 'a function'
    const what = `is ${noun}${value.name === '' ? '' : ` (${value.name})`}`
    return { what, kind: 'function', advice: 'Return data, not functions.' }
  }
  if (typeof value === 'symbol') {
    return { what: `is a symbol (${value.description ?? ''})`, kind: 'symbol', advice: 'Return a string.' }
  }
  if (typeof value !== 'object' || value === null) return null
  if (isProxy(value)) return { what: 'is a Proxy', kind: 'proxy', advice: 'Return a copy of what it stands for.' }
  if (value instanceof Promise) {
    return { what: 'is a promise', kind: 'promise', advice: 'For a function that returns promises use mapAsync.' }
  }
  if (Array.isArray(value) ? isPlainArray(value) : isPlain(value)) return null
  return isBuiltin(value) ? describeLoss(value) : describeInstance(value)
}

function describeLoss(value: object): Omit<Unsendable, 'path'> | null {
  const key = lostKey(value)
  if (key === null) return null
  const what = `has a property "${key}" that ${tagOf(value)} objects lose on the way`
  return { what, kind: 'loss', advice: 'Return a plain object with what you need of it.' }
}

function describeInstance(value: object): Omit<Unsendable, 'path'> {
  const name = classNameOf(value)
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef) {
    return { what: `is a ${name}`, kind: 'weak', advice: 'Return plain data.' }
  }
  if (typeof (value as { next?: unknown }).next === 'function') {
    return { what: `is an iterator (${tagOf(value)})`, kind: 'iterator', advice: 'Return an array, or use flatMap.' }
  }
  const advice = 'It would lose its class: return a plain object, such as { ...it }.'
  return { what: `is an instance of ${name}`, kind: 'instance', advice }
}

function classNameOf(value: object): string {
  const maker: unknown = (value as { constructor?: unknown }).constructor
  return (typeof maker === 'function' && maker.name) || tagOf(value)
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

function partsOf(value: object, path: string): { value: unknown; path: string }[] {
  if (value instanceof Map) {
    return [...value].flatMap(([key, item]) => [
      { value: key, path: `${path} (a key of the Map)` },
      { value: item, path: `${path}.get(${previewOf(key, 40)})` },
    ])
  }
  if (value instanceof Set) return [...value].map((item) => ({ value: item, path: `${path} (a member of the Set)` }))
  if (value instanceof Error) return [{ value: value.cause, path: `${path}.cause` }]
  if (ArrayBuffer.isView(value) || isTypedArray(value)) return []
  return Object.keys(value).map((key) => ({
    value: (value as Record<string, unknown>)[key],
    path: `${path}${Array.isArray(value) ? `[${key}]` : /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`}`,
  }))
}

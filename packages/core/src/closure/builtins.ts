/**
 * Builtins: functions and objects that every thread has of its own, from `Math.max` to `URL`. They travel as a path
 * from the global object: `['Array', 'prototype', 'map']`, `'@@iterator'` for a well-known symbol, `'get size'` for a
 * getter. Lazy globals (`fetch` would load undici) are never touched.
 */

import { Buffer } from 'node:buffer'
import process from 'node:process'
import { ownProperty, ownValue } from './descriptor.ts'

/** Prototypes that no global names. */
const HIDDEN: Readonly<Record<string, () => unknown>> = {
  '%GeneratorFunction%': () => Object.getPrototypeOf(function* () {}),
  '%AsyncFunction%': () => Object.getPrototypeOf(async () => {}),
  '%AsyncGeneratorFunction%': () => Object.getPrototypeOf(async function* () {}),
  '%TypedArray%': () => Object.getPrototypeOf(Uint8Array),
  '%ArrayIterator%': () => Object.getPrototypeOf([].values()),
  '%MapIterator%': () => Object.getPrototypeOf(new Map().keys()),
  '%SetIterator%': () => Object.getPrototypeOf(new Set().keys()),
  '%StringIterator%': () => Object.getPrototypeOf(''[Symbol.iterator]()),
  '%RegExpStringIterator%': () => Object.getPrototypeOf(''.matchAll(/x/g)),
}

/** Names of the language. */
const LANGUAGE =
  'Object Function Array Number Boolean String Symbol BigInt Math JSON Reflect Promise RegExp Date Error AggregateError ' +
  'EvalError RangeError ReferenceError SyntaxError TypeError URIError Map Set WeakMap WeakSet WeakRef ' +
  'FinalizationRegistry ArrayBuffer SharedArrayBuffer DataView Atomics Proxy Intl Int8Array Uint8Array ' +
  'Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array Float64Array ' +
  'BigInt64Array BigUint64Array Iterator parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent ' +
  'encodeURI decodeURI escape unescape eval WebAssembly DisposableStack AsyncDisposableStack SuppressedError'
/** Names of the platform. */
const PLATFORM =
  'Buffer URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget Blob console ' +
  'process performance structuredClone setTimeout clearTimeout setInterval clearInterval setImmediate ' +
  'clearImmediate queueMicrotask atob btoa MessageChannel MessagePort MessageEvent BroadcastChannel DOMException ' +
  'fetch Headers Request Response FormData WebSocket crypto Crypto CryptoKey SubtleCrypto navigator Navigator ' +
  'ReadableStream WritableStream TransformStream CompressionStream DecompressionStream TextDecoderStream ' +
  'TextEncoderStream Performance PerformanceEntry PerformanceObserver File CustomEvent CloseEvent EventSource ' +
  'Storage ByteLengthQueuingStrategy CountQueuingStrategy'
/** Objects that are taken whole: what they hold belongs to the thread. */
const OPAQUE: ReadonlySet<string> = new Set(['console', 'process', 'performance', 'WebAssembly', 'crypto', 'navigator'])

/** Looking at these loads what is behind them (on Node 24 undici, 20 to 36 ms, WebCrypto, 5, streams, 4), so they are learned when met. */
const LOADED_ON_LOOK: ReadonlySet<string> = new Set(
  (
    'MessageChannel MessagePort MessageEvent BroadcastChannel CloseEvent EventSource WebSocket Headers Request Response ' +
    'FormData Crypto CryptoKey SubtleCrypto ReadableStream WritableStream TransformStream CompressionStream ' +
    'DecompressionStream TextDecoderStream TextEncoderStream ByteLengthQueuingStrategy CountQueuingStrategy Performance ' +
    'PerformanceEntry PerformanceObserver'
  ).split(' '),
)

const LANGUAGE_NAMES: readonly string[] = LANGUAGE.split(' ')
const PLATFORM_NAMES: readonly string[] = PLATFORM.split(' ')
const STANDARD: ReadonlySet<string> = new Set([
  ...LANGUAGE_NAMES,
  ...PLATFORM_NAMES,
  'globalThis',
  'global',
  'undefined',
  'NaN',
  'Infinity',
])

/** Whether a worker's global object has this name of its own accord. */
export function isStandardGlobal(name: string): boolean {
  return STANDARD.has(name)
}

type GlobalObject = Readonly<Record<string, unknown>>

/** The platform's functions that are written in JavaScript, before the user could replace them. */
const original: ReadonlyMap<string, unknown> = new Map(
  PLATFORM_NAMES.filter((name) => !LOADED_ON_LOOK.has(name)).map((name) => [name, ownValue(globalThis, name)]),
)

const paths = new Map<unknown, readonly string[]>()
const realms = new WeakSet<object>()

/** The path of a builtin, null for anything else. */
export function builtinPath(value: unknown): readonly string[] | null {
  if (paths.size === 0) learnRealm(globalThis)
  return paths.get(value) ?? null
}

/** The same for a function that Node defines: lazy globals are only known once somebody has used them. */
export function lazyBuiltinPath(fn: Function): readonly string[] | null {
  if (!PLATFORM_NAMES.includes(fn.name) || Reflect.get(globalThis, fn.name) !== fn) return null
  learn(fn, [fn.name], 3)
  return builtinPath(fn)
}

/** Makes the builtins of another realm (`repl.start()`, `vm` contexts) known under the same paths. */
export function learnRealm(global: GlobalObject): void {
  if (realms.has(global)) return
  realms.add(global)
  const isOurs = global === (globalThis as unknown)
  paths.set(global, ['globalThis'])
  for (const name of [...LANGUAGE_NAMES, ...PLATFORM_NAMES]) {
    if (LOADED_ON_LOOK.has(name)) continue
    const descriptor = ownProperty(global, name)
    if (!descriptor || !('value' in descriptor)) continue
    const isReplaced = isOurs && original.has(name) ? original.get(name) !== descriptor.value : false
    if (!isReplaced) learn(descriptor.value, [name], OPAQUE.has(name) ? 0 : 3)
  }
  if (!isOurs) return
  // These two are accessors of the global object.
  learn(Buffer, ['Buffer'], 3)
  paths.set(process, ['process'])
  paths.set(process.env, ['process', 'env'])
  for (const [name, find] of Object.entries(HIDDEN)) learn(find(), [name], 2)
}

function learn(value: unknown, path: readonly string[], depth: number): void {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return
  if (paths.has(value)) return
  // What the user put onto a builtin is not one. (Platform functions are JavaScript; there `original` decided.)
  if (path.length > 1 && !(typeof value === 'function' ? isTrusted(value, path) : path.at(-1) === 'prototype')) return
  paths.set(value, path)
  if (depth === 0) return
  for (const key of Reflect.ownKeys(value)) {
    const step = pathStep(key)
    const descriptor = ownProperty(value, key)
    if (step === null || !descriptor) continue
    if ('value' in descriptor) learn(descriptor.value, [...path, step], depth - 1)
    else if (descriptor.get) learn(descriptor.get, [...path, `get ${step}`], 0)
  }
}

function isTrusted(fn: object, path: readonly string[]): boolean {
  return original.has(path[0] ?? '') || Function.prototype.toString.call(fn).endsWith(' [native code] }')
}

function pathStep(key: string | symbol): string | null {
  if (typeof key === 'string') return key
  const name = wellKnownSymbolName(key)
  return name === null ? null : `@@${name}`
}

/** `iterator` for `Symbol.iterator`; null for any other symbol. */
export function wellKnownSymbolName(symbol: symbol): string | null {
  const name = symbol.description?.startsWith('Symbol.') ? symbol.description.slice('Symbol.'.length) : ''
  return name !== '' && (Symbol as unknown as Record<string, unknown>)[name] === symbol ? name : null
}

/** Whether the user has put something else in the place of a standard global. */
export function isReplacedGlobal(name: string, value: unknown): boolean {
  return typeof value === 'function' && original.has(name) ? original.get(name) !== value : builtinPath(value) === null
}

/** The builtin at a path, in this thread. */
export function builtinAt(path: readonly string[]): unknown {
  let at: unknown = globalThis
  for (const step of path) {
    if (step in HIDDEN) at = HIDDEN[step]?.()
    else if (step.startsWith('get ')) at = ownProperty(at, keyOf(step.slice(4)))?.get
    else at = (at as Record<PropertyKey, unknown>)[keyOf(step)]
  }
  return at
}

function keyOf(step: string): string | symbol {
  if (!step.startsWith('@@')) return step
  return (Symbol as unknown as Record<string, symbol>)[step.slice(2)] ?? step
}

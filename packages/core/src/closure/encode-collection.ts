/** Objects of the language with content of their own kind: arrays, maps, sets, dates, bytes, errors. */
import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import type { BundleNode, Encoded } from './bundle.ts'
import { encodeProperties, extras, type OwnProperty, ownProperties } from './encode-property.ts'
import { addBytes, encode, encodeNumber, HOLE, type Pass } from './pass.ts'
import { adviceFor, refuseValue, type Trail } from './refusal.ts'

/** Shorter arrays of numbers are as short in JSON, and easier to read there. */
const NUMBERS_FROM = 64
/** From here on listing the keys of an array costs more than asking V8 whether it has unusual ones. */
const LONG_FROM = 1000
/** Above this an array is looked at by its keys: a loop over the gaps would take seconds. */
const SPARSE_FROM = 1 << 24

/**
 * The node of a collection, its prototype aside; null for other objects.
 * @throws ClosureError
 */
export function collectionNode(pass: Pass, object: object, trail: Trail): BundleNode | null {
  if (Array.isArray(object)) return arrayNode(pass, object, trail)
  if (types.isMap(object)) {
    const entries: Encoded[] = []
    for (const [key, value] of Map.prototype.entries.call(object) as MapIterator<[unknown, unknown]>) {
      entries.push(encode(pass, key, trail, 'note', 'a key'), encode(pass, value, trail, 'entry', key))
    }
    return { type: 'map', entries, ...extras(pass, object, ownProperties(object), trail) }
  }
  if (types.isSet(object)) {
    const items: Encoded[] = []
    for (const item of Set.prototype.values.call(object) as SetIterator<unknown>) {
      items.push(encode(pass, item, trail, 'element', null))
    }
    return { type: 'set', items, ...extras(pass, object, ownProperties(object), trail) }
  }
  if (types.isDate(object)) {
    const time = encodeNumber(Date.prototype.getTime.call(object))
    return { type: 'date', time, ...extras(pass, object, ownProperties(object), trail) }
  }
  if (types.isRegExp(object)) {
    const own = ownProperties(object, (key) => key === 'lastIndex')
    const lastIndex = encode(pass, object.lastIndex, trail, 'property', 'lastIndex')
    return {
      type: 'regexp',
      source: object.source,
      flags: object.flags,
      lastIndex,
      ...extras(pass, object, own, trail),
    }
  }
  if (types.isNativeError(object)) return errorNode(pass, object, trail)
  if (types.isBoxedPrimitive(object)) return boxedNode(pass, object, trail)
  if (types.isSharedArrayBuffer(object)) refuseValue(trail, 'SharedArrayBuffer', adviceFor('SharedArrayBuffer'))
  if (types.isArrayBuffer(object)) {
    const bytes = addBytes(pass, new Uint8Array(object).slice())
    const { resizable, maxByteLength } = object as ArrayBuffer & { resizable?: boolean; maxByteLength?: number }
    return { type: 'buffer', bytes, maxByteLength: resizable ? (maxByteLength ?? null) : null }
  }
  return ArrayBuffer.isView(object) ? viewNode(pass, object, trail) : null
}

function arrayNode(pass: Pass, array: readonly unknown[], trail: Trail): BundleNode {
  const { length } = array
  const isSparse = length > SPARSE_FROM && Object.keys(array).length < length / 2
  const isPlain = !isSparse && length >= LONG_FROM && !pass.inspection.hasNamedProperties(array)
  const own = isPlain ? [] : ownProperties(array, (key) => key === 'length' || (!isSparse && isIndex(key)))
  const rest = extras(pass, array, own, trail)
  if (isSparse) return { type: 'array', items: [], length, ...rest }
  if (length >= NUMBERS_FROM && array.every((item) => typeof item === 'number') && !hasHole(array)) {
    const numbers = Float64Array.from(array)
    return { type: 'numbers', bytes: addBytes(pass, new Uint8Array(numbers.buffer)), ...rest }
  }
  const items: Encoded[] = []
  for (let i = 0; i < length; i++) {
    const item = array[i]
    items.push(item === undefined && !(i in array) ? HOLE : encode(pass, item, trail, 'property', i))
  }
  return { type: 'array', items, length, ...rest }
}

function isIndex(key: string | symbol): boolean {
  return typeof key === 'string' && /^\d+$/.test(key)
}

/** `every` passes over gaps. */
function hasHole(array: readonly unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined) return true
  return false
}

/** The stack is an accessor in newer Nodes; it travels as the text it is. */
function errorNode(pass: Pass, error: Error, trail: Trail): BundleNode {
  const own = ownProperties(error).map(
    ([key, found]): OwnProperty =>
      key === 'stack'
        ? [key, { value: error.stack, enumerable: false, configurable: true, writable: true }]
        : [key, found],
  )
  return { type: 'error', properties: encodeProperties(pass, own, trail), ...extras(pass, error, [], trail) }
}

function boxedNode(pass: Pass, object: object, trail: Trail): BundleNode {
  const own = ownProperties(object, (key) => types.isStringObject(object) && (key === 'length' || isIndex(key)))
  const value = encode(pass, unbox(object), trail, 'note', 'its value')
  return { type: 'boxed', value, ...extras(pass, object, own, trail) }
}

function unbox(object: object): unknown {
  if (types.isNumberObject(object)) return Number.prototype.valueOf.call(object)
  if (types.isStringObject(object)) return String.prototype.valueOf.call(object)
  if (types.isBooleanObject(object)) return Boolean.prototype.valueOf.call(object)
  return types.isBigIntObject(object) ? BigInt.prototype.valueOf.call(object) : Symbol.prototype.valueOf.call(object)
}

/** Two views of one buffer stay so, but a Node Buffer is sent alone: it is mostly a slice of a pool it does not own. */
function viewNode(pass: Pass, view: ArrayBufferView, trail: Trail): BundleNode {
  const isBuffer = Buffer.isBuffer(view)
  const kind = isBuffer ? 'Buffer' : types.isTypedArray(view) ? view[Symbol.toStringTag] : 'DataView'
  const length = types.isTypedArray(view) ? view.length : view.byteLength
  const isPlain = length >= LONG_FROM && types.isTypedArray(view) && !pass.inspection.hasNamedProperties(view)
  const own = isPlain ? [] : ownProperties(view, (key) => isIndex(key))
  if (isBuffer) {
    const bytes = addBytes(pass, new Uint8Array(view))
    const buffer: Encoded = [pass.nodes.push({ type: 'buffer', bytes, maxByteLength: null }) - 1]
    return { type: 'view', kind, buffer, byteOffset: 0, length, ...extras(pass, view, own, trail) }
  }
  const buffer = encode(pass, view.buffer, trail, 'property', 'buffer')
  return { type: 'view', kind, buffer, byteOffset: view.byteOffset, length, ...extras(pass, view, own, trail) }
}

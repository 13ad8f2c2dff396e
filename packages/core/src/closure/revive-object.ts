/** Objects, first made empty, then filled: a cycle needs nothing special. */
import { Buffer } from 'node:buffer'
import { builtinAt } from './builtins.ts'
import { type BundleExtras, type BundleNode, CONFIGURABLE, ENUMERABLE, type Encoded, WRITABLE } from './bundle.ts'
import { type Revival, resolve } from './revival.ts'

/** An object of the node's kind, with the content that refers to no other node. */
export function emptyObject(revival: Revival, node: BundleNode): unknown {
  switch (node.type) {
    case 'object':
      return {}
    case 'array':
      return []
    case 'numbers':
      return Array.from(new Float64Array(alignedBytes(revival, node.bytes)))
    case 'map':
      return new Map()
    case 'set':
      return new Set()
    case 'date':
      return new Date(resolve(revival, node.time) as number)
    case 'regexp':
      return new RegExp(node.source, node.flags)
    case 'error':
      return emptyError()
    case 'buffer':
      return reviveBuffer(revival, node)
    case 'symbol':
      return reviveSymbol(node)
    case 'builtin':
      return builtinAt(node.path)
    default:
      throw new TypeError(`a ${node.type} node is not an object`)
  }
}

/** Own `stack` is set from what was captured, or not at all. */
function emptyError(): Error {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  const error = new Error()
  Error.stackTraceLimit = stackTraceLimit
  delete error.stack
  return error
}

function reviveBuffer(revival: Revival, node: BundleNode & { type: 'buffer' }): ArrayBuffer {
  const bytes = revival.bundle.bytes[node.bytes] ?? new Uint8Array()
  if (node.maxByteLength === null) return alignedBytes(revival, node.bytes)
  const Resizable = ArrayBuffer as unknown as new (length: number, options: { maxByteLength: number }) => ArrayBuffer
  const buffer = new Resizable(bytes.byteLength, { maxByteLength: node.maxByteLength })
  new Uint8Array(buffer).set(bytes)
  return buffer
}

/** A copy in a buffer of its own: functions may write to it, and the bundle may be revived again. */
function alignedBytes(revival: Revival, index: number): ArrayBuffer {
  const bytes = revival.bundle.bytes[index] ?? new Uint8Array()
  const copy = new ArrayBuffer(bytes.byteLength)
  new Uint8Array(copy).set(bytes)
  return copy
}

function reviveSymbol({ kind, description }: BundleNode & { type: 'symbol' }): symbol {
  switch (kind) {
    case 'wellKnown':
      return (Symbol as unknown as Record<string, symbol>)[description ?? ''] ?? Symbol.for(`missing ${description}`)
    case 'registered':
      return Symbol.for(description ?? '')
    case 'local':
      return Symbol(description ?? undefined)
  }
}

type View = new (buffer: ArrayBuffer, byteOffset: number, length: number) => ArrayBufferView

/** Objects that need another before they can be made: views of buffers, constructed and boxed ones. */
export function dependentObject(revival: Revival, node: BundleNode): unknown {
  switch (node.type) {
    case 'view': {
      const buffer = resolve(revival, node.buffer) as ArrayBuffer
      if (node.kind === 'Buffer') return Buffer.from(buffer, node.byteOffset, node.length)
      return new (builtinAt([node.kind]) as View)(buffer, node.byteOffset, node.length)
    }
    case 'construct': {
      const args = node.args.map((arg) => resolve(revival, arg))
      if (node.options)
        args.push(Object.fromEntries(node.options.map(([key, value]) => [key, resolve(revival, value)])))
      return Reflect.construct(builtinAt(node.builtin) as new () => object, args)
    }
    case 'boxed':
      return Object(resolve(revival, node.value))
    default:
      throw new TypeError(`a ${node.type} node depends on no other`)
  }
}

/** What refers to other nodes. Properties come before the prototype, so that no setter of it can run. */
export function fillObject(revival: Revival, node: BundleNode, value: unknown): void {
  switch (node.type) {
    case 'object':
      fillProperties(revival, node.keys, node.values, value as Record<string, unknown>)
      return
    case 'array':
      fillItems(revival, node, value as unknown[])
      return
    case 'map': {
      const { entries } = node
      for (let i = 0; i + 1 < entries.length; i += 2) {
        const key = resolve(revival, entries[i] ?? null)
        Map.prototype.set.call(value, key, resolve(revival, entries[i + 1] ?? null))
      }
      return
    }
    case 'set':
      for (const item of node.items) Set.prototype.add.call(value, resolve(revival, item))
      return
    case 'regexp':
      Object.defineProperty(value, 'lastIndex', { value: resolve(revival, node.lastIndex) })
      return
    default:
  }
}

function fillProperties(
  revival: Revival,
  keys: readonly string[],
  values: readonly Encoded[],
  target: Record<string, unknown>,
): void {
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] ?? ''
    const value = resolve(revival, values[i] ?? null)
    if (key === '__proto__') define(target, key, { value, enumerable: true, configurable: true, writable: true })
    else target[key] = value
  }
}

function fillItems(revival: Revival, node: BundleNode & { type: 'array' }, target: unknown[]): void {
  for (let i = 0; i < node.items.length; i++) {
    const item = node.items[i] ?? null
    if (!(Array.isArray(item) && item[0] === 'hole')) target[i] = resolve(revival, item)
  }
  target.length = node.length
}

/** Properties with flags, and the prototype. */
export function applyExtras(revival: Revival, extras: BundleExtras, target: object): void {
  for (const [name, flags, first, second] of extras.properties ?? []) {
    const key = resolve(revival, name) as string | symbol
    const shape = { enumerable: (flags & ENUMERABLE) !== 0, configurable: (flags & CONFIGURABLE) !== 0 }
    if (second === undefined) {
      define(target, key, { ...shape, writable: (flags & WRITABLE) !== 0, value: resolve(revival, first) })
    } else {
      const get = resolve(revival, first) as (() => unknown) | undefined
      const set = resolve(revival, second) as ((value: unknown) => void) | undefined
      define(target, key, { ...shape, ...(get ? { get } : {}), ...(set ? { set } : {}) })
    }
  }
  if (extras.proto !== undefined) Object.setPrototypeOf(target, resolve(revival, extras.proto) as object | null)
}

function define(target: object, key: PropertyKey, descriptor: PropertyDescriptor): void {
  Object.defineProperty(target, key, descriptor)
}

/** Last of all: a frozen object takes nothing more. */
export function closeObject({ integrity }: BundleExtras, target: object): void {
  switch (integrity) {
    case 'frozen':
      Object.freeze(target)
      return
    case 'sealed':
      Object.seal(target)
      return
    case 'closed':
      Object.preventExtensions(target)
      return
    case undefined:
  }
}

/**
 * A capture pass: the state of one walk from functions to everything they reach. Values met on the way get a number at
 * once and are encoded later, breadth first: no depth of nesting can overflow the stack, and the way shown in an error
 * is a shortest one.
 */

import type { BroadcastBlock, SharedAccumulator } from '../plan/shared.ts'
import { wellKnownSymbolName } from './builtins.ts'
import type { BundleImport, BundleNode, BundleScript, Encoded, SpecialWord } from './bundle.ts'
import type { FunctionFacts, Inspection } from './inspect.ts'
import type { Trail } from './refusal.ts'
import { scriptCache } from './scripts.ts'

export interface Pass {
  readonly inspection: Inspection
  readonly nodes: BundleNode[]
  readonly cells: Encoded[]
  readonly imports: BundleImport[]
  readonly scripts: BundleScript[]
  readonly bytes: Uint8Array[]
  readonly broadcasts: BroadcastBlock[]
  readonly accumulators: SharedAccumulator[]
  /** Numbers of the values met so far. */
  readonly numbers: Map<unknown, number>
  /** Numbers of imports, scripts and host nodes, by what names them. */
  readonly names: Map<string, number>
  /** What V8 said of the functions that go by value. */
  readonly facts: Map<number, FunctionFacts>
  /** Met, and not yet encoded. */
  readonly waiting: { readonly id: number; readonly value: object; readonly trail: Trail }[]
}

export function newPass(inspection: Inspection): Pass {
  return {
    inspection,
    nodes: [],
    cells: [],
    imports: [],
    scripts: [],
    bytes: [],
    broadcasts: [],
    accumulators: [],
    numbers: new Map(),
    names: new Map(),
    facts: new Map(),
    waiting: [],
  }
}

const WORDS: Readonly<Record<SpecialWord, readonly [SpecialWord]>> = {
  undefined: ['undefined'],
  NaN: ['NaN'],
  Infinity: ['Infinity'],
  '-Infinity': ['-Infinity'],
  '-0': ['-0'],
  hole: ['hole'],
}
export const HOLE: Encoded = WORDS.hole

/** A value as it stands in a node. The trail's step is given in parts, because only objects need it made. */
export function encode(pass: Pass, value: unknown, parent: Trail, kind: Trail['kind'], key: unknown): Encoded {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return encodeNumber(value)
    case 'undefined':
      return WORDS.undefined
    case 'bigint':
      return ['bigint', value.toString()]
    case 'symbol':
      return encodeSymbol(pass, value)
    case 'object':
      return value === null ? null : encodeObject(pass, value, parent, kind, key)
    case 'function':
      return encodeObject(pass, value, parent, kind, key)
  }
}

function encodeObject(pass: Pass, value: object, parent: Trail, kind: Trail['kind'], key: unknown): Encoded {
  const known = pass.numbers.get(value)
  if (known !== undefined) return [known]
  const id = reserve(pass)
  pass.numbers.set(value, id)
  pass.waiting.push({ id, value, trail: { parent, kind, key } })
  return [id]
}

export function encodeNumber(value: number): Encoded {
  if (Number.isFinite(value)) return value === 0 && Object.is(value, -0) ? WORDS['-0'] : value
  return Number.isNaN(value) ? WORDS.NaN : value > 0 ? WORDS.Infinity : WORDS['-Infinity']
}

function encodeSymbol(pass: Pass, symbol: symbol): Encoded {
  const known = pass.numbers.get(symbol)
  if (known !== undefined) return [known]
  const wellKnown = wellKnownSymbolName(symbol)
  const registered = Symbol.keyFor(symbol)
  const id = addNode(
    pass,
    wellKnown !== null
      ? { type: 'symbol', kind: 'wellKnown', description: wellKnown }
      : registered !== undefined
        ? { type: 'symbol', kind: 'registered', description: registered }
        : { type: 'symbol', kind: 'local', description: symbol.description ?? null },
  )
  pass.numbers.set(symbol, id)
  return [id]
}

const RESERVED: BundleNode = { type: 'builtin', path: [] }

function reserve(pass: Pass): number {
  return pass.nodes.push(RESERVED) - 1
}

/** A node that stands for no one object of the user's. */
export function addNode(pass: Pass, node: BundleNode): number {
  return pass.nodes.push(node) - 1
}

/** A reference to something a module exports. */
export function importNode(
  pass: Pass,
  { specifier, from, system, path }: BundleImport & { readonly path: readonly string[] },
): BundleNode {
  const module = numberOf(pass, `module ${system} ${specifier} ${from}`, () =>
    pass.imports.push({ specifier, from, system }),
  )
  return { type: 'import', module, path }
}

/** A reference to what the module system gives to the script at `url`. */
export function encodeHost(pass: Pass, node: BundleNode & { type: 'host' }): Encoded {
  return [numberOf(pass, `host ${node.name} ${node.url}`, () => pass.nodes.push(node))]
}

/** The number of a script among those of the bundle; one whose URL was not needed so far goes by its number. */
export function scriptNumber(pass: Pass, scriptId: string): number {
  return numberOf(pass, `script ${scriptId}`, () => {
    const script = scriptCache.get(scriptId)
    return pass.scripts.push({
      url: script?.url ? script.url : `kindling:script/${scriptId}`,
      sourceMap: script?.sourceMap ?? null,
    })
  })
}

export function addBytes(pass: Pass, bytes: Uint8Array): number {
  return pass.bytes.push(bytes) - 1
}

function numberOf(pass: Pass, name: string, push: () => number): number {
  let number = pass.names.get(name)
  if (number === undefined) {
    number = push() - 1
    pass.names.set(name, number)
  }
  return number
}

/** Objects by value: what kind each is, what it holds, and which of them cannot travel. */
import { types } from 'node:util'
import { DRIVER_ONLY } from '../plan/driver-only.ts'
import { sharedObject } from '../plan/shared.ts'
import { builtinPath } from './builtins.ts'
import type { BundleExtras, BundleNode } from './bundle.ts'
import { collectionNode } from './encode-collection.ts'
import { constructNode } from './encode-construct.ts'
import { areOrdinary, encodeProperties, integrityExtra, ordinaryEntries, ownProperties } from './encode-property.ts'
import { schemaNode } from './encode-schema.ts'
import { type Export, nodeExport, packageExport } from './modules.ts'
import { encode, importNode, type Pass } from './pass.ts'
import { checkPrototype, ownerOfPrototype, typeName } from './prototypes.ts'
import { adviceFor, refuse, refuseValue, type Trail } from './refusal.ts'
import { isPackageUrl } from './scripts.ts'

/**
 * The node of an object that is not a function.
 * @throws ClosureError if it cannot travel.
 */
export function objectNode(pass: Pass, object: object, trail: Trail): BundleNode {
  if (types.isProxy(object)) refuseValue(trail, 'Proxy', adviceFor('Proxy'))
  const builtin = builtinPath(object)
  if (builtin) return { type: 'builtin', path: builtin }
  if (DRIVER_ONLY in object) refuseValue(trail, typeName(object), String(object[DRIVER_ONLY]))
  const handle = handleNode(pass, object, trail)
  if (handle) return handle
  if (types.isModuleNamespaceObject(object)) return namespaceNode(pass, object, trail)
  const schema = schemaNode(pass, object, trail)
  if (schema) return schema
  const owner = ownerOfPrototype(object)
  if (owner) return { type: 'prototype', of: encode(pass, owner, trail, 'note', `its class ${owner.name}`) }

  const proto: object | null = Object.getPrototypeOf(object)
  const base = checkPrototype(pass, object, proto, trail)
  const node = collectionNode(pass, object, trail) ?? constructNode(pass, object, trail)
  if (node) return { ...node, ...protoExtra(pass, usualPrototype(node), proto, trail) }
  if (types.isGeneratorObject(object)) refuseValue(trail, 'generator', adviceFor('Generator'))
  if (types.isExternal(object) || (base && !PLAIN_BASES.has(base.join('.')))) {
    const type = typeName(object)
    refuseValue(trail, type, adviceFor(type))
  }
  return plainNode(pass, object, proto, trail)
}

/** What stands for a shared object, which itself stays; null for others. */
function handleNode(pass: Pass, object: object, trail: Trail): BundleNode | null {
  const shared = sharedObject(object)
  switch (shared?.type) {
    case 'broadcast':
      if (shared.block === null)
        refuse(trail, `is the ${shared.label}, which ${shared.gone}`, 'Make another with ctx.broadcast(value).')
      pass.broadcasts.push(shared.block)
      return { type: 'broadcast', id: shared.id, label: shared.label }
    case 'accumulator':
      pass.accumulators.push(shared)
      return { type: 'accumulator', id: shared.id, kind: shared.kind, label: shared.label }
    case undefined:
      return null
  }
}

/** Builtin prototypes under which an object holds nothing but its properties. */
const PLAIN_BASES: ReadonlySet<string> = new Set(
  'Object Array Function Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError'
    .split(' ')
    .map((name) => `${name}.prototype`),
)

function plainNode(pass: Pass, object: object, proto: object | null, trail: Trail): BundleNode {
  const own = ownProperties(object)
  const inner = own.map(([, { value, get }]) => get ?? value).find((one): one is Function => typeof one === 'function')
  if (inner !== undefined) {
    const found = nodeExport(object) ?? packageObject(pass, object, inner)
    if (found) return importNode(pass, found)
  }
  const rest = { ...integrityExtra(object), ...protoExtra(pass, 'Object.prototype', proto, trail) }
  if (areOrdinary(own, rest.integrity)) return { type: 'object', ...ordinaryEntries(pass, own, trail), ...rest }
  return { type: 'object', keys: [], values: [], properties: encodeProperties(pass, own, trail), ...rest }
}

/** What a package exports, found by a function that it holds: `module.exports` where the script that required it is not known. */
function packageObject(pass: Pass, object: object, inner: Function): Export | null {
  const { location } = pass.inspection.functionFacts(inner)
  const url = location ? pass.inspection.script(location.scriptId).url : ''
  return isPackageUrl(url) ? packageExport(object, url) : null
}

/** A module of the user's own, used whole: its exports as they are now. */
function namespaceNode(pass: Pass, namespace: object, trail: Trail): BundleNode {
  const keys = Object.keys(namespace)
  const values = keys.map((key) => encode(pass, (namespace as Record<string, unknown>)[key], trail, 'property', key))
  return { type: 'object', keys, values, proto: null }
}

function protoExtra(pass: Pass, usual: string, proto: object | null, trail: Trail): BundleExtras {
  if (proto !== null && builtinPath(proto)?.join('.') === usual) return {}
  return { proto: encode(pass, proto, trail, 'note', 'its prototype') }
}

/** The prototype that reviving a node gives of itself. */
function usualPrototype(node: BundleNode): string {
  switch (node.type) {
    case 'array':
    case 'numbers':
      return 'Array.prototype'
    case 'map':
      return 'Map.prototype'
    case 'set':
      return 'Set.prototype'
    case 'date':
      return 'Date.prototype'
    case 'regexp':
      return 'RegExp.prototype'
    case 'error':
      return 'Error.prototype'
    case 'buffer':
      return 'ArrayBuffer.prototype'
    case 'view':
      return `${node.kind}.prototype`
    case 'construct':
      return `${node.builtin.join('.')}.prototype`
    default:
      return 'Object.prototype'
  }
}

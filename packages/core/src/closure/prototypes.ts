/**
 * What an object's prototype chain says about it. One rule refuses most of what cannot travel: a class that Node itself
 * defines, anywhere in the chain, means a handle behind the object, unless the class is a builtin we know how to copy.
 */

import { builtinPath, lazyBuiltinPath } from './builtins.ts'
import { ownValue } from './descriptor.ts'
import { nodeTypeName } from './modules.ts'
import { parseFunction } from './parser.ts'
import type { Pass } from './pass.ts'
import { adviceFor, refuse, refuseValue, type Trail } from './refusal.ts'
import { isNodeUrl } from './scripts.ts'

interface Verdict {
  /** The builtin prototype at the end of the chain, as its path; null when the chain ends without one. */
  readonly base: readonly string[] | null
  /** A class that Node defines. */
  readonly nodeType: string | null
  /** A class whose instances have private fields. */
  readonly privateClass: { readonly name: string; readonly field: string } | null
}

const verdicts = new WeakMap<object, Verdict>()

/**
 * The path of the builtin prototype that the chain from `proto` ends with, null when there is none.
 * @throws ClosureError if the chain says that the object cannot travel.
 */
export function checkPrototype(
  pass: Pass,
  object: object,
  proto: object | null,
  trail: Trail,
): readonly string[] | null {
  if (proto === null) return null
  let verdict = verdicts.get(proto)
  if (!verdict) {
    verdict = judge(pass, proto)
    verdicts.set(proto, verdict)
  }
  if (verdict.nodeType !== null) {
    const name = typeName(object)
    const isItself = verdict.nodeType === name || verdict.nodeType.endsWith(`.${name}`)
    const type = isItself ? verdict.nodeType : `${name} (a kind of ${verdict.nodeType})`
    refuseValue(trail, type, adviceFor(verdict.nodeType))
  }
  if (verdict.privateClass) {
    refuse(
      trail,
      `is an instance of ${typeName(object)}, whose private ${verdict.privateClass.field} cannot be sent to a worker`,
      'Make the instance inside the function, or keep its state in public fields.',
    )
  }
  return verdict.base
}

function judge(pass: Pass, proto: object): Verdict {
  for (let at: object | null = proto; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const base = builtinPath(at)
    if (base) return { base, nodeType: null, privateClass: null }
    const owner = ownerOfPrototype(at)
    if (!owner) continue
    const { location } = pass.inspection.functionFacts(owner)
    const url = location ? pass.inspection.script(location.scriptId).url : 'node:'
    const lazy = isNodeUrl(url) ? lazyBuiltinPath(owner) : null
    if (lazy) return { base: [...lazy, 'prototype'], nodeType: null, privateClass: null }
    if (isNodeUrl(url)) return { base: null, nodeType: nodeTypeName(owner, url), privateClass: null }
    const field = privateField(owner)
    if (field !== null) return { base: null, nodeType: null, privateClass: { name: owner.name, field } }
  }
  return { base: null, nodeType: null, privateClass: null }
}

/** The function whose `prototype` this object is; null for builtins and everything else. */
export function ownerOfPrototype(object: object): Function | null {
  const owner: unknown = ownValue(object, 'constructor')
  if (typeof owner !== 'function' || builtinPath(object)) return null
  return ownValue(owner, 'prototype') === object ? owner : null
}

/** The first private name that instances of a class carry. */
function privateField(owner: Function): string | null {
  const text = Function.prototype.toString.call(owner)
  if (!text.startsWith('class') || !text.includes('#')) return null
  const { root } = parseFunction(text)
  if (root.type !== 'ClassExpression') return null
  for (const member of root.body.body) {
    if (member.type === 'StaticBlock' || member.static || member.key.type !== 'PrivateIdentifier') continue
    return `#${member.key.name}`
  }
  return null
}

/** What an object calls itself, for messages. */
export function typeName(object: object): string {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    const owner: unknown = ownValue(at, 'constructor')
    const tag: unknown = ownValue(at, Symbol.toStringTag)
    if (typeof owner === 'function' && owner.name !== '' && owner !== Object) return owner.name
    if (typeof tag === 'string' && tag !== '' && at !== object) return tag
  }
  return 'object'
}

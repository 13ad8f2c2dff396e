/**
 * Classes by value. The text defines the methods anew; its statics are taken as they are now, not computed again, so
 * static initialisers are blanked out of the text (but for those that private names or arrows tie to the class). The
 * superclass is the live one: its name may stand in a scope that V8 did not keep.
 */

import type { AnyNode, Expression, MethodDefinition, PropertyDefinition, StaticBlock } from 'acorn'
import { builtinPath } from './builtins.ts'
import type { Encoded } from './bundle.ts'
import { type Found, ownProperty } from './descriptor.ts'
import { type OwnProperty, ownProperties } from './encode-property.ts'
import { type Context, lookUp } from './environment.ts'
import { freeVariables } from './free-variables.ts'
import type { ParsedFunction } from './parser.ts'
import { encode, type Pass } from './pass.ts'
import { refuse } from './refusal.ts'
import { type TextEdit, unusedName } from './text-edit.ts'

export interface ClassPlan {
  readonly edits: readonly TextEdit[]
  readonly env: readonly [string, Encoded][]
  /** The name that must have its value before the class can be made. */
  readonly heritage: string | null
  /** Own properties of the class, and of its prototype, that the edited text does not make. */
  readonly statics: readonly OwnProperty[]
  readonly prototype: readonly OwnProperty[]
}

type Member = MethodDefinition | PropertyDefinition | StaticBlock

/** @throws ClosureError */
export function planClass(pass: Pass, cls: Function, parsed: ParsedFunction, context: Context): ClassPlan {
  const { root } = parsed
  if (root.type !== 'ClassExpression') return { edits: [], env: [], heritage: null, statics: [], prototype: [] }
  const members = root.body.body
  const edits: TextEdit[] = []
  const env: [string, Encoded][] = []
  const heritage = root.superClass ? planHeritage(pass, cls, root.superClass, parsed, context, edits, env) : null
  for (const member of members) {
    if (isBlankable(member)) edits.push({ start: member.start, end: member.end, text: '' })
    else if (member.type !== 'StaticBlock' && member.computed) planKey(pass, cls, member, parsed, context, edits, env)
  }
  const methods = new Set(
    members.filter((member) => member.type === 'MethodDefinition').map((member) => methodText(member, parsed)),
  )
  const kept = new Set(members.filter((member) => !isBlankable(member)).map(plainKey))
  return {
    edits,
    env,
    heritage,
    statics: ownProperties(cls, (key, found) => isTextual(key, found, methods) || isKeptFunction(key, found, kept)),
    prototype: ownProperties(cls.prototype as object, (key, found) => isTextual(key, found, methods)),
  }
}

function planHeritage(
  pass: Pass,
  cls: Function,
  superClass: Expression,
  { code }: ParsedFunction,
  context: Context,
  edits: TextEdit[],
  env: [string, Encoded][],
): string | null {
  const parent: unknown = Object.getPrototypeOf(cls)
  if (typeof parent !== 'function' || (superClass.type === 'Literal' && superClass.value === null)) return null
  const trail = context.trail
  if (superClass.type === 'Identifier') {
    const found = lookUp(context.facts, superClass.name, trail)
    if (found?.value === parent) return superClass.name
    if (!found && builtinPath(parent)) return null
    if (!found) {
      env.push([superClass.name, encode(pass, parent, trail, 'note', 'its superclass')])
      return superClass.name
    }
  }
  // Not by way of an object that holds the superclass: that is filled only after the classes are made.
  const name = unusedName(code, '$super')
  edits.push({ start: superClass.start, end: superClass.end, text: name })
  env.push([name, encode(pass, parent, trail, 'note', 'its superclass')])
  return name
}

/** A computed key is computed when the class is made, and only then: its names may be in no scope that V8 kept. */
function planKey(
  pass: Pass,
  cls: Function,
  member: MethodDefinition | PropertyDefinition,
  parsed: ParsedFunction,
  context: Context,
  edits: TextEdit[],
  env: [string, Encoded][],
): void {
  const names = [...freeVariables(member.key).names.keys()]
  if (names.every((name) => lookUp(context.facts, name, context.trail) || name in globalThis)) return
  const key = member.type === 'MethodDefinition' ? actualKey(cls, member, parsed) : null
  if (key === null) {
    refuse(
      context.trail,
      `computes a key from "${names.join('", "')}", which V8 did not keep, and cannot be sent to a worker`,
      'Declare that name at the top of the module, or name the member directly.',
    )
  }
  const name = unusedName(parsed.code, `$key${edits.length}`)
  edits.push({ start: member.key.start, end: member.key.end, text: name })
  env.push([name, encode(pass, key, context.trail, 'note', 'a key')])
}

function actualKey(cls: Function, member: MethodDefinition, parsed: ParsedFunction): string | symbol | null {
  const holder = (member.static ? cls : cls.prototype) as object
  const text = new Set([methodText(member, parsed)])
  return (
    Reflect.ownKeys(holder).find((key) => {
      const found = ownProperty(holder, key)
      return found !== undefined && key !== 'constructor' && accessors(found).some((fn) => text.has(textOf(fn)))
    }) ?? null
  )
}

/** Whether a static initialiser can be left out, its result being sent as a value. */
function isBlankable(member: Member): boolean {
  if (member.type === 'MethodDefinition' || (member.type === 'PropertyDefinition' && !member.static)) return false
  if (member.type === 'PropertyDefinition' && member.key.type === 'PrivateIdentifier') return false
  return !isTiedToClass(member)
}

/** Whether there is a private name, or an arrow that keeps the class as its `this`. */
function isTiedToClass(node: AnyNode): boolean {
  let hasArrow = false
  let hasThis = false
  let hasPrivate = false
  const visit = (at: unknown): void => {
    if (Array.isArray(at)) return at.forEach(visit)
    if (typeof at !== 'object' || at === null || !('type' in at)) return
    hasArrow ||= at.type === 'ArrowFunctionExpression'
    hasThis ||= at.type === 'ThisExpression' || at.type === 'Super'
    hasPrivate ||= at.type === 'PrivateIdentifier'
    Object.values(at).forEach(visit)
  }
  visit(node)
  return hasPrivate || (hasArrow && hasThis)
}

/** The text that `toString` gives for the member's function: without `static`. */
function methodText(member: MethodDefinition, { code }: ParsedFunction): string {
  const text = code.slice(member.start, member.end)
  return member.static ? text.replace(/^static\s+/, '') : text
}

function isTextual(key: string | symbol, found: Found, methods: ReadonlySet<string>): boolean {
  if (key === 'length' || key === 'prototype' || key === 'constructor') return true
  if (key === 'name' && typeof found.value === 'string') return true
  const functions = accessors(found)
  return functions.length > 0 && functions.every((fn) => methods.has(textOf(fn)))
}

function isKeptFunction(key: string | symbol, found: Found, kept: ReadonlySet<string | null>): boolean {
  return typeof key === 'string' && typeof found.value === 'function' && kept.has(key)
}

function plainKey(member: Member): string | null {
  return member.type === 'PropertyDefinition' && member.key.type === 'Identifier' ? member.key.name : null
}

function accessors({ value, get, set }: Found): Function[] {
  return [value, get, set].filter((one): one is Function => typeof one === 'function')
}

function textOf(fn: Function): string {
  return Function.prototype.toString.call(fn)
}

/** Functions: which travel by reference, which by value, and with what. */

import { types } from 'node:util'
import { DRIVER_ONLY } from '../plan/driver-only.ts'
import { builtinPath, lazyBuiltinPath, learnRealm } from './builtins.ts'
import type { BundleExtras, BundleNode, Encoded } from './bundle.ts'
import { ownProperty, ownValue } from './descriptor.ts'
import { type ClassPlan, planClass } from './encode-class.ts'
import { extras, ownProperties } from './encode-property.ts'
import { type Context, encodeVariable, isSelfContained, lookUp } from './environment.ts'
import type { FunctionFacts } from './inspect.ts'
import { nodeExport, packageExport } from './modules.ts'
import { type ParsedFunction, parseFunction } from './parser.ts'
import { encode, encodeHost, importNode, type Pass, scriptNumber } from './pass.ts'
import { OPEN_INSIDE, refuse, refuseValue, type Trail } from './refusal.ts'
import { isNodeUrl, isPackageUrl, resolutionBase, type Script, toUrl } from './scripts.ts'
import { editText, type TextEdit, unusedName } from './text-edit.ts'
import { startOfText } from './text-position.ts'

/**
 * The node of a function or class.
 * @throws ClosureError if it cannot travel. @throws ModulesNeeded
 */
export function functionNode(pass: Pass, id: number, fn: Function, trail: Trail): BundleNode {
  if (types.isProxy(fn)) refuseValue(trail, 'Proxy', 'Capture the function behind it.')
  if (DRIVER_ONLY in fn) refuseValue(trail, fn.name, String(fn[DRIVER_ONLY]))
  if (isSpy(fn)) refuseValue(trail, 'mock function', 'Use a plain function: calls in a worker could not be seen here.')
  const facts = pass.inspection.functionFacts(fn)
  const global = facts.scopes.at(-1)
  if (global?.kind === 'Global') learnRealm(global.variables)
  const builtin = builtinPath(fn)
  if (builtin) return { type: 'builtin', path: builtin }
  if (facts.bound) return boundNode(pass, fn, facts.bound, trail)
  const { location } = facts
  const text = Function.prototype.toString.call(fn)
  if (!location || text.endsWith(' [native code] }')) return nativeNode(pass, fn, trail)

  const script = (): Script => pass.inspection.script(location.scriptId)
  const parsed = parse(text, trail)
  const context: Context = { facts, script, trail, isSimple: isSimple(fn, parsed, facts, trail) }
  if (!context.isSimple) {
    const reference = libraryNode(pass, fn, facts, script(), trail)
    if (reference) return reference
  }
  pass.facts.set(id, facts)
  return valueNode(pass, fn, text, parsed, context)
}

/** Spies of vitest, jest and sinon record their calls here, where nothing of the worker is heard. */
function isSpy(fn: Function): boolean {
  const { mock, getMockName, isSinonProxy } = fn as unknown as Record<string, unknown>
  return isSinonProxy === true || (mock !== undefined && typeof getMockName === 'function')
}

function boundNode(pass: Pass, fn: Function, bound: NonNullable<FunctionFacts['bound']>, trail: Trail): BundleNode {
  const own = ownProperties(fn, (key) => key === 'length' || key === 'name')
  return {
    type: 'bound',
    target: encode(pass, bound.target, trail, 'note', 'the function it binds'),
    self: encode(pass, bound.self, trail, 'note', 'its bound this'),
    args: bound.args.map((arg, i) => encode(pass, arg, trail, 'note', `its bound argument ${i + 1}`)),
    ...extras(pass, fn, own, trail),
  }
}

function nativeNode(pass: Pass, fn: Function, trail: Trail): BundleNode {
  const found = nodeExport(fn)
  if (found) return importNode(pass, found)
  const name = fn.name === '' ? 'native function' : `native function ${fn.name}()`
  refuseValue(trail, name, 'Call it inside a function of your own, with what it needs.')
}

function parse(text: string, trail: Trail): ParsedFunction {
  try {
    return parseFunction(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    refuse(trail, `has a text that cannot be parsed (${reason})`, 'Wrap it in an arrow function.')
  }
}

/** Whether nothing about a function depends on its script, so that V8 need not be asked for it. */
function isSimple(fn: Function, { root, free }: ParsedFunction, facts: FunctionFacts, trail: Trail): boolean {
  if (root.type === 'ClassExpression' || free.hasDynamicImport || free.importMeta.length > 0) return false
  if (free.isModeSensitive && !isModule(facts)) return false
  if (ownProperties(fn, (key) => FUNCTION_KEYS.has(key)).length > 0) return false
  for (const name of free.names.keys()) {
    const found = lookUp(facts, name, trail)
    if (found ? !isSelfContained(name, found.value) : !isOrdinaryGlobal(name)) return false
  }
  return true
}

function isOrdinaryGlobal(name: string): boolean {
  const descriptor = ownProperty(globalThis, name)
  return !descriptor || !('value' in descriptor) || isSelfContained(name, descriptor.value)
}

const FUNCTION_KEYS: ReadonlySet<string | symbol> = new Set(['length', 'name', 'prototype', 'arguments', 'caller'])

/** V8 puts a Module scope around everything in an ES module, which is strict. */
function isModule(facts: FunctionFacts): boolean {
  return facts.scopes.some(({ kind }) => kind === 'Module')
}

/** A function of Node or of a package, as what some module exports; null when it has to go by value. */
function libraryNode(pass: Pass, fn: Function, facts: FunctionFacts, script: Script, trail: Trail): BundleNode | null {
  if (isNodeUrl(script.url)) {
    const lazy = lazyBuiltinPath(fn)
    if (lazy) return { type: 'builtin', path: lazy }
    const found = nodeExport(fn)
    if (found) return importNode(pass, found)
    const from = requireUrl(facts)
    if (from !== null) return { type: 'host', name: 'require', url: from }
    refuseValue(trail, `function ${fn.name}() internal to Node`, OPEN_INSIDE)
  }
  const found = isPackageUrl(script.url) ? packageExport(fn, script.url) : null
  return found && importNode(pass, found)
}

/** A `require` that a program made for itself with `createRequire` closes over the module it resolves from. */
function requireUrl({ scopes }: FunctionFacts): string | null {
  for (const { kind, variables } of scopes) {
    const module = kind === 'Global' ? undefined : (variables['mod'] as { filename?: unknown } | undefined)
    if (typeof module?.filename === 'string') return toUrl(module.filename)
  }
  return null
}

function valueNode(pass: Pass, fn: Function, text: string, original: ParsedFunction, context: Context): BundleNode {
  const { facts, trail } = context
  const scriptId = facts.location?.scriptId ?? ''
  const isClass = original.root.type === 'ClassExpression'
  const plan: ClassPlan | null = isClass ? planClass(pass, fn, original, context) : null
  const edits: TextEdit[] = plan ? [...plan.edits] : []
  const env: [string, Encoded][] = plan ? [...plan.env] : []
  if (original.key?.computed) edits.push({ start: original.key.node.start, end: original.key.node.end, text: '0' })
  if (original.free.importMeta.length > 0) {
    const name = unusedName(text, 'import_meta')
    for (const place of original.free.importMeta) edits.push({ ...place, text: name })
    env.push([name, encodeHost(pass, { type: 'host', name: 'importMeta', url: resolutionBase(context.script().url) })])
  }
  const source =
    edits.length > 0 ? editText(original, edits) : original.code.slice(original.textStart, -original.textStart)
  const parsed = edits.length > 0 ? parse(source, trail) : original
  refuseOuter(parsed, trail)

  const given = new Set(env.map(([name]) => name))
  for (const [name, use] of parsed.free.names) {
    if (given.has(name)) continue
    const value = encodeVariable(pass, context, name, use)
    if (value !== undefined) env.push([name, value])
  }
  const names = new Set(env.map(([name]) => name))
  return {
    type: 'function',
    kind: isClass ? 'class' : 'function',
    name: nameOf(fn),
    form: parsed.form,
    source,
    strict: isClass || isStrict(pass, fn, parsed, context),
    env,
    assigned: [...parsed.free.names].filter(([name, use]) => use.assigned && names.has(name)).map(([name]) => name),
    cells: [],
    heritage: plan?.heritage ?? null,
    script: scriptNumber(pass, scriptId),
    ...startOfText(original, facts.location),
    ...functionExtras(pass, fn, plan, trail),
  }
}

function nameOf(fn: Function): string {
  const name: unknown = ownValue(fn, 'name')
  return typeof name === 'string' ? name : ''
}

/** What a function takes from the function around it, and no variable holds. */
function refuseOuter({ root, free }: ParsedFunction, trail: Trail): void {
  const { outer } = free
  const advice = 'Copy what it needs into a const outside the function.'
  if (free.privateName !== null) {
    refuse(
      trail,
      `uses ${free.privateName}, a private name of its class, and cannot be sent to a worker`,
      'Call it as a method on an instance made inside the function.',
    )
  }
  if (outer.has('eval')) {
    refuse(
      trail,
      'uses direct eval and cannot be sent to a worker',
      'What its text would see cannot be known: remove eval.',
    )
  }
  if (outer.has('super')) {
    refuse(
      trail,
      'uses super and cannot be sent to a worker without its class',
      'Capture the class or an instance of it.',
    )
  }
  if (root.type === 'FunctionExpression') return
  for (const name of ['this', 'arguments', 'new.target'] as const) {
    if (outer.has(name)) {
      refuse(trail, `uses the ${name} of the function around it and cannot be sent to a worker`, advice)
    }
  }
}

function isStrict(pass: Pass, fn: Function, { root, free }: ParsedFunction, context: Context): boolean {
  if (isModule(context.facts)) return true
  if (!free.isModeSensitive) return false
  const isPlain = root.type === 'FunctionExpression' && !root.async && !root.generator
  // Only sloppy functions have this property.
  if (isPlain && Object.hasOwn(fn, 'caller')) return false
  if (context.script().isModule) return true
  const { location } = context.facts
  return location !== null && /^[\s;({]*['"]use strict['"]/m.test(pass.inspection.scriptSource(location.scriptId))
}

function functionExtras(
  pass: Pass,
  fn: Function,
  plan: ClassPlan | null,
  trail: Trail,
): BundleExtras & { prototype?: BundleExtras } {
  const own = plan ? plan.statics : ownProperties(fn, (key) => FUNCTION_KEYS.has(key))
  const proto: object | null = Object.getPrototypeOf(fn)
  const isUsual = proto === null || plan?.heritage !== null || builtinPath(proto) !== null
  return {
    ...extras(pass, fn, own, trail),
    ...(isUsual ? {} : { proto: encode(pass, proto, trail, 'note', 'its prototype') }),
    ...prototypeExtra(pass, fn, plan, { parent: trail, kind: 'property', key: 'prototype' }),
  }
}

/** What was added to `fn.prototype`: the methods of an old-style class, or those that decorators replaced. */
function prototypeExtra(pass: Pass, fn: Function, plan: ClassPlan | null, trail: Trail): { prototype?: BundleExtras } {
  const prototype: unknown = ownValue(fn, 'prototype')
  if (typeof prototype !== 'object' || prototype === null || /Generator/.test(Object.prototype.toString.call(fn)))
    return {}
  const own = plan
    ? plan.prototype
    : ownProperties(prototype, (key, { value }) => key === 'constructor' && value === fn)
  const proto: object | null = Object.getPrototypeOf(prototype)
  const isUsual = plan !== null || (proto !== null && builtinPath(proto)?.join('.') === 'Object.prototype')
  if (own.length === 0 && isUsual && Object.isExtensible(prototype)) return {}
  return {
    prototype: {
      ...extras(pass, prototype, own, trail),
      ...(isUsual ? {} : { proto: encode(pass, proto, trail, 'note', 'its prototype') }),
    },
  }
}

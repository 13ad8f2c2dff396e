/**
 * The environment of a function: what each of its free variables is, as of now. A primitive or an object of the user's
 * is sent by value; what a script imported from a package or from Node is sent by reference, as that import.
 */

import { createRequire, isBuiltin } from 'node:module'
import process from 'node:process'
import { types } from 'node:util'
import * as workerThreads from 'node:worker_threads'
import { builtinPath, isReplacedGlobal, isStandardGlobal, learnRealm } from './builtins.ts'
import type { Encoded } from './bundle.ts'
import { alwaysDefined } from './declarations.ts'
import { ownProperty } from './descriptor.ts'
import type { FreeVariable } from './free-variables.ts'
import { type ImportBinding, importBindings } from './imports.ts'
import type { FunctionFacts } from './inspect.ts'
import { parseScript } from './parser.ts'
import { addNode, encode, encodeHost, importNode, type Pass } from './pass.ts'
import { refuse, type Trail } from './refusal.ts'
import { rootedSpecifier } from './rooted-specifier.ts'
import { isLibrary, isNodeUrl, isPackageUrl, resolutionBase, type Script } from './scripts.ts'

/** A function whose free variables are being read. */
export interface Context {
  readonly facts: FunctionFacts
  /** Asks V8 for the script, the first time at some cost. */
  readonly script: () => Script
  readonly trail: Trail
  /** Nothing about the function depends on its script, so the script is not asked for. */
  readonly isSimple: boolean
}

/** The value of a variable where the function stands; null when no scope but the global one has it. */
export function lookUp(
  facts: FunctionFacts,
  name: string,
  trail: Trail,
): { readonly value: unknown; readonly kind: string } | null {
  for (const { kind, variables } of facts.scopes) {
    if (kind === 'Global' || !(name in variables)) continue
    try {
      return { value: variables[name], kind }
    } catch {
      refuseUninitialised(trail, name)
    }
  }
  return null
}

/** What `node:worker_threads` exports differs from thread to thread, although it is no object. */
const THREAD_BOUND: ReadonlySet<string> = new Set(
  'threadId isMainThread parentPort workerData resourceLimits'.split(' '),
)

const threadsModule: unknown = createRequire(import.meta.url)('node:worker_threads')

function refuseUninitialised(trail: Trail, name: string): never {
  refuse(
    { parent: trail, kind: 'variable', key: name },
    'is not initialised yet when the action starts',
    'Move its declaration before the action.',
  )
}

const readsEarly = Number(process.versions.node.split('.')[0]) < 22
const definedCache = new Map<string, ReadonlySet<string>>()

/** Older Nodes read a variable before its initialisation as undefined, which its declaration may show to be impossible. */
function isNotInitialised(pass: Pass, { facts }: Context, name: string): boolean {
  const scriptId = facts.location?.scriptId
  if (!readsEarly || scriptId === undefined) return false
  let names = definedCache.get(scriptId)
  if (!names) {
    const program = parseScript(pass.inspection.scriptSource(scriptId))
    names = program ? alwaysDefined(program) : new Set()
    definedCache.set(scriptId, names)
  }
  return names.has(name)
}

/** The REPL's lines are scripts of their own, so that the line that imported a name is not the function's script. */
function isThreadBound(name: string, value: unknown): boolean {
  return THREAD_BOUND.has(name) && (workerThreads as unknown as Record<string, unknown>)[name] === value
}

function threadExport(name: string): Parameters<typeof importNode>[1] {
  return { specifier: 'node:worker_threads', from: 'node:', system: 'cjs', path: [name] }
}

/** Whether a value can be sent without knowing which script the function came from. */
export function isSelfContained(name: string, value: unknown): boolean {
  if (THREAD_BOUND.has(name)) return false
  if (typeof value === 'function') return name === '__name' || builtinPath(value) !== null
  return typeof value !== 'object' || value === null || builtinPath(value) !== null
}

/**
 * One free variable, undefined when the worker has it anyway or nobody does.
 * @throws ClosureError
 */
export function encodeVariable(pass: Pass, context: Context, name: string, use: FreeVariable): Encoded | undefined {
  const found = lookUp(context.facts, name, context.trail)
  if (!found) return encodeGlobal(pass, context, name, use)
  const { value } = found
  if (value === undefined && isNotInitialised(pass, context, name)) refuseUninitialised(context.trail, name)
  if (found.kind === 'Script' && isThreadBound(name, value)) return [addImport(pass, value, threadExport(name))]
  if (context.isSimple && name !== '__name') return encode(pass, value, context.trail, 'variable', name)
  const host = hostName(name, value)
  if (host) return encodeHost(pass, { type: 'host', name: host, url: host === 'setName' ? '' : hostUrl(context) })

  const binding = bindingsOf(pass, context).get(name)
  const isFromLibrary = binding && !binding.isMocked && isLibrary(binding.specifier, context.script().url)
  if (isFromLibrary && !isUsersOwn(pass, value)) {
    const members = binding.isWrapped ? use.members : null
    return members
      ? encodeMembers(pass, context, name, value as object, members, binding)
      : [addImport(pass, value, importOf(context, binding, binding.path))]
  }
  if (use.members && isNamespace(name, value, binding))
    return encodeMembers(pass, context, name, value, use.members, null)
  return encode(pass, value, context.trail, 'variable', name)
}

/** What loaders and esbuild put into scope, made anew in the worker. */
function hostName(
  name: string,
  value: unknown,
): 'require' | 'importMeta' | 'dynamicImport' | 'setName' | 'coverage' | null {
  if (name === '__vite_ssr_import_meta__') return 'importMeta'
  if (typeof value !== 'function') return null
  if (name === '__name') return 'setName'
  if (name === '__vite_ssr_dynamic_import__') return 'dynamicImport'
  if (name === 'require') return 'require'
  return /^cov_\w+$/.test(name) ? 'coverage' : null
}

function hostUrl(context: Context): string {
  return resolutionBase(context.script().url)
}

/** A global: undefined when it is the standard one, which every worker has. */
function encodeGlobal(pass: Pass, context: Context, name: string, use: FreeVariable): Encoded | undefined {
  const last = context.facts.scopes.at(-1)
  const global = last?.kind === 'Global' ? last.variables : (globalThis as unknown as Record<string, unknown>)
  learnRealm(global)
  // A name that nothing declares fails in the worker as it would here, if it is ever reached.
  if (!(name in global)) return undefined
  if (name === 'require') return encodeHost(pass, { type: 'host', name: 'require', url: resolutionBase('') })
  const descriptor = ownProperty(global, name)
  if (isStandardGlobal(name)) {
    const value: unknown = descriptor?.value
    if (typeof value !== 'function' || global !== (globalThis as unknown)) return undefined
    if (!isReplacedGlobal(name, value) || !isUsersOwn(pass, value)) return undefined
    return encode(pass, value, context.trail, 'variable', name)
  }
  // The REPL's `fs`, `path` …
  if (isBuiltin(name) && !name.startsWith('node:')) {
    const isTheModule =
      descriptor?.get !== undefined || descriptor?.value === createRequire(import.meta.url)(`node:${name}`)
    if (isTheModule) {
      return [addNode(pass, importNode(pass, { specifier: `node:${name}`, from: 'node:', system: 'cjs', path: [] }))]
    }
  }
  const value = global[name]
  if (use.members && isNamespace(name, value, undefined)) {
    return encodeMembers(pass, context, name, value, use.members, null)
  }
  return encode(pass, value, context.trail, 'variable', name)
}

/** Objects that stand for a whole module, of which a function should take along only what it uses. */
function isNamespace(name: string, value: unknown, binding: ImportBinding | undefined): value is object {
  if (typeof value !== 'object' || value === null) return false
  if (types.isModuleNamespaceObject(value) || /^__vi(te_ssr)?_import_\d+__$/.test(name)) return true
  return binding?.isWrapped === true || binding?.path.length === 0 || name === 'exports' || name === 'module'
}

/** An object with just the members that the function uses. */
function encodeMembers(
  pass: Pass,
  context: Context,
  name: string,
  holder: object,
  members: ReadonlySet<string>,
  library: ImportBinding | null,
): Encoded {
  const trail: Trail = { parent: context.trail, kind: 'variable', key: name }
  // As a namespace or as a compiler's copy of one, by whatever import.
  const isThreads = holder === threadsModule || Reflect.get(holder, 'default') === threadsModule
  const keys = [...members].filter((key) => key in holder)
  const values = keys.map((key) => {
    const value = (holder as Record<string, unknown>)[key]
    if (isThreads && THREAD_BOUND.has(key)) return [addImport(pass, value, threadExport(key))] as const
    if (!library || isUsersOwn(pass, value)) return encode(pass, value, trail, 'property', key)
    const path = library.system === 'esm' ? [key] : commonJsPath(context, library, key, value)
    return [addImport(pass, value, importOf(context, library, path))] as const
  })
  return [addNode(pass, { type: 'object', keys, values, proto: null })]
}

/** `default` of a wrapped CommonJS module is the module itself, unless that was an ES module before it was compiled. */
function commonJsPath(context: Context, library: ImportBinding, key: string, value: unknown): readonly string[] {
  if (key !== 'default') return [key]
  const exported: unknown = createRequire(resolutionBase(context.script().url))(library.specifier)
  return exported === value ? [] : [key]
}

function importOf(
  context: Context,
  { specifier, system }: ImportBinding,
  path: readonly string[],
): { specifier: string; from: string; system: 'esm' | 'cjs'; path: readonly string[] } {
  const from = resolutionBase(context.script().url)
  return { specifier: rootedSpecifier(specifier, from), from, system, path }
}

/** The same value reached by two names stays one. */
function addImport(pass: Pass, value: unknown, source: Parameters<typeof importNode>[1]): number {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  const known = isObject ? pass.numbers.get(value) : undefined
  if (known !== undefined) return known
  const id = addNode(pass, importNode(pass, source))
  if (isObject) pass.numbers.set(value, id)
  return id
}

/** Whether a value is code of the user's although its name was imported from a library: a mock, a replaced global. */
function isUsersOwn(pass: Pass, value: unknown): boolean {
  if (typeof value !== 'function' || types.isProxy(value) || builtinPath(value)) return false
  const { location } = pass.inspection.functionFacts(value)
  if (!location) return false
  const { url } = pass.inspection.script(location.scriptId)
  return !isNodeUrl(url) && !isPackageUrl(url)
}

const bindingsCache = new Map<string, ReadonlyMap<string, ImportBinding>>()
const NO_BINDINGS: ReadonlyMap<string, ImportBinding> = new Map()

function bindingsOf(pass: Pass, { facts }: Context): ReadonlyMap<string, ImportBinding> {
  const scriptId = facts.location?.scriptId
  if (scriptId === undefined) return NO_BINDINGS
  let bindings = bindingsCache.get(scriptId)
  if (!bindings) {
    const source = pass.inspection.scriptSource(scriptId)
    const program = /\b(import|require\d*|__vi\w*import__)\b/.test(source) ? parseScript(source) : null
    bindings = program ? importBindings(program) : NO_BINDINGS
    bindingsCache.set(scriptId, bindings)
  }
  return bindings
}

/**
 * Functions from their text. Free variables become constants in front of it, which V8 treats as the closure's own
 * (`with` would be 50 times slower); line and column offsets put the text where it stood, so that stacks are right.
 */

import vm from 'node:vm'
import type { BundleFunction, Encoded } from './bundle.ts'
import { nodeNumber } from './decode.ts'
import { ownProperty, ownValue } from './descriptor.ts'
import { silenceLoaderWarning } from './import-module.ts'
import { make, type Revival, resolve } from './revival.ts'

type Environment = Record<string, unknown>
/** Makes a function in an environment. `later` is given a setter for variables whose values come when all are made. */
type Factory = (env: Environment, later: (set: (env: Environment) => void) => void) => unknown

const factories = new Map<string, Factory>()
const FACTORY_LIMIT = 2000

/** Variables that could not be given when their function was made, because what they hold needed the function first. */
interface Pending {
  readonly node: BundleFunction
  readonly names: readonly string[]
  readonly set: (env: Environment) => void
}

/**
 * Makes every function of the bundle. Objects must be made already, if only empty.
 * Returns what gives functions the variables that had to wait: to be called when everything is made.
 */
export function compileFunctions(revival: Revival): () => void {
  const open = new Set<number>()
  const pending: Pending[] = []
  const { nodes } = revival.bundle

  function ensure(id: number): boolean {
    if (revival.isMade[id]) return true
    const node = nodes[id]
    if (node?.type === 'prototype') return ensurePrototype(id, node.of)
    if (node?.type === 'bound') return ensureBound(id)
    if (node?.type !== 'function') return false
    if (open.has(id)) return false
    open.add(id)
    try {
      // A class needs its superclass; everything else can be given to it later.
      const parent = node.env.find(([name]) => name === node.heritage)?.[1]
      if (parent !== undefined && !ensureAll([parent])) return false
      const missing = node.env.filter(([, value]) => !ensureAll([value])).map(([name]) => name)
      make(revival, id, construct(node, missing))
      return true
    } finally {
      open.delete(id)
    }
  }
  function ensureAll(values: readonly Encoded[]): boolean {
    return values.every((value) => {
      const id = nodeNumber(value)
      return id === null || ensure(id)
    })
  }
  function ensurePrototype(id: number, of: Encoded): boolean {
    if (!ensureAll([of])) return false
    make(revival, id, (resolve(revival, of) as { prototype: unknown }).prototype)
    return true
  }
  function ensureBound(id: number): boolean {
    const node = nodes[id]
    if (node?.type !== 'bound' || open.has(id)) return false
    open.add(id)
    try {
      if (!ensureAll([node.target, node.self, ...node.args])) return false
      const target = resolve(revival, node.target) as (...args: unknown[]) => unknown
      const args = node.args.map((arg) => resolve(revival, arg))
      make(revival, id, Function.prototype.bind.call(target, resolve(revival, node.self), ...args))
      return true
    } finally {
      open.delete(id)
    }
  }
  function construct(node: BundleFunction, missing: readonly string[]): unknown {
    const factory = factoryOf(revival, node, missing)
    const given = node.env.map(([name]) => name).filter((name) => !missing.includes(name))
    const value = factory(environment(revival, node, given), (set) => {
      pending.push({ node, names: missing, set })
    })
    const name = resolve(revival, node.name)
    return named(node.form === 'method' ? methodOf(value) : value, name)
  }

  for (const [id, node] of nodes.entries()) {
    if (node.type === 'function' || node.type === 'prototype' || node.type === 'bound') ensure(id)
  }
  return () => {
    for (const node of nodes) if (node.type === 'function') fillCells(revival, node)
    for (const { node, names, set } of pending) set(environment(revival, node, names))
  }
}

function environment(revival: Revival, node: BundleFunction, names: readonly string[]): Environment {
  const env: Environment = {}
  for (const [name, value] of node.env) if (names.includes(name)) env[name] = resolve(revival, value)
  return env
}

/**
 * Compiled once per worker for each text, place and set of names: what V8 has optimised is found again. A function with
 * shared variables is compiled for each revival, because they are part of what it is compiled in.
 */
function factoryOf(revival: Revival, node: BundleFunction, missing: readonly string[]): Factory {
  const filename = revival.bundle.scripts[node.script]?.url ?? ''
  const names = node.env.map(([name]) => name)
  if (node.cells.length > 0) return compile(node, names, missing, filename, cellsOf(revival, node))
  const key = JSON.stringify([
    node.source,
    filename,
    node.line,
    node.column,
    node.strict,
    names,
    node.assigned,
    missing,
  ])
  let factory = factories.get(key)
  if (!factory) {
    if (factories.size >= FACTORY_LIMIT) factories.clear()
    factory = compile(node, names, missing, filename, [])
    factories.set(key, factory)
  }
  return factory
}

function cellsOf(revival: Revival, node: BundleFunction): object[] {
  return node.cells.map(([name, cell]) => {
    revival.cells[cell] ??= Object.assign(Object.create(null) as Environment, { [name]: undefined })
    return revival.cells[cell]
  })
}

function fillCells(revival: Revival, node: BundleFunction): void {
  for (const [name, cell] of node.cells) {
    const holder = revival.cells[cell]
    if (holder) holder[name] = resolve(revival, revival.bundle.cells[cell] ?? null)
  }
}

/** One line in front of the text: `'use strict';const a=$kindlingEnv.a;return (` */
function compile(
  node: BundleFunction,
  names: readonly string[],
  missing: readonly string[],
  filename: string,
  cells: object[],
): Factory {
  const declarations = names.map((name) => {
    if (missing.includes(name)) return `let ${name};`
    return `${node.assigned.includes(name) ? 'let' : 'const'} ${name}=$kindlingEnv.${name};`
  })
  const setters = missing.map((name) => `${name}=$kindlingLate.${name};`)
  if (setters.length > 0) declarations.push(`$kindlingLater($kindlingLate=>{${setters.join('')}});`)
  const [before, after] = node.form === 'method' ? ['({', '})'] : ['(', ')']
  const head = `${node.strict ? "'use strict';" : ''}${declarations.join('')}return ${before}`
  silenceLoaderWarning()
  return vm.compileFunction(`${head}${node.source}${after}`, ['$kindlingEnv', '$kindlingLater'], {
    filename,
    contextExtensions: cells,
    lineOffset: node.line,
    columnOffset: node.column - head.length,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as Factory
}

/** The one method, getter or setter of an object literal. */
function methodOf(holder: unknown): unknown {
  const [key = ''] = Reflect.ownKeys(holder as object)
  const found = ownProperty(holder, key)
  return found?.value ?? found?.get ?? found?.set
}

/** A function is named after the constant or property it was first given to, of which its text says nothing. */
function named(fn: unknown, name: unknown): unknown {
  if (typeof fn === 'function' && fn.name !== name && ownProperty(fn, 'name')?.configurable !== false) {
    if (typeof ownValue(fn, 'name') !== 'function') {
      Object.defineProperty(fn, 'name', { value: name, configurable: true })
    }
  }
  return fn
}

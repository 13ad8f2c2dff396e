/**
 * Where a library's value comes from, found by identity: a function or an object that some loaded module exports is
 * sent as that export, whatever name the user's code knew it by.
 */

import { builtinModules, createRequire } from 'node:module'
import process from 'node:process'
import { ownProperty } from './descriptor.ts'
import { isNodeUrl, toPath } from './scripts.ts'

/** Module and path of a value. */
export interface Export {
  readonly specifier: string
  readonly from: string
  readonly system: 'esm' | 'cjs'
  readonly path: readonly string[]
}

/** An ES module must be imported (it is loaded already) before its exports can be compared; then capture starts again. */
export class ModuleNeeded {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }
}

const namespaces = new Map<string, object>()
const require = createRequire(import.meta.url)

/** Makes the exports of an ES module known; one that fails to load exports nothing. */
export async function learnNamespace(url: string): Promise<void> {
  const namespace = await import(url).then(
    (found: object) => found,
    () => ({}),
  )
  namespaces.set(url, namespace)
}

/**
 * The export of the package's script at `url` that is `value`, or null.
 * @throws ModuleNeeded
 */
export function packageExport(value: object, url: string, isModule: boolean): Export | null {
  const file = toPath(url)
  const loaded = file === null ? undefined : require.cache[file]
  if (loaded) {
    const path = pathTo(value, loaded.exports)
    return path && { specifier: file ?? url, from: url, system: 'cjs', path }
  }
  if (!isModule) return null
  const namespace = namespaces.get(url)
  if (!namespace) throw new ModuleNeeded(url)
  const path = pathTo(value, namespace)
  return path && { specifier: url, from: url, system: 'esm', path }
}

const nodeExports = new Map<unknown, Export>()
const nodeModules = new Set<string>()

/** The export of a Node module that is `value`, or null. Only modules that are loaded already are looked at. */
export function nodeExport(value: unknown): Export | null {
  learnNodeModules()
  return nodeExports.get(value) ?? null
}

function learnNodeModules(): void {
  const { moduleLoadList } = process as unknown as { moduleLoadList: readonly string[] }
  if (nodeModules.size === moduleLoadList.length) return
  for (const entry of moduleLoadList) {
    if (nodeModules.has(entry)) continue
    nodeModules.add(entry)
    const name = entry.replace(/^NativeModule /, '')
    if (!builtinModules.includes(name) || name.startsWith('_') || DEPRECATED.has(name)) continue
    const exported: unknown = require(`node:${name}`)
    const specifier = `node:${name}`
    learnNodeExport(exported, { specifier, from: specifier, system: 'cjs', path: [] })
    for (const [key, { value }] of Object.entries(Object.getOwnPropertyDescriptors(exported))) {
      learnNodeExport(value, { specifier, from: specifier, system: 'cjs', path: [key] })
    }
  }
}

/** Touching these prints a warning. */
const DEPRECATED: ReadonlySet<string> = new Set(['punycode', 'sys', 'wasi', 'process', 'constants'])

function learnNodeExport(value: unknown, found: Export): void {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  if (isObject && !nodeExports.has(value)) nodeExports.set(value, found)
}

/** From a module's exports to a value: an export, or a property of one of its objects, classes or prototypes. */
function pathTo(value: object, exported: unknown): readonly string[] | null {
  if (exported === value) return []
  const outer = entriesOf(exported)
  for (const [key, one] of outer) if (one === value) return [key]
  for (const [key, one] of outer) {
    for (const [inner, two] of entriesOf(one)) {
      if (two === value) return [key, inner]
      if (inner !== 'prototype') continue
      for (const [method, three] of entriesOf(two)) if (three === value) return [key, inner, method]
    }
  }
  return null
}

/** Own properties that can be read without running a getter, but for a module's own. */
function entriesOf(holder: unknown): [string, unknown][] {
  if ((typeof holder !== 'object' || holder === null) && typeof holder !== 'function') return []
  const found: [string, unknown][] = []
  for (const key of Object.getOwnPropertyNames(holder)) {
    const descriptor = ownProperty(holder, key)
    if (descriptor && 'value' in descriptor) found.push([key, descriptor.value])
    else if (isReExport(descriptor?.get)) found.push([key, Reflect.get(holder, key)])
  }
  return found
}

/** The getters that compilers write for exports only read a variable. */
function isReExport(getter: unknown): boolean {
  if (typeof getter !== 'function') return false
  return /^(function\s*\(\)\s*\{\s*return\s[^;{}]*;?\s*\}|\(\)\s*=>\s*[\w$.]+|get\s.*\{\s*return\s[^;{}]*;?\s*\})$/.test(
    Function.prototype.toString.call(getter),
  )
}

/** `net.Socket` for the class of that name, from the script that defines it; just the name when Node keeps it to itself. */
export function nodeTypeName(constructor: Function, scriptUrl: string): string {
  const found = nodeExports.get(constructor)
  const module = found?.specifier.slice('node:'.length) ?? (isNodeUrl(scriptUrl) ? scriptUrl.slice('node:'.length) : '')
  return builtinModules.includes(module) ? `${module}.${constructor.name}` : constructor.name
}

/**
 * Where a library's value comes from, found by identity: a function or an object that some loaded module exports is
 * sent as that export, whatever name the user's code knew it by.
 */
import { builtinModules, createRequire } from 'node:module'
import process from 'node:process'
import type { BundleImport } from './bundle.ts'
import { type Found, ownProperty, ownValue } from './descriptor.ts'
import { isNodeUrl, scriptCache, toPath, toUrl } from './scripts.ts'

/** Module and path of a value. */
export interface Export extends BundleImport {
  readonly path: readonly string[]
}

/** ES modules must be imported (they are loaded already) before their exports can be compared; then capture starts again. */
export class ModulesNeeded {
  readonly urls: readonly string[]

  constructor(urls: readonly string[]) {
    this.urls = urls
  }
}

type ExportIndex = Map<unknown, Export>

const namespaces = new Map<string, object>()
const require = createRequire(import.meta.url)

/** Makes the exports of ES modules known; one that fails to load exports nothing. */
export async function learnNamespaces({ urls }: ModulesNeeded): Promise<void> {
  for (const url of urls) {
    const namespace = await import(url).then(
      (found: object) => found,
      () => ({}),
    )
    namespaces.set(url, namespace)
  }
}

interface KnownPackage {
  readonly exports: ExportIndex
  readonly modules: Set<string>
}

const packages = new Map<string, KnownPackage>()

/**
 * An export of the package that the script at `url` belongs to, which is `value`; null when there is none. All modules
 * of the package that are loaded are searched: a class is often made in one and exported by another.
 * @throws ModulesNeeded
 */
export function packageExport(value: object, url: string): Export | null {
  const folder = /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+[/\\]/.exec(url)?.[0]
  if (folder === undefined) return null
  let known = packages.get(folder)
  if (!known) {
    known = { exports: new Map(), modules: new Set() }
    packages.set(folder, known)
  }
  const found = known.exports.get(value)
  if (found) return found
  learnPackage(folder, known)
  return known.exports.get(value) ?? null
}

function learnPackage(folder: string, { exports, modules }: KnownPackage): void {
  const needed: string[] = []
  for (const { url, isModule } of scriptCache.values()) {
    if (!isModule || !url.startsWith(folder) || modules.has(url)) continue
    const namespace = namespaces.get(url)
    if (namespace) {
      modules.add(url)
      learnExports(exports, namespace, { specifier: url, from: url, system: 'esm' })
    } else needed.push(url)
  }
  if (needed.length > 0) throw new ModulesNeeded(needed)
  const path = toPath(folder) ?? folder
  for (const [file, module] of Object.entries(require.cache)) {
    if (!file.startsWith(path) || modules.has(file) || module?.loaded !== true) continue
    modules.add(file)
    learnExports(exports, module.exports, { specifier: file, from: toUrl(file), system: 'cjs' })
  }
}

const nodeExports: ExportIndex = new Map()
const nodeModules = new Set<string>()
/** Touching these prints a warning. */
const DEPRECATED: ReadonlySet<string> = new Set(['punycode', 'sys', 'wasi', 'process', 'constants'])

/** The export of a Node module that is `value`, or null. Only modules that are loaded already are looked at. */
export function nodeExport(value: unknown): Export | null {
  const { moduleLoadList } = process as unknown as { moduleLoadList: readonly string[] }
  for (const entry of nodeModules.size === moduleLoadList.length ? [] : moduleLoadList) {
    if (nodeModules.has(entry)) continue
    nodeModules.add(entry)
    const name = entry.replace(/^NativeModule /, '')
    if (!builtinModules.includes(name) || name.startsWith('_') || DEPRECATED.has(name)) continue
    const exported: unknown = require(`node:${name}`)
    const specifier = `node:${name}`
    learn(nodeExports, exported, { specifier, from: specifier, system: 'cjs', path: [] })
    for (const [key, inner] of entriesOf(exported)) {
      learn(nodeExports, inner, { specifier, from: specifier, system: 'cjs', path: [key] })
    }
  }
  return nodeExports.get(value) ?? null
}

/** A module's exports, and the functions of its objects, classes and prototypes. */
function learnExports(index: ExportIndex, exported: unknown, source: BundleImport): void {
  learn(index, exported, { ...source, path: [] })
  for (const [key, outer] of entriesOf(exported)) {
    learn(index, outer, { ...source, path: [key] })
    if (isNamespace(outer)) continue
    for (const [second, inner] of entriesOf(outer)) {
      if (typeof inner === 'function') learn(index, inner, { ...source, path: [key, second] })
      if (second !== 'prototype') continue
      for (const [third, method] of entriesOf(inner)) {
        if (typeof method === 'function') learn(index, method, { ...source, path: [key, second, third] })
      }
    }
  }
}

function isNamespace(value: unknown): boolean {
  return ownValue(value, Symbol.toStringTag) === 'Module'
}

/** The shortest path is kept. */
function learn(index: ExportIndex, value: unknown, found: Export): void {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  const known = index.get(value)
  if (isObject && (!known || known.path.length > found.path.length)) index.set(value, found)
}

/** Own properties that can be read without running anybody's code, but for the getters that compilers write for exports. */
function entriesOf(holder: unknown): [string, unknown][] {
  if ((typeof holder !== 'object' || holder === null) && typeof holder !== 'function') return []
  const found: [string, unknown][] = []
  for (const key of Object.getOwnPropertyNames(holder)) {
    const property = readProperty(holder, key)
    if (property && 'value' in property) found.push([key, property.value])
    else if (isReExport(property?.get)) found.push([key, Reflect.get(holder, key)])
  }
  return found
}

/** An export that is not initialised yet throws. */
function readProperty(holder: object, key: string): Found | undefined {
  try {
    return ownProperty(holder, key)
  } catch {
    return undefined
  }
}

/** `() => name`, `function () { return module.name; }`: only reads a variable. */
function isReExport(getter: unknown): boolean {
  if (typeof getter !== 'function') return false
  const text = Function.prototype.toString.call(getter)
  return /^(?:function\s*\(\)\s*\{\s*return (?!this)[\w$.[\]]+;?\s*\}|\(\)\s*=>\s*(?!this)[\w$.]+)$/.test(text)
}

/** `net.Socket` for the class of that name, from the script that defines it; just the name when Node keeps it to itself. */
export function nodeTypeName(constructor: Function, scriptUrl: string): string {
  const found = nodeExport(constructor)
  const module = found?.specifier.slice('node:'.length) ?? (isNodeUrl(scriptUrl) ? scriptUrl.slice('node:'.length) : '')
  return builtinModules.includes(module) ? `${module}.${constructor.name}` : constructor.name
}

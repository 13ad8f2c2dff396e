/** Scripts as V8 knows them, by number: numbers are never used twice in a process, so what is learnt stays true. */

import { realpathSync } from 'node:fs'
import type { Debugger, InspectorNotification } from 'node:inspector'
import { createRequire, isBuiltin } from 'node:module'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rootedSpecifier } from './rooted-specifier.ts'

export interface Script {
  /** A file or node URL; empty for code that has none, as from `new Function`. */
  readonly url: string
  readonly sourceMap: string | null
  readonly isModule: boolean
}

export const scriptCache: Map<string, Script> = new Map()

export function learnScripts({ params }: InspectorNotification<Debugger.ScriptParsedEventDataType>): void {
  if (scriptCache.has(params.scriptId)) return
  scriptCache.set(params.scriptId, {
    url: toUrl(params.url),
    sourceMap: params.sourceMapURL ? params.sourceMapURL : null,
    isModule: params.isModule ?? false,
  })
}

/** CommonJS names its scripts by path, ES modules by URL. */
export function toUrl(name: string): string {
  return isAbsolute(name) ? pathToFileURL(name).href : name
}

export function toPath(url: string): string | null {
  try {
    return url.startsWith('file:') ? fileURLToPath(url) : null
  } catch {
    return null
  }
}

/** Where scripts without a file resolve from: the REPL's and `eval`'s rule. */
export function resolutionBase(url: string): string {
  return url.startsWith('file:') ? url : pathToFileURL(join(process.cwd(), 'repl')).href
}

export function isNodeUrl(url: string): boolean {
  return url.startsWith('node:')
}

/** Code of a package travels by reference, the user's own by value; a symlinked workspace package is the user's own. */
export function isPackageUrl(url: string): boolean {
  return /[/\\]node_modules[/\\]/.test(url)
}

const owners = new Map<string, boolean>()

/** Whether a specifier, as the script at `from` would resolve it, names Node or a package rather than the user's code. */
export function isLibrary(specifier: string, from: string): boolean {
  if (isBuiltin(specifier)) return true
  const key = `${from} ${specifier}`
  let answer = owners.get(key)
  if (answer === undefined) {
    answer = ownsLibrary(rootedSpecifier(specifier, from), resolutionBase(from))
    owners.set(key, answer)
  }
  return answer
}

function ownsLibrary(specifier: string, from: string): boolean {
  if (specifier.startsWith('file:') || isAbsolute(specifier))
    return isPackageUrl(realpath(toPath(toUrl(specifier)) ?? ''))
  if (/^\.{1,2}(\/|$)/.test(specifier)) return isPackageUrl(from)
  try {
    return isPackageUrl(realpath(createRequire(from).resolve(specifier)))
  } catch {
    // Not a path alias of the user's bundler if a package of that name is installed: it only has no CommonJS entry.
    return isPackageUrl(packageFolder(specifier, from) ?? '')
  }
}

function realpath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function packageFolder(specifier: string, from: string): string | null {
  const name = /^(@[^/]+\/[^/]+|[^@./#][^/]*)/.exec(specifier)?.[0]
  const start = toPath(from)
  if (name === undefined || start === null) return null
  for (let folder = dirname(start); ; folder = dirname(folder)) {
    try {
      return realpathSync(join(folder, 'node_modules', name))
    } catch {
      if (folder === dirname(folder)) return null
    }
  }
}

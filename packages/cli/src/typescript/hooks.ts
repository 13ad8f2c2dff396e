/**
 * Module hooks that let Node load TypeScript: `.ts` and `.mts` are ES modules, `.cts` is CommonJS. Written without promises of their
 * own, so that they serve both the hooks in this thread that newer Nodes have and those in a thread of their own.
 */
import { readFileSync, statSync } from 'node:fs'
import type { LoadFnOutput, LoadHookContext, ResolveHookContext } from 'node:module'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isInstalled } from './installed.ts'
import { transformTypeScript } from './transform.ts'

/** What is found beside this command where the user's project has none: it may be run without being installed there. */
const OURS = /^(kindling|@kindling\/workflow|@oxc-project\/runtime|zod)(\/|$)/

type Next<C, R> = (specifier: string, context?: Partial<C>) => R

export function resolve<R>(specifier: string, context: ResolveHookContext, next: Next<ResolveHookContext, R>): R {
  const { parentURL } = context
  if (parentURL?.startsWith('file:') && /^\.{1,2}\//.test(specifier)) {
    return next(sourceOf(specifier, parentURL), context)
  }
  if (OURS.test(specifier) && !isInstalled(specifier, folderOf(parentURL)))
    return next(specifier, { ...context, parentURL: import.meta.url })
  return next(specifier, context)
}

export function load<R>(url: string, context: LoadHookContext, next: Next<LoadHookContext, R>): R | LoadFnOutput {
  const extension = /^file:.*\.([cm]?)ts(?:[?#].*)?$/.exec(url)?.[1]
  if (extension === undefined || url.includes('/node_modules/')) return next(url, context)
  const path = fileURLToPath(url)
  const { code, map } = transformTypeScript(shown(path), readFileSync(path, 'utf8'), 'types')
  // A source is named from the place of the module.
  const encoded = Buffer.from(JSON.stringify({ ...map, sources: [url] })).toString('base64')
  return {
    format: extension === 'c' ? 'commonjs' : 'module',
    source: `${code}\n//# sourceMappingURL=data:application/json;base64,${encoded}\n`,
    shortCircuit: true,
  }
}

/** TypeScript is also imported by the name that its compiled file would have, or without an extension. */
function sourceOf(specifier: string, parentURL: string): string {
  const isFile = (name: string): boolean =>
    statSync(new URL(name, parentURL), { throwIfNoEntry: false })?.isFile() === true
  if (isFile(specifier)) return specifier
  const candidates = [specifier.replace(/\.([cm]?)js$/, '.$1ts'), `${specifier}.ts`, `${specifier}/index.ts`]
  return candidates.find((name) => isFile(name)) ?? specifier
}

/** Where an import stands; what is typed at a prompt, in the working directory. */
function folderOf(parentURL: string | undefined): string {
  return parentURL?.startsWith('file:') === true ? dirname(fileURLToPath(parentURL)) : process.cwd()
}

function shown(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}

/** Modules that a worker imports, as the script that the function came from would. */
import { createRequire } from 'node:module'
import process from 'node:process'
import vm from 'node:vm'
import type { BundleImport } from './bundle.ts'

/** The module, resolved from the script that named it. Rejects with Node's error, which names both. */
export async function importModule({ specifier, from, system }: BundleImport): Promise<unknown> {
  if (system === 'cjs') return createRequire(from.startsWith('file:') ? from : import.meta.url)(specifier) as unknown
  return await dynamicImport(from)(specifier)
}

/** `import()` as it works in the script at a URL. */
export function dynamicImport(from: string): (specifier: string, options?: object) => Promise<unknown> {
  silenceLoaderWarning()
  return vm.compileFunction('return import(specifier, options)', ['specifier', 'options'], {
    filename: from,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }) as (specifier: string, options?: object) => Promise<unknown>
}

/** What the module exports at a path. A loader may show names of a CommonJS module that only its default export has. */
export function valueAt(module: unknown, path: readonly string[]): unknown {
  let at = module
  for (const [i, key] of path.entries()) {
    const holder = at as Record<string, unknown>
    at =
      i === 0 && !(key in Object(at)) && 'default' in Object(at)
        ? (holder['default'] as Record<string, unknown>)[key]
        : holder[key]
  }
  return at
}

let isSilenced = false

/** Node calls `USE_MAIN_CONTEXT_DEFAULT_LOADER` experimental, once per thread, on the user's terminal. */
export function silenceLoaderWarning(): void {
  if (isSilenced) return
  isSilenced = true
  const holder = process as { emitWarning: (...args: never[]) => void }
  const { emitWarning } = holder
  holder.emitWarning = (...args: never[]) => {
    if (!String(args[0]).includes('USE_MAIN_CONTEXT_DEFAULT_LOADER')) Reflect.apply(emitWarning, process, args)
  }
}

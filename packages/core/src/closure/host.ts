/** What the module system and loaders give to a script, made for the worker. */
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import type { BundleNode } from './bundle.ts'
import { dynamicImport } from './import-module.ts'
import { rootedSpecifier } from './rooted-specifier.ts'

export function hostValue({ name, url }: BundleNode & { type: 'host' }): unknown {
  switch (name) {
    case 'require':
      return createRequire(url)
    case 'importMeta':
      return importMeta(url)
    case 'dynamicImport':
      return (specifier: string, options?: object) => dynamicImport(url)(rootedSpecifier(specifier, url), options)
    case 'setName':
      return (target: object, value: string) => Object.defineProperty(target, 'name', { value, configurable: true })
    case 'coverage':
      return () => COUNTERS
  }
}

function importMeta(url: string): object {
  const filename = fileURLToPath(url)
  return {
    url,
    filename,
    dirname: dirname(filename),
    resolve: (specifier: string) => createRequire(url).resolve(specifier),
    env: process.env,
  }
}

/** Istanbul's counters count for nobody here: any chain of properties can be read and written. */
const COUNTERS: object = new Proxy(
  {},
  {
    get: (_target, key) => (key === Symbol.toPrimitive ? () => 0 : COUNTERS),
    set: () => true,
  },
)

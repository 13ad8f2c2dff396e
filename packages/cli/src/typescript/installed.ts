/** Which packages a folder's project has, by the rule of ES modules: in a `node_modules` of the folder or of one above. NODE_PATH is not for those. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

export function isInstalled(specifier: string, folder: string): boolean {
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules', name))) return true
    if (at === dirname(at)) return false
  }
}

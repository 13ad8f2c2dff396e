/** Vite's rooted specifiers: a path from the folder that it serves, `/node_modules/x/y.js`, made one that Node resolves. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The same specifier, but as a URL when it is rooted: the root is some folder above the script at URL `from`. */
export function rootedSpecifier(specifier: string, from: string): string {
  if (specifier.startsWith('/@fs/')) return `file://${specifier.slice('/@fs'.length)}`
  const [path = ''] = specifier.split('?')
  if (!path.startsWith('/') || !from.startsWith('file:') || existsSync(path)) return specifier
  for (let folder = dirname(fileURLToPath(from)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, path))) return pathToFileURL(join(folder, path)).href
    if (folder === dirname(folder)) return specifier
  }
}

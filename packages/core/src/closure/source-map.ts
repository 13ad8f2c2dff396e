/** Stack traces in the user's own coordinates, without `--enable-source-maps`. */
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import type { BundleScript } from './bundle.ts'

/** By the URL of the script that was compiled. */
const scripts = new Map<string, { readonly sourceMap: string; map: SourceMap | null | undefined }>()

/** Makes the source maps of a bundle's scripts known; they are read when a stack needs them. */
export function learnSourceMaps(all: readonly BundleScript[]): void {
  for (const { url, sourceMap } of all) {
    if (sourceMap !== null && scripts.get(url)?.sourceMap !== sourceMap) scripts.set(url, { sourceMap, map: undefined })
  }
}

/** The stack with the places in scripts that have a source map replaced by those in their sources. */
export function remapStack(stack: string): string {
  return stack.replace(
    /((?:file:\/\/)?\/[^\s()]+?):(\d+):(\d+)/g,
    (place, url: string, line: string, column: string) => {
      const entry = mapOf(url.startsWith('/') ? `file://${url}` : url)?.findEntry(Number(line) - 1, Number(column) - 1)
      if (!entry || !('originalLine' in entry)) return place
      return `${url}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
    },
  )
}

function mapOf(url: string): SourceMap | null {
  const script = scripts.get(url)
  if (!script) return null
  if (script.map === undefined) script.map = readMap(script.sourceMap, url)
  return script.map
}

/** A map that is missing or broken leaves the stack as it is. */
function readMap(sourceMap: string, url: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(mapText(sourceMap, url)) as ConstructorParameters<typeof SourceMap>[0])
  } catch {
    return null
  }
}

function mapText(sourceMap: string, url: string): string {
  const data = /^data:[^,]*?(;base64)?,/.exec(sourceMap)
  if (!data) return readFileSync(new URL(sourceMap, url), 'utf8')
  const content = sourceMap.slice(data[0].length)
  return data[1] ? Buffer.from(content, 'base64').toString('utf8') : decodeURIComponent(content)
}

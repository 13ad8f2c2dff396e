/** Stack traces in the user's own coordinates, without `--enable-source-maps`. */
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { BundleScript } from './bundle.ts'

/** By the URL of the script that was compiled. */
const scripts = new Map<string, { readonly sourceMap: string; map: SourceMap | null | undefined }>()

/** Makes the source maps of scripts known; they are read when a stack needs them. */
export function learnSourceMaps(all: readonly BundleScript[]): void {
  for (const { url, sourceMap } of all) {
    if (sourceMap !== null && scripts.get(url)?.sourceMap !== sourceMap) scripts.set(url, { sourceMap, map: undefined })
  }
}

/**
 * The stack with every place in a script that has a source map replaced by that in its source. Scripts that were sent
 * without their URL stay `kindling:script/<number>`: the main thread knows them, see `resolveStack`.
 */
export function remapStack(stack: string): string {
  return stack.replace(/(file:\/\/\/[^\s()]+?):(\d+):(\d+)/g, (place, url: string, line: string, column: string) =>
    scripts.has(url) ? originalPlace(url, Number(line), Number(column)) : place,
  )
}

/** `url:line:column`, counted from 1, in the source that the script at `url` was compiled from. */
export function originalPlace(url: string, line: number, column: number): string {
  const entry = mapOf(url)?.findEntry(line - 1, column - 1)
  if (!entry || !('originalLine' in entry)) return `${url}:${line}:${column}`
  return `${sourceUrl(entry.originalSource, url)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
}

/** Sources are named relative to their script, by path, or by URL. */
function sourceUrl(source: string, scriptUrl: string): string {
  try {
    const url = new URL(source, scriptUrl)
    fileURLToPath(url)
    return url.href
  } catch {
    return scriptUrl
  }
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

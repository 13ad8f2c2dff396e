/** An error as people are shown it: with their own lines of its stack, and none of kindling's or of Node's. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const PACKAGES = fileURLToPath(new URL('../..', import.meta.url))

/** The error and where in the user's code it came from. */
export function shownError({ name, message, stack = '' }: Error): string {
  const lines = stack.split('\n').filter((line) => !/^\s+at /.test(line) || !isInner(placeOf(line)))
  return stack === '' ? `${name}: ${message}` : lines.join('\n')
}

/** The user's line in an error: the first frame that is neither Node's nor a package's. Empty when there is none. */
export function frameOf(error: Error): string {
  for (const line of (error.stack ?? '').split('\n')) {
    const place = placeOf(line)
    if (place === null || isInner(place) || place.includes('node_modules')) continue
    const near = relative(process.cwd(), place)
    return near.startsWith('..') ? place : near
  }
  return ''
}

/** `path:line` of a frame; null when the line is none, or of no file. */
function placeOf(line: string): string | null {
  const [, inner, bare] = /^\s+at (?:.*\(([^()]+:\d+):\d+\)|(?:async )?([^()]+:\d+):\d+)$/.exec(line) ?? []
  const given = inner ?? bare
  if (given === undefined) return null
  return given.startsWith('file:') ? decodeURI(new URL(given).pathname) : given
}

function isInner(place: string | null): boolean {
  // Of a frame: Node's own functions have no file.
  if (place === null) return true
  return (
    /^node:|node_modules\/(@kindling\/|kindling\/)/.test(place) ||
    /^(core|workflow)\/(src|dist)\//.test(relative(PACKAGES, place))
  )
}

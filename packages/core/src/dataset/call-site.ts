/** Where in the user's program a verb was called: the first stack frame outside kindling. */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CallSite } from '../plan/call-site.ts'
import { isOwnFrame } from '../run/own-frames.ts'

/** The place of the call that led here. Taking it costs microseconds; reading its text may load source maps. */
export function callSite(): CallSite {
  const holder: { stack?: string } = {}
  const limit = Error.stackTraceLimit
  // The user's frame lies a few calls up, whatever limit the program has set.
  Error.stackTraceLimit = Math.max(limit, 12)
  Error.captureStackTrace(holder, callSite)
  Error.stackTraceLimit = limit
  let text: string | null = null
  return {
    get text() {
      text ??= userFrame(holder.stack ?? '')
      return text
    },
  }
}

function userFrame(stack: string): string {
  for (const line of stack.split('\n')) {
    const match = /^\s+at (?:.*\()?(.+?):(\d+):(\d+)\)?$/.exec(line)
    if (match === null) continue
    const [, location = '', row, column] = match
    const file = location.replace(/^async /, '')
    if (file.startsWith('node:')) continue
    const path = file.startsWith('file:') ? fileURLToPath(file) : file
    if (isOwnFrame(path)) continue
    const near = relative(process.cwd(), path)
    return `${near.startsWith('..') || near === '' ? path : near}:${row}:${column}`
  }
  return ''
}

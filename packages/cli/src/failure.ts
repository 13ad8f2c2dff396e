/** How a failure is told on the terminal: what the user can mend in one line, what their own code threw with its stack. */
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { isTypeScriptError } from './typescript/transform.ts'
import { UsageError } from './usage-error.ts'

/** Errors of kindling, whichever copy of it the program has loaded. Their message says the place and what to do. */
const OURS: ReadonlySet<string> = new Set(['PlanError', 'ClosureError', 'DataError', 'TaskError', 'AbortError'])

export function writeFailure(error: unknown): string {
  if (error instanceof UsageError) return `kindling: ${error.message}`
  if (isTypeScriptError(error)) return `${error.name}: ${error.message}`
  if (!(error instanceof Error)) return inspect(error)
  if (!OURS.has(error.name)) return withoutOwnFrames(inspect(error))
  const text = `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${text}\n${causeOf(error.cause)}` : text
}

const PACKAGE = new URL('..', import.meta.url)

/** The frames of Node and of this command say nothing about the user's program, which is on top of them. */
function withoutOwnFrames(text: string): string {
  const own = ['(node:', ' node:', PACKAGE.href, fileURLToPath(PACKAGE), '/node_modules/commander/']
  const lines: string[] = []
  for (const line of text.split('\n')) {
    if (!/^\s+at /.test(line) || !own.some((place) => line.includes(place))) lines.push(line)
    // The properties of the error begin at the end of its last frame.
    else if (line.endsWith(' {')) lines.push(`${lines.pop() ?? ''} {`)
  }
  return lines.join('\n')
}

/** What the user's function threw: the place in their code is in its stack. */
function causeOf(cause: Error): string {
  return inspect(cause)
    .split('\n')
    .filter((line) => !/^\s+at .*(node:|kindling:stage)/.test(line))
    .map((line) => `  ${line}`)
    .join('\n')
}

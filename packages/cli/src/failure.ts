/** How a failure is told on the terminal: what the user can mend in one line, what their own code threw with its stack. */
import { inspect } from 'node:util'
import { isTypeScriptError } from './typescript/transform.ts'
import { UsageError } from './usage-error.ts'

/** Errors of kindling, whichever copy of it the program has loaded. Their message says the place and what to do. */
const OURS: ReadonlySet<string> = new Set(['PlanError', 'ClosureError', 'DataError', 'TaskError', 'AbortError'])

export function writeFailure(error: unknown): string {
  if (error instanceof UsageError) return `kindling: ${error.message}`
  if (isTypeScriptError(error)) return `${error.name}: ${error.message}`
  if (!(error instanceof Error) || !OURS.has(error.name)) return inspect(error)
  const text = `${error.name}: ${error.message}`
  return error.cause instanceof Error ? `${text}\n${causeOf(error.cause)}` : text
}

/** What the user's function threw: the place in their code is in its stack. */
function causeOf(cause: Error): string {
  return inspect(cause)
    .split('\n')
    .filter((line) => !/^\s+at .*(node:|kindling:stage)/.test(line))
    .map((line) => `  ${line}`)
    .join('\n')
}

/** An error as the prompt shows it: what was typed and what it called, without the frames of the prompt itself. */
import { inspect } from 'node:util'
import { isTypeScriptError } from '../typescript/transform.ts'
import { writeValue } from './display.ts'
import { Cancelled } from './interrupts.ts'

export function writeError(error: unknown): string {
  if (!(error instanceof Error)) return `thrown: ${writeValue(error)}`
  // Nothing but the place would follow, and that is in the message.
  if (isTypeScriptError(error) || error instanceof Cancelled || error.name === 'AbortError') {
    return `${error.name}: ${error.message}`
  }
  return inspect(error)
    .split('\n')
    .filter((line) => !isOwnFrame(line))
    .join('\n')
}

/** Node's own frames, and those of this package. */
function isOwnFrame(line: string): boolean {
  return /^\s+at /.test(line) && (/[( ]node:/.test(line) || line.includes(OWN_FOLDER))
}

const OWN_FOLDER = new URL('../..', import.meta.url).pathname

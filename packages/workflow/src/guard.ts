/**
 * The guard: while tasks run, what one of them does to the whole process fails that task instead of ending all: a call of
 * `process.exit`, an error in a callback, a promise that nobody waits for. Whose it is, the asynchronous context knows; what comes from
 * elsewhere ends the process as ever.
 */
import { inspect } from 'node:util'
import { currentAttempt } from './ambient.ts'

let users = 0
/** What `process.exit` was before. */
let original: PropertyDescriptor | undefined

/** Guards until the function that this returns is called. */
export function guardProcess(): () => void {
  if (users++ === 0) start()
  return () => {
    if (--users === 0) stop()
  }
}

function start(): void {
  const exit = process.exit.bind(process)
  original = Object.getOwnPropertyDescriptor(process, 'exit')
  process.exit = (code) => {
    if (currentAttempt() === null) return exit(code)
    throw new Error(`process.exit(${code ?? ''}) was called, which would end the whole run. Throw an error instead.`)
  }
  process.on('uncaughtException', onStray)
}

function stop(): void {
  if (original !== undefined) Object.defineProperty(process, 'exit', original)
  process.off('uncaughtException', onStray)
}

/** Rejections that nobody handles come here too. */
function onStray(error: unknown): void {
  const attempt = currentAttempt()
  if (attempt !== null) return attempt.onStray(error)
  // Another listener decides; without one it is as if there were none here either.
  if (process.listenerCount('uncaughtException') > 1) return
  process.stderr.write(`${inspect(error)}\n`)
  process.exit(1)
}

/**
 * The exit guard: while tasks run, `process.exit` called by one of them fails that task instead of ending all. Who calls it is known by
 * the asynchronous context; calls from elsewhere end the process as ever.
 */
import { currentAttempt } from './ambient.ts'

let users = 0
/** What `process.exit` was before. */
let original: PropertyDescriptor | undefined

/** Guards until the function that this returns is called. */
export function guardExit(): () => void {
  if (users++ === 0) {
    const exit = process.exit.bind(process)
    original = Object.getOwnPropertyDescriptor(process, 'exit')
    process.exit = (code) => {
      const attempt = currentAttempt()
      if (attempt === null) return exit(code)
      throw new Error(`process.exit(${code ?? ''}) was called, which would end the whole run. Throw an error instead.`)
    }
  }
  return () => {
    users--
    if (users === 0 && original !== undefined) Object.defineProperty(process, 'exit', original)
  }
}

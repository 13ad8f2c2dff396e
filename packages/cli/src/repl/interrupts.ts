/**
 * Ctrl-C at the prompt's process. While an input runs the terminal is not in raw mode, so that Ctrl-C is SIGINT: kindling cancels its
 * jobs, and what waits for anything else is given up. It never ends the session.
 */

/** An input that was given up. What it had started and nothing can cancel may go on. */
export class Cancelled extends Error {
  override readonly name = 'AbortError'

  constructor() {
    super('cancelled by Ctrl-C')
  }
}

/** How long a job may take to say itself that it was cancelled. */
const PATIENCE_MS = 500

export interface Interrupts {
  /** The outcome of `work`, or a rejection when it is interrupted. */
  guard<T>(work: Promise<T>): Promise<T>
  /** Ctrl-C was pressed where nothing that the prompt waits for runs: jobs in the background are cancelled. */
  cancelJobs(): void
}

export function openInterrupts(): Interrupts {
  let interrupted = (): void => {}
  // With a listener of the process's own, kindling cancels its jobs and leaves the rest to it.
  process.on('SIGINT', () => interrupted())
  return {
    async guard(work) {
      // What waits for nothing that Node knows of would end the process.
      const alive = setInterval(() => {}, 2 ** 30)
      let timer: NodeJS.Timeout | undefined
      let isInterrupted = false
      const given = new Promise<never>((_, reject) => {
        interrupted = () => {
          isInterrupted = true
          timer ??= setTimeout(() => reject(new Cancelled()), PATIENCE_MS)
        }
      })
      try {
        return await Promise.race([work, given])
      } catch (error) {
        // What else comes of it then, such as programs that the signal has ended too, is not what the user asks about.
        const isOurs = error instanceof Error && error.name === 'AbortError'
        throw isInterruption(error) || (isInterrupted && !isOurs) ? new Cancelled() : error
      } finally {
        interrupted = () => {}
        clearInterval(alive)
        clearTimeout(timer)
      }
    },
    cancelJobs() {
      process.emit('SIGINT')
    },
  }
}

/** How Node says that SIGINT stopped a script. */
function isInterruption(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED'
}

/**
 * A leash: what ends a child's process group when its owner is gone.
 * A worker thread that is terminated, or a process that is killed, runs no more code of its own; but its end of every pipe closes.
 * So a tiny shell beside each child reads one, and a pipe that closes without a word ends the child and all it started.
 */
import { spawn } from 'node:child_process'

/** Seconds between asking (SIGTERM) and ending (SIGKILL). */
export const GRACE_SECONDS = 1

const WATCH = `read -r word || { kill -TERM "-$1" && sleep ${GRACE_SECONDS} && kill -KILL "-$1"; }`

export interface Leash {
  /** Lets go: the child has ended by itself. */
  release(): void
}

/** Ties a process group to this thread; `group` is undefined when the child did not start. Without /bin/sh it does nothing. */
export function leash(group: number | undefined): Leash {
  if (group === undefined) return { release: () => undefined }
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'kindling-leash', String(group)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Out of reach of a Ctrl-C in the terminal, which ends the owner first.
    detached: true,
  })
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  return {
    release() {
      watcher.stdin.end('done\n')
    },
  }
}

/** Sends a signal to what is left of a process group: nothing, or nothing that we may end, is no error. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

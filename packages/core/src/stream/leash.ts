/**
 * A leash: what ends the process groups of children when their owner is gone.
 * A worker thread that is terminated, or a process that is killed, runs no more code of its own; but its end of every pipe closes.
 * So a tiny shell stands beside the children and reads one: it is told which groups are held, and when the pipe closes it ends those that
 * still are.
 */
import { childProcess } from '../io/on-demand.ts'

/** Seconds between asking (SIGTERM) and ending (SIGKILL). */
export const GRACE_SECONDS = 1

const WATCH = `
held=' '
while read -r word group; do
  case $word in
    hold) held="$held$group " ;;
    free) held="\${held%% $group *} \${held#* $group }" ;;
  esac
done
isAlive=false
for group in $held; do kill -TERM "-$group" && isAlive=true; done
$isAlive || exit 0
sleep ${GRACE_SECONDS}
for group in $held; do kill -KILL "-$group"; done`

export interface SharedLeash {
  /** Ties a process group to this thread; undefined is that of a child that did not start. */
  hold(group: number | undefined): void
  /** Lets a group go: it has ended. */
  free(group: number): void
  /** Lets go of all. */
  close(): void
}

/** Without /bin/sh it does nothing. */
export function openLeash(): SharedLeash {
  const watcher = childProcess().spawn('/bin/sh', ['-c', WATCH, 'kindling-leash'], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Out of reach of a Ctrl-C in the terminal, which ends the owner first.
    detached: true,
  })
  const held = new Set<number>()
  watcher.on('error', () => undefined)
  watcher.stdin.on('error', () => undefined)
  watcher.unref()
  const free = (group: number): void => {
    if (held.delete(group)) watcher.stdin.write(`free ${group}\n`)
  }
  return {
    hold(group) {
      if (group === undefined) return
      held.add(group)
      watcher.stdin.write(`hold ${group}\n`)
    },
    free,
    close() {
      for (const group of held) free(group)
      watcher.stdin.end()
    },
  }
}

export interface Leash {
  /** Lets go: the child has ended by itself. */
  release(): void
}

/** Ties one process group to this thread; undefined is that of a child that did not start. */
export function leash(group: number | undefined): Leash {
  if (group === undefined) return { release: () => undefined }
  const shared = openLeash()
  shared.hold(group)
  return { release: () => shared.close() }
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

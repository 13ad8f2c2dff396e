/**
 * The terminal: the driver's end of the prints of its workers. They go through this process's own `process.stdout` and
 * `process.stderr`, so that a progress bar, a REPL or a test that has taken those over sees them too.
 */
import { brokenPipe } from './interrupt.ts'
import type { PrintMessage, StreamName } from './prints.ts'

/** Streams that nobody reads any more: what is printed to them is dropped. */
const closed: Record<StreamName, boolean> = { stdout: false, stderr: false }
const watched: Record<StreamName, boolean> = { stdout: false, stderr: false }

/** What one worker prints, until the terminal has taken it. */
export interface Terminal {
  write(message: PrintMessage): void
  /** Null when all has been taken, which is nearly always; otherwise a promise of it. */
  drained(): Promise<void> | null
}

/** @param onTaken is told of each message that the terminal has taken, by its size */
export function openTerminal(onTaken: (size: number) => void): Terminal {
  let last: Promise<void> | null = null
  return {
    write(message) {
      const full = new Set<NodeJS.WriteStream>()
      for (const [name, data] of message.pieces) {
        if (!writePiece(name, data)) full.add(process[name])
      }
      if (full.size === 0) {
        onTaken(message.size)
        return
      }
      const waiting: Promise<void> = Promise.all([last, ...[...full].map(nextDrain)]).then(() => {
        onTaken(message.size)
        if (last === waiting) last = null
      })
      last = waiting
    },
    drained: () => last,
  }
}

/** False when the stream wants a rest. One that user code replaced is believed only if it also says so in its state. */
function writePiece(name: StreamName, data: string | Uint8Array): boolean {
  const stream = process[name]
  watch(name, stream)
  if (closed[name]) return true
  try {
    return stream.write(data) || !stream.writableNeedDrain
  } catch {
    return true
  }
}

const drains = new Map<NodeJS.WriteStream, Promise<void>>()

/** Shared by all that wait for a stream: listeners of their own, one for each message, would look like a leak to Node. */
function nextDrain(stream: NodeJS.WriteStream): Promise<void> {
  let drain = drains.get(stream)
  if (drain === undefined) {
    drain = new Promise((resolve) => {
      const done = (): void => {
        for (const event of ['drain', 'close', 'error']) stream.off(event, done)
        drains.delete(stream)
        resolve()
      }
      for (const event of ['drain', 'close', 'error']) stream.on(event, done)
    })
    drains.set(stream, drain)
  }
  return drain
}

/**
 * A reader that has gone (`| head`) must not crash the process with an unhandled 'error' event, as Node does by default:
 * the job is cancelled and the process ends as one that SIGPIPE ends. A listener of the user's own has precedence.
 */
function watch(name: StreamName, stream: NodeJS.WriteStream): void {
  if (watched[name]) return
  watched[name] = true
  stream.on('error', function onError(error: NodeJS.ErrnoException) {
    const hasOtherListeners = stream.listeners('error').some((listener) => listener !== onError && !isOurs(listener))
    if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') {
      closed[name] = true
      if (!hasOtherListeners && name === 'stdout') brokenPipe()
    } else if (!hasOtherListeners) {
      throw error
    }
  })
}

/** `nextDrain` listens for errors too. */
function isOurs(listener: unknown): boolean {
  return typeof listener === 'function' && listener.name === 'done'
}

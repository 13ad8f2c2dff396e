/**
 * Prints: what user code writes to stdout and stderr in a worker, on its way to the terminal.
 * Node's own way gathers them in a thread until its event loop turns, which a running task does not let happen: a million
 * lines would fill its memory and appear at the end. Ours sends pieces at once, on the port that the outcome takes too, so
 * they arrive before it, whatever the stream in order; and a worker that is ahead of the terminal waits.
 */
import { nowMs } from '../io/clock.ts'

export type StreamName = 'stdout' | 'stderr'

/** A message of a worker: pieces in the order they were written; `size` counts characters and bytes. */
export interface PrintMessage {
  readonly type: 'prints'
  readonly pieces: readonly (readonly [StreamName, string | Uint8Array])[]
  readonly size: number
}

export function isPrint(message: unknown): message is PrintMessage {
  return (message as PrintMessage).type === 'prints'
}

/** Pieces are sent when they reach this size, */
const PIECE_SIZE = 1 << 16
/** or when the last ones were sent this long ago, so that a slow task's prints are seen while it runs. */
const PIECE_MS = 50

/**
 * Takes over `process.stdout` and `process.stderr` of this worker.
 * @param send passes a message on, and returns when the terminal is ready for more
 * @returns a function that sends what is still held back; to be called before an outcome is sent
 */
export function capturePrints(send: (message: PrintMessage) => void): () => void {
  let pieces: [StreamName, string | Uint8Array][] = []
  let size = 0
  let sentMs = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  // Held here because user code may replace it.
  const later = setTimeout

  function flush(): void {
    if (size === 0) return
    const message: PrintMessage = { type: 'prints', pieces, size }
    pieces = []
    size = 0
    sentMs = nowMs()
    send(message)
  }

  function write(name: StreamName, chunk: string | Uint8Array): void {
    if (chunk.length === 0) return
    const last = pieces.at(-1)
    if (last !== undefined && last[0] === name && typeof last[1] === 'string' && typeof chunk === 'string') {
      last[1] += chunk
    } else {
      pieces.push([name, chunk])
    }
    size += chunk.length
    if (size >= PIECE_SIZE || nowMs() - sentMs >= PIECE_MS) flush()
    // A task that awaits something lets timers run; its last lines should not wait for its next ones.
    else timer ??= later(onTimer, PIECE_MS).unref()
  }

  function onTimer(): void {
    timer = null
    flush()
  }

  takeOver('stdout', write)
  takeOver('stderr', write)
  process.on('exit', flush)
  return flush
}

/** Replaces the lowest method of a stream, when the stream is first asked for: making one costs, and most tasks print nothing. */
function takeOver(name: StreamName, write: (name: StreamName, chunk: string | Uint8Array) => void): void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called on `process` below
  const getStream = Object.getOwnPropertyDescriptor(process, name)?.get
  if (getStream === undefined) return
  let stream: NodeJS.WriteStream | undefined
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      if (stream === undefined) {
        stream = getStream.call(process) as NodeJS.WriteStream
        stream._write = (chunk: string | Uint8Array, encoding, done) => {
          // A buffer is copied, since its owner may fill it again before the piece is sent.
          const isText = typeof chunk === 'string' && (encoding === 'utf8' || encoding === 'utf-8')
          write(name, isText ? chunk : Uint8Array.from(Buffer.from(chunk as string, encoding)))
          done()
        }
        // Without it, writes that were held back come one by one through `_write`.
        delete (stream as Partial<NodeJS.WriteStream>)._writev
        Object.defineProperty(stream, '_writev', { value: null })
      }
      return stream
    },
  })
}

/** Files of lines as the sort reads and writes them: synchronously, in a thread of its own, a large buffer at a time. */
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { shownPath } from '../io/shown-path.ts'
import type { Keys } from './key-rules.ts'

const NEWLINE = 0x0a
const WRITE_BYTES = 256 * 1024

/** A range of a file whose lines are in order. */
export interface Run {
  readonly path: string
  readonly start: number
  readonly end: number
}

/** Where the line that begins at `from` ends in `bytes[0, filled)`; -1 when its end has not been read. What lies behind is old. */
export function lineEnd(bytes: Buffer, from: number, filled: number): number {
  const at = bytes.indexOf(NEWLINE, from)
  return at < filled ? at : -1
}

/** One line after another. The current one is `bytes[start, end)`, without its end, until `next` is called again. */
export class LineReader {
  bytes: Buffer
  start = 0
  end = 0
  keyEnd = 0
  prefix = 0
  readonly #descriptor: number
  readonly #keys: Keys
  #filled = 0
  #next = 0
  #position: number
  readonly #last: number

  constructor({ path, start, end }: Run, bufferBytes: number, keys: Keys) {
    this.#descriptor = openSync(path, 'r')
    this.#keys = keys
    this.#position = start
    this.#last = end
    this.bytes = Buffer.allocUnsafeSlow(Math.max(1, Math.min(bufferBytes, end - start)))
  }

  /** False at the end. */
  next(): boolean {
    let newline = lineEnd(this.bytes, this.#next, this.#filled)
    while (newline < 0) {
      const held = this.#filled - this.#next
      if (!this.#refill()) {
        if (held === 0) return false
        newline = this.#filled
        break
      }
      newline = lineEnd(this.bytes, held, this.#filled)
    }
    this.start = this.#next
    this.end = newline
    this.#next = Math.min(newline + 1, this.#filled)
    this.keyEnd = this.#keys.endOf(this.bytes, this.start, this.end)
    this.prefix = this.#keys.prefixOf(this.bytes, this.start, this.keyEnd)
    return true
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  /** Moves what is held to the front, makes room for a long line, and reads on; false when there is nothing more. */
  #refill(): boolean {
    if (this.#position === this.#last) return false
    this.bytes.copyWithin(0, this.#next, this.#filled)
    this.#filled -= this.#next
    this.#next = 0
    if (this.#filled === this.bytes.length) {
      const larger = Buffer.allocUnsafeSlow(this.bytes.length * 2)
      this.bytes.copy(larger)
      this.bytes = larger
    }
    const room = Math.min(this.bytes.length - this.#filled, this.#last - this.#position)
    const got = readSync(this.#descriptor, this.bytes, this.#filled, room, this.#position)
    this.#filled += got
    this.#position += got
    return got > 0
  }
}

export class LineWriter {
  readonly #path: string
  readonly #descriptor: number
  readonly #buffer = Buffer.allocUnsafeSlow(WRITE_BYTES)
  #held = 0
  #written = 0

  /** @throws Error with the path, when it cannot be made */
  constructor(path: string) {
    this.#path = path
    this.#descriptor = attempt(path, () => openSync(path, 'w'))
  }

  /** Bytes so far. */
  get bytes(): number {
    return this.#written + this.#held
  }

  write(bytes: Buffer, start: number, end: number): void {
    const length = end - start
    if (length > WRITE_BYTES - this.#held) this.#flush()
    if (length > WRITE_BYTES) {
      this.#put(bytes, start, end)
      return
    }
    // A short copy is cheaper byte by byte than a call into native code.
    if (length > 64) bytes.copy(this.#buffer, this.#held, start, end)
    else for (let i = 0; i < length; i++) this.#buffer[this.#held + i] = bytes[start + i] ?? 0
    this.#held += length
  }

  endLine(): void {
    if (this.#held === WRITE_BYTES) this.#flush()
    this.#buffer[this.#held++] = NEWLINE
  }

  /** Writes the rest and closes. */
  finish(): void {
    this.#flush()
    closeSync(this.#descriptor)
  }

  #flush(): void {
    this.#put(this.#buffer, 0, this.#held)
    this.#held = 0
  }

  #put(bytes: Buffer, start: number, end: number): void {
    for (let from = start; from < end; )
      from += attempt(this.#path, () => writeSync(this.#descriptor, bytes, from, end - from))
    this.#written += end - start
  }
}

function attempt<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const hint =
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'The disk is full: make room, or give another with tmpDir.'
        : 'Check the disk.'
    throw new Error(`${shownPath(path)}: the sort cannot write (${code ?? message}). ${hint}`, { cause: error })
  }
}

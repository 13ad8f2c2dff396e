/**
 * A text part: the file that one task writes, one row a line. Rows gather as text and are encoded a piece at a time; with
 * gzip each piece is a member of its own, and every reader of gzip joins them.
 */
import { gzipSync } from 'node:zlib'
import { DataError } from '../errors.ts'
import { type FileSystem, realFileSystem } from './file-system.ts'
import { shownPath } from './shown-path.ts'

export interface TextPart {
  write(line: string): void
  finish(): { bytesWritten: number }
  /** Closes and removes the file. Never throws; does nothing after `finish`. */
  abort(): void
}

/**
 * Characters gathered before they are written. Measured on Node 20 and 24: 64 Ki are written a fifth faster than 16 Ki or
 * 256 Ki. A gzip member begins without knowledge of the ones before, so these are larger.
 */
const PIECE_LENGTH = { none: 64 * 1024, gzip: 1024 * 1024 }

/** The most bytes of UTF-8 that one UTF-16 code unit becomes. */
const BYTES_PER_UNIT = 3

/** @throws Error with the path and the bytes wanted, when the disk is full or the file can't be written */
export function openTextPart(path: string, compression: 'none' | 'gzip', files: FileSystem = realFileSystem): TextPart {
  const descriptor = attempt(path, 0, () => files.create(path))
  const pieceLength = PIECE_LENGTH[compression]
  const scratch = Buffer.allocUnsafeSlow(pieceLength * BYTES_PER_UNIT)
  let text = ''
  let bytesWritten = 0
  let isOpen = true

  function flush(): void {
    const plain = text.length <= pieceLength ? scratch.subarray(0, scratch.write(text)) : Buffer.from(text)
    text = ''
    const bytes = compression === 'gzip' ? gzipSync(plain) : plain
    for (let from = 0; from < bytes.length; ) {
      from += attempt(path, bytes.length - from, () => files.write(descriptor, bytes, from))
    }
    bytesWritten += bytes.length
  }

  function close(): void {
    isOpen = false
    files.close(descriptor)
  }

  return {
    write(line) {
      // A line of its own piece keeps the text under V8's limit for strings.
      if (text !== '' && text.length + line.length >= pieceLength) flush()
      text += line
      text += '\n'
    },
    finish() {
      // A gzip file without any member would not be one.
      if (text !== '' || (compression === 'gzip' && bytesWritten === 0)) flush()
      attempt(path, 0, () => files.syncFile(descriptor))
      attempt(path, 0, close)
      return { bytesWritten }
    },
    abort() {
      if (!isOpen) return
      ignore(close)
      ignore(() => files.remove(path))
    },
  }
}

/**
 * What a row becomes in a text file: `String(x)` of a primitive, JSON of an object or array.
 * @throws DataError for what has no text
 */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'function') throw new DataError('a function has no text to write. Return a string.')
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Promise) {
    throw new DataError('a promise has no text to write. For a function that returns promises use mapAsync.')
  }
  if (value instanceof Map || value instanceof Set) {
    throw new DataError(
      `a ${value.constructor.name} has no JSON. Return an array or an object, as [...entries] or Object.fromEntries.`,
    )
  }
  const text = jsonOf(value)
  if (text === undefined)
    throw new DataError('an object whose toJSON gives no JSON has no text to write. Return a string.')
  return text
}

function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (error) {
    const [why] = (error as Error).message.split('\n', 1)
    throw new DataError(`a row has no JSON: ${why}. Return a string.`, { cause: error })
  }
}

function attempt<T>(path: string, bytesWanted: number, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const wanted = bytesWanted === 0 ? '' : ` ${bytesWanted} bytes`
    const failure = new Error(`${shownPath(path)}: cannot write${wanted} (${code ?? message}). ${hintFor(code)}`, {
      cause: error,
    })
    throw code === undefined ? failure : Object.assign(failure, { code })
  }
}

function hintFor(code: string | undefined): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'The disk is full: make room, or write to another disk.'
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'Check the permissions of the output directory.'
    case 'ENOENT':
      return 'The output directory was removed while the job ran.'
    default:
      return 'Check the disk.'
  }
}

function ignore(call: () => void): void {
  try {
    call()
  } catch {
    // The file is given up anyway; a leftover goes with the staging directory.
  }
}

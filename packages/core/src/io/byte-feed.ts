/**
 * A byte feed: the bytes of one file from a given offset on, a buffer at a time; of a compressed file, decompressed.
 * Reading is synchronous, which costs a worker nothing and saves a promise per chunk.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { DataError } from '../errors.ts'
import type { FileStamp } from '../plan/source.ts'
import { shownPath } from './shown-path.ts'

export interface ByteFeed {
  /** Fills `into[at, at + length)` from its start; returns how many bytes it filled, 0 at the end only. */
  read(into: Buffer, at: number, length: number): number
  /** @throws DataError if the file has changed since the feed was opened */
  checkUnchanged(): void
  close(): void
  /** Bytes read from the file. */
  readonly bytesRead: number
}

/**
 * Opens a file that was `stamp` when it was listed.
 * @throws DataError if it is another one now, or can't be read
 */
export function openFile(path: string, stamp: FileStamp, start: number): ByteFeed {
  const descriptor = attempt(path, () => openSync(path, 'r'))
  let isOpen = true
  let position = start
  const close = (): void => {
    if (isOpen) closeSync(descriptor)
    isOpen = false
  }
  const feed: ByteFeed = {
    read(into, at, length) {
      const count = attempt(path, () => readSync(descriptor, into, at, length, position))
      position += count
      return count
    },
    checkUnchanged() {
      const now = attempt(path, () => fstatSync(descriptor))
      if (now.size !== stamp.sizeBytes) throw changed(path, `${stamp.sizeBytes} bytes then, ${now.size} now`)
      if (now.mtimeMs !== stamp.modifiedMs) throw changed(path, 'it was written to')
    },
    close,
    get bytesRead() {
      return position - start
    },
  }
  try {
    feed.checkUnchanged()
  } catch (error) {
    close()
    throw error
  }
  return feed
}

export function changed(path: string, how: string): DataError {
  return new DataError(
    `${shownPath(path)}: changed while reading (${how}). Run the job again when nothing writes to it.`,
  )
}

/** Runs a file-system call, turning its error into one about the input. */
function attempt<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw changed(path, 'it is gone')
    if (code === 'EACCES' || code === 'EPERM') {
      throw new DataError(`${shownPath(path)}: cannot be read (${code}). Check its permissions.`, { cause: error })
    }
    throw new DataError(`${shownPath(path)}: cannot be read (${code ?? message}).`, { cause: error })
  }
}

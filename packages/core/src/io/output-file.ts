/** An output file: the one that an attempt writes. It appears new, is written whole and synced, or is removed. */
import { type FileSystem, realFileSystem } from './file-system.ts'
import { shownPath } from './shown-path.ts'

export interface OutputFile {
  write(bytes: Uint8Array): void
  readonly bytesWritten: number
  finish(): void
  /** Closes and removes the file. Never throws; does nothing after `finish`. */
  abort(): void
}

/** @throws Error with the path and the bytes wanted, when the disk is full or the file can't be written */
export function openOutputFile(path: string, files: FileSystem = realFileSystem): OutputFile {
  const descriptor = attempt(path, 0, () => files.create(path))
  let bytesWritten = 0
  let isOpen = true

  function close(): void {
    isOpen = false
    files.close(descriptor)
  }

  return {
    write(bytes) {
      for (let from = 0; from < bytes.length; ) {
        from += attempt(path, bytes.length - from, () => files.write(descriptor, bytes, from))
      }
      bytesWritten += bytes.length
    },
    get bytesWritten() {
      return bytesWritten
    },
    finish() {
      attempt(path, 0, () => files.syncFile(descriptor))
      attempt(path, 0, close)
    },
    abort() {
      if (!isOpen) return
      ignore(close)
      ignore(() => files.remove(path))
    },
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

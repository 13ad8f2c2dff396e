/** What keeps a target from being written, said of the target and not of the names that it has meanwhile. */
import { resolve } from 'node:path'
import { DataError } from './errors.ts'

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, or choose another disk.',
  EACCES: 'Check the permissions of the directory above it.',
  EPERM: 'Check the permissions of the directory above it.',
  EROFS: 'The disk can only be read: choose another one.',
  ENOENT: 'No directory can be made there: choose another path.',
  ENOTDIR: 'Something above it is a file.',
  EEXIST: 'Something above it is a file.',
  EISDIR: 'It is a directory: choose another path.',
  ENAMETOOLONG: 'Choose a shorter name.',
}

/** An error of the file system that says which target it kept from being written; what is none, or is about another file, as it is. */
export function writeError(path: string, error: unknown): unknown {
  const { code, syscall, path: about } = error as NodeJS.ErrnoException
  const hint = syscall === undefined ? undefined : HINTS[code ?? '']
  const isOther = about !== undefined && !about.includes('.kindling-') && !resolve(path).startsWith(about)
  if (hint === undefined || isOther) return error
  return new DataError(`write: cannot write "${path}" (${code}). ${hint}`, { cause: error })
}

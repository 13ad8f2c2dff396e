/**
 * The file system as writing sees it: every call that changes the disk, in one value, so that a test can make the n-th
 * of them fail.
 */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'

export interface FileSystem {
  /** Opens a new file for writing; fails when it exists. */
  create(path: string): number
  /** Writes some of the bytes from that index on; returns how many. */
  write(descriptor: number, bytes: Uint8Array, from: number): number
  /** Bytes and size reach the disk before this returns. */
  syncFile(descriptor: number): void
  close(descriptor: number): void
  /** The same for the names in a directory. */
  syncDirectory(path: string): void
  /** Makes one directory; fails when it exists. */
  makeDirectory(path: string): void
  /** Makes a directory and those above it; the topmost that was made, or undefined when it was there. */
  makeDirectories(path: string, mode?: number): string | undefined
  rename(from: string, to: string): void
  /** Removes a file, or a directory and all in it; nothing there is no error. */
  remove(path: string): void
  removeEmptyDirectory(path: string): void
  /** Names in a directory. */
  list(path: string): readonly string[]
  /** What a path is, itself and not what a link leads to. */
  kindOf(path: string): 'none' | 'directory' | 'link' | 'other'
  /** The path without links; fails when it leads to nothing. */
  resolveLinks(path: string): string
}

/** Codes by which file systems say that they have no fsync of directories. */
const NO_DIRECTORY_SYNC: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM', 'EACCES'])

export const realFileSystem: FileSystem = {
  create: (path) => openSync(path, 'wx'),
  write: (descriptor, bytes, from) => writeSync(descriptor, bytes, from, bytes.length - from),
  syncFile: fsyncSync,
  close: closeSync,
  syncDirectory,
  makeDirectory(path) {
    mkdirSync(path)
  },
  makeDirectories,
  rename: renameSync,
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  removeEmptyDirectory: (path) => rmdirSync(path),
  list: (path) => readdirSync(path),
  kindOf,
  resolveLinks: (path) => realpathSync(path),
}

/** Node's own goes round for ever where a directory that is there takes none, as in /proc or in one that was removed. */
function makeDirectories(path: string, mode: number = 0o777): string | undefined {
  try {
    mkdirSync(path, mode)
    return path
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return undefined
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(path) === path) throw error
  }
  const made = makeDirectories(dirname(path), mode)
  try {
    mkdirSync(path, mode)
  } catch (error) {
    // Another process may have been quicker.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw error
  }
  return made ?? path
}

function syncDirectory(path: string): void {
  let descriptor: number | null = null
  try {
    descriptor = openSync(path, 'r')
    fsyncSync(descriptor)
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has((error as NodeJS.ErrnoException).code)) throw error
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

function kindOf(path: string): 'none' | 'directory' | 'link' | 'other' {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return 'none'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'link' : 'other'
}

/**
 * Listing: the files behind the paths that a user gave, each a file, a directory, a glob, or several with commas between
 * them. What exists by that very name is never taken for a glob or a list.
 */
import { closeSync, lstatSync, openSync, readdirSync, type Stats, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DataError } from '../errors.ts'
import type { Compression, FileStamp } from '../plan/source.ts'
import { expandGlob, isGlob, splitList } from './glob.ts'
import { compressionOf } from './magic.ts'

export interface InputFile {
  /** As the user wrote it: relative when theirs was. */
  readonly path: string
  readonly stamp: FileStamp
  readonly compression: Compression
}

/**
 * The files in the order of the paths, those of a directory or glob sorted by name.
 * @param verb the verb and its place, which errors begin with
 * @throws DataError for a path that leads to nothing, or to what is not a file or can't be read
 */
export function listFiles(verb: string, paths: readonly string[]): InputFile[] {
  return paths.flatMap((path) => filesOf(verb, path))
}

function filesOf(verb: string, given: string): InputFile[] {
  const path = given.startsWith('file://') ? fileURLToPath(given) : given
  if (path.trim() === '')
    throw new DataError(`${verb}: the path is empty, got "${given}". Give a file, a directory or a glob.`)
  if (path.includes('\0')) throw new DataError(`${verb}: the path holds a NUL character, got ${JSON.stringify(given)}.`)
  const stat = look(verb, path)
  if (stat !== null) return filesAt(verb, path, stat)
  const parts = splitList(path)
  if (parts.length > 1) return parts.flatMap((part) => filesOf(verb, part))
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) {
    throw new DataError(`${verb}: "${path}" is not on this machine. Only local files can be read: copy it here first.`)
  }
  if (!isGlob(path)) {
    throw new DataError(`${verb}: "${path}" does not exist (working directory: ${process.cwd()}). Check the path.`)
  }
  const matches = expandGlob(path)
  if (matches.length === 0) {
    throw new DataError(`${verb}: no file matches "${path}" (working directory: ${process.cwd()}). Check the pattern.`)
  }
  return matches.flatMap((match) => filesAt(verb, match, look(verb, match)))
}

/** The file itself, or the files in the directory; `null` when it vanished since it was listed. */
function filesAt(verb: string, path: string, stat: Stats | null): InputFile[] {
  if (stat === null) throw new DataError(`${verb}: "${path}" vanished while it was listed. Run the job again.`)
  if (!stat.isDirectory()) return [fileAt(verb, path, stat)]
  const names = attempt(verb, path, () => readdirSync(path)).filter((name) => !isHidden(name))
  return names.sort().map((name) => {
    const inside = join(path, name)
    const entry = look(verb, inside)
    if (entry === null) throw new DataError(`${verb}: "${inside}" vanished while it was listed. Run the job again.`)
    if (entry.isDirectory()) {
      throw new DataError(
        `${verb}: "${inside}" is a directory inside a directory, got "${path}". Use a glob: "${join(path, '**')}".`,
      )
    }
    return fileAt(verb, inside, entry)
  })
}

function fileAt(verb: string, path: string, stat: Stats): InputFile {
  if (!stat.isFile()) {
    throw new DataError(`${verb}: "${path}" is ${kindOf(stat)}, not a file. Copy what it gives into a file first.`)
  }
  // Opening is the only proof that it can be opened.
  attempt(verb, path, () => closeSync(openSync(path, 'r')))
  const stamp = { sizeBytes: stat.size, modifiedMs: stat.mtimeMs }
  return { path, stamp, compression: compressionOf(path) }
}

/** Files that Hadoop and Spark don't take for data: `_SUCCESS`, `.crc`, `_temporary`. */
function isHidden(path: string): boolean {
  return /^[_.]/.test(basename(path))
}

function kindOf(stat: Stats): string {
  if (stat.isFIFO()) return 'a named pipe'
  if (stat.isSocket()) return 'a socket'
  return 'a device'
}

/** What is at the path, links followed; null when nothing is. */
function look(verb: string, path: string): Stats | null {
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat !== undefined) return stat
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return null
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A file taken for a directory, or a name longer than any file's: nothing is there.
    if (code === 'ENOTDIR' || code === 'ENAMETOOLONG') return null
    throw unreadable(verb, path, error)
  }
  throw new DataError(`${verb}: "${path}" is a link to nothing. Remove it, or make what it leads to.`)
}

function attempt<T>(verb: string, path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw unreadable(verb, path, error)
  }
}

function unreadable(verb: string, path: string, error: unknown): DataError {
  const { code, message } = error as NodeJS.ErrnoException
  const advice = code === 'ELOOP' ? 'It is a link that leads to itself: remove it.' : 'Check its permissions.'
  return new DataError(`${verb}: "${path}" cannot be read (${code ?? message}). ${advice}`, { cause: error })
}

/**
 * Staging: a target is written under another name beside its place and put there by one rename, so that a reader finds the old
 * content, the new, or none. The name tells its owner; what a dead owner left is swept by the next run.
 */
import { existsSync, lstatSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { claim, realFileSystem, sweep } from 'kindling/files'
import { currentAttempt } from './ambient.ts'
import { DataError } from './errors.ts'
import { sweepLocks } from './locks.ts'
import { holdParent } from './parents.ts'
import { writeError } from './write-error.ts'

export type Kind = 'file' | 'directory'

/** A directory target is complete when this file is in it, as in Hadoop. */
export const SUCCESS = '_SUCCESS'

/** What this process is writing at this moment. */
const unfinished = new Set<string>()

/**
 * Gives `use` a path to write to, at which nothing is yet, and puts what it wrote there in the place of `path`. If it throws, or the
 * attempt that called this is over by then, nothing is left and the old content stands.
 * @param shape how to write: `plain`, the path itself; `named`, a path with the target's own file name, for programs that look at it
 */
export async function writeStaged(
  path: string,
  kind: Kind,
  shape: 'plain' | 'named',
  use: (staged: string) => unknown,
): Promise<void> {
  const attempt = currentAttempt()
  try {
    const target = placeOf(path)
    const release = holdParent(target)
    const { staging, old, release: giveUp } = claim(target)
    const staged = shape === 'plain' ? staging : join(staging, basename(target))
    remember(staging)
    try {
      if (shape === 'named') await mkdir(staging)
      await use(staged)
      attempt?.signal.throwIfAborted()
      await checkWritten(path, staged, kind)
      if (kind === 'directory') await replaceDirectory(path, staged, target, old)
      else await rename(staged, target)
    } finally {
      await rm(staging, { recursive: true, force: true })
      forget(staging)
      giveUp()
      release()
    }
  } catch (error) {
    throw writeError(path, error)
  }
}

/** Removes what dead writers left in a directory, with their locks, and puts back what they had moved aside. */
export function sweepDirectory(directory: string): void {
  const names = namesIn(directory)
  const targets = names.flatMap((name) => /^\.(.+)\.kindling-\d/.exec(name)?.[1] ?? [])
  for (const name of new Set(targets)) sweep(realFileSystem, join(resolve(directory), name))
  sweepLocks(directory, names)
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

/** Where a path leads: through a link, what it leads to is written. */
function placeOf(path: string): string {
  const target = resolve(path)
  const isLink = lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() === true
  return isLink && existsSync(target) ? realpathSync(target) : target
}

async function checkWritten(path: string, staged: string, kind: Kind): Promise<void> {
  const stat = lstatSync(staged, { throwIfNoEntry: false })
  if (stat === undefined)
    throw new DataError(`tempPath: nothing was written for "${path}". Write to the path that the function is given.`)
  if (stat.isDirectory() !== (kind === 'directory')) {
    const [is, wanted] = kind === 'file' ? ['a directory', 'file'] : ['a file', 'directory']
    throw new DataError(`tempPath: "${path}" was written as ${is}, but its target is a ${wanted}.`)
  }
  if (kind === 'directory') {
    await writeFile(join(staged, SUCCESS), '')
    for (const entry of await readdir(staged, { withFileTypes: true }))
      if (entry.isFile()) await flush(join(staged, entry.name))
  } else if (stat.isFile()) await flush(staged)
}

/** The bytes reach the disk before the name does: otherwise a power cut could leave a name without content. */
async function flush(path: string): Promise<void> {
  let file: FileHandle | undefined
  try {
    file = await open(path, 'r')
    await file.sync()
  } finally {
    await file?.close()
  }
}

async function replaceDirectory(path: string, staged: string, target: string, old: string): Promise<void> {
  const stands = lstatSync(target, { throwIfNoEntry: false })
  if (stands === undefined) return rename(staged, target)
  if (!stands.isDirectory()) throw new DataError(`dir: "${path}" is a file. Choose another path.`)
  const names = readdirSync(target)
  if (names.length > 0 && !names.includes(SUCCESS))
    throw new DataError(
      `dir: "${path}" holds files but no ${SUCCESS}, so no task made it. Remove it, or choose another path.`,
    )
  await rename(target, old)
  try {
    await rename(staged, target)
  } catch (error) {
    if (!existsSync(target)) await rename(old, target)
    throw error
  }
  await rm(old, { recursive: true, force: true })
}

function remember(staging: string): void {
  if (unfinished.size === 0) process.on('exit', removeUnfinished)
  unfinished.add(staging)
}

function forget(staging: string): void {
  unfinished.delete(staging)
  if (unfinished.size === 0) process.off('exit', removeUnfinished)
}

function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { recursive: true, force: true })
}

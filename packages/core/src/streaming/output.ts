/**
 * An output: where the results of programs become visible, each at once and whole. A program writes a file in the work directory, which lies
 * on the same disk; when it has succeeded, that file gets its name. The next run removes what a killed one left in its work directory.
 */
import {
  closeSync,
  createReadStream,
  createWriteStream,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DataError, PlanError } from '../errors.ts'
import { type FileSystem, realFileSystem } from '../io/file-system.ts'
import { claim, sweep } from '../io/leftovers.ts'
import { zlib } from '../io/on-demand.ts'
import type { ProgramInput } from './inputs.ts'
import type { StreamSettings } from './options.ts'

/** What a job writes: one of the parts of an output, from 0. */
export interface Part {
  readonly index: number
  /** What it is made from, as a hash; empty when that is not known before, as for blocks of standard input. */
  readonly key: string
  readonly input: ProgramInput | null
}

export interface Output {
  /** What the output will be called, for messages and dry runs. */
  nameOf(part: Part): string | null
  /** Where what programs say is kept; null for nowhere. */
  logOf(part: Part): string | null
  /** What an earlier run made of this part; null when it is to be made. */
  keptOf(part: Part): string | null
  /** Until here nothing was changed. Gives the directory where programs write. */
  begin(): string
  /** The part is whole in `file`. */
  commit(part: Part, file: string): Promise<void>
  /** The part will not come: those after it need not wait. */
  skip(part: Part): Promise<void>
  /** All parts are in their places. */
  finish(): Promise<void>
  /** Removes the work directory, and what was made for an output that has nothing in it. Never throws. */
  close(): void
}

export interface OutputOptions {
  readonly settings: StreamSettings
  /** The parts that there will be; null when nobody knows yet. */
  readonly parts: readonly Part[] | null
  /** What identifies the whole job. */
  readonly command: string
  readonly stdout: Writable
}

export interface WorkDirectory {
  readonly path: string
  /** Removes it. */
  close(): void
}

/**
 * A new hidden directory in `parent`; what dead runs left there is removed.
 * @param isShared other runs may work there at the same time
 */
export function openWork(parent: string, isShared: boolean): WorkDirectory {
  const files = realFileSystem
  const made = files.makeDirectories(parent)
  const target = join(parent, 'stream')
  const writer = sweep(files, target)
  if (writer !== null && !isShared)
    throw new PlanError(
      `stream: process ${writer} is writing to "${parent}" at this moment. Wait for it, or choose another path.`,
    )
  const { staging, release } = claim(target)
  mkdirSync(staging)
  return {
    path: staging,
    close() {
      quietly(() => files.remove(staging))
      release()
      if (made !== undefined) removeEmpty(files, parent, made)
    },
  }
}

/** Where what has no output on a disk is kept. */
export function temporaryDirectory({ tmpDir }: StreamSettings): string {
  return tmpDir ?? tmpdir()
}

/** The file, compressed with gzip; one without content stays as it is. */
export async function compressed(file: string): Promise<string> {
  if (statSync(file).size === 0) return file
  await pipeline(createReadStream(file), zlib().createGzip(), createWriteStream(`${file}.gz`))
  rmSync(file)
  return `${file}.gz`
}

/** Gives a finished file its name, once its bytes are on the disk. */
export function putInPlace(file: string, target: string): void {
  explained(target, () => {
    const descriptor = openSync(file, 'r+')
    try {
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    realFileSystem.rename(file, target)
  })
}

export function explained<T>(path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const hint =
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'The disk is full: make room, or choose another.'
        : 'Check the directory.'
    throw new DataError(`stream: cannot write to "${path}" (${code}). ${hint}`, { cause: error })
  }
}

/** Directories that were made for an output, from `path` up to `top`, unless something is in them. */
function removeEmpty(files: FileSystem, path: string, top: string): void {
  quietly(() => {
    for (let at = path; ; at = join(at, '..')) {
      files.removeEmptyDirectory(at)
      if (at === top) return
    }
  })
}

function quietly(call: () => void): void {
  try {
    call()
  } catch {
    // The next run tries again.
  }
}

/**
 * An output directory, written beside its place and put there by one rename: a reader sees the whole output or none of it.
 * The driver owns it; workers write attempts, and the driver makes the first finished attempt of each partition a part.
 * docs/decisions/0003-output-by-one-rename.md has the reasons.
 */
import { dirname, join } from 'node:path'
import { PlanError } from '../errors.ts'
import { type FileSystem, realFileSystem } from './file-system.ts'
import { claim, sweep } from './leftovers.ts'
import { checkPlace, targetOf } from './output-place.ts'

export interface OutputDirectory {
  /** The file that an attempt writes; `extension` is empty or begins with a dot. */
  attemptFile(partition: number, attempt: number, extension: string): string
  /** Makes the attempt the part of its partition. The first one stays; later ones are removed. */
  commitPart(partition: number, attempt: number, extension: string): void
  /** Puts the output in its place. If it can't, nothing is left behind and the old output stands. */
  commit(): void
  /** Leaves nothing behind. Never throws; does nothing after `commit`. */
  abort(): void
}

const ATTEMPTS = '_temporary'

/**
 * Prepares to write, before any work is done.
 * @param inputs the paths that the job reads, as the user gave them
 * @throws PlanError when the path is taken, or replacing it would remove more than an output
 */
export function openOutput(
  verb: string,
  path: string,
  options: { readonly overwrite: boolean },
  inputs: readonly string[],
  files: FileSystem = realFileSystem,
): OutputDirectory {
  return explained(verb, path, () => {
    const target = targetOf(verb, path, files)
    const writer = sweep(files, target)
    if (writer !== null) {
      const who = writer === process.pid ? 'another job of this process' : `process ${writer}`
      throw new PlanError(
        `${verb}: ${who} is writing to "${path}" at this moment. Wait for it, or choose another path.`,
      )
    }
    checkPlace(verb, path, target, options.overwrite, inputs, files)
    return new StagedOutput(verb, path, target, options.overwrite, files)
  })
}

class StagedOutput implements OutputDirectory {
  private readonly verb: string
  private readonly path: string
  private readonly target: string
  private readonly overwrite: boolean
  private readonly files: FileSystem
  private readonly staging: string
  private readonly old: string
  private readonly release: () => void
  /** The topmost directory that was made for the output; undefined when its parent was there. */
  private made: string | undefined
  private readonly committed = new Set<number>()
  private isOpen = true

  constructor(verb: string, path: string, target: string, overwrite: boolean, files: FileSystem) {
    this.verb = verb
    this.path = path
    this.target = target
    this.overwrite = overwrite
    this.files = files
    const { staging, old, release } = claim(target)
    this.staging = staging
    this.old = old
    this.release = release
    try {
      this.made = files.makeDirectories(dirname(target))
      files.makeDirectory(staging)
      files.makeDirectory(join(staging, ATTEMPTS))
    } catch (error) {
      this.abort()
      throw error
    }
  }

  attemptFile(partition: number, attempt: number, extension: string): string {
    return join(this.staging, ATTEMPTS, `${partName(partition)}-attempt-${attempt}${extension}`)
  }

  commitPart(partition: number, attempt: number, extension: string): void {
    const file = this.attemptFile(partition, attempt, extension)
    explained(this.verb, this.path, () => {
      if (this.committed.has(partition)) this.files.remove(file)
      else this.files.rename(file, join(this.staging, `${partName(partition)}${extension}`))
    })
    this.committed.add(partition)
  }

  commit(): void {
    if (!this.isOpen) throw new Error('the output is committed or given up already')
    const { files, staging, target } = this
    try {
      explained(this.verb, this.path, () => {
        files.remove(join(staging, ATTEMPTS))
        files.close(files.create(join(staging, '_SUCCESS')))
        files.syncDirectory(staging)
        this.putInPlace()
      })
    } catch (error) {
      this.abort()
      throw error
    }
    this.isOpen = false
    this.release()
    // The output stands: what fails now is no failure of the job, and the next run removes what is left.
    attempt(() => files.syncDirectory(dirname(target)))
    attempt(() => files.remove(this.old))
  }

  abort(): void {
    if (!this.isOpen) return
    this.isOpen = false
    attempt(() => this.files.remove(this.staging))
    this.release()
    if (this.made === undefined) return
    // Directories made for the output go as well, unless something else is in them by now.
    attempt(() => {
      for (let path = dirname(this.target); ; path = dirname(path)) {
        this.files.removeEmptyDirectory(path)
        if (path === this.made) return
      }
    })
  }

  private putInPlace(): void {
    const { files, staging, target, old } = this
    const kind = files.kindOf(target)
    if (kind === 'none') return this.arrive()
    if (!this.overwrite || kind !== 'directory') throw this.taken()
    files.rename(target, old)
    try {
      files.rename(staging, target)
    } catch (error) {
      // Whatever stands there now was not ours to replace; if nothing does, the old output returns.
      if (files.kindOf(target) === 'none') files.rename(old, target)
      throw isTaken(error) ? this.taken() : error
    }
  }

  private arrive(): void {
    try {
      this.files.rename(this.staging, this.target)
    } catch (error) {
      throw isTaken(error) ? this.taken() : error
    }
  }

  private taken(): PlanError {
    return new PlanError(
      `${this.verb}: "${this.path}" was made by somebody else while the job ran, and stays as it is. Choose another path.`,
    )
  }
}

function partName(partition: number): string {
  return `part-${String(partition).padStart(5, '0')}`
}

/** A rename found something at the place where it should bring the output. */
function isTaken(error: unknown): boolean {
  return ['EEXIST', 'ENOTEMPTY', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')
}

/** Runs file-system calls; what they throw gets the verb and the path. */
function explained<T>(verb: string, path: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    const hint = hints[code] ?? 'Check the directory above it.'
    const failure = new Error(`${verb}: cannot write to "${path}" (${code}). ${hint}`, { cause: error })
    throw Object.assign(failure, { code })
  }
}

const hints: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: make room, or choose another disk.',
  EACCES: 'Check the permissions of the directory above it.',
  EPERM: 'Check the permissions of the directory above it.',
  EROFS: 'The disk can only be read: choose another one.',
  ENOTDIR: 'Something above it is a file.',
  EBUSY: 'It is in use, perhaps as a mount point: write to a directory in it.',
  ENAMETOOLONG: 'Choose a shorter name.',
}

function attempt(call: () => void): void {
  try {
    call()
  } catch {
    // Nothing more can be done here; the next run to this path sweeps.
  }
}

/** A directory as a target: complete when `_SUCCESS` is in it, so that what a dataset saves is one as it is. */
import { readdirSync, statSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pathWithin } from './ambient.ts'
import { SUCCESS, writeStaged } from './staging.ts'
import type { Stamp, Target } from './target.ts'

/** A directory, relative to the working directory or the `cwd` of the run. */
export function dir(path: string): DirTarget {
  return new DirTarget(path)
}

export class DirTarget implements Target {
  readonly path: string

  /** @internal Use `dir`. */
  constructor(path: string) {
    this.path = pathWithin(path)
  }

  async exists(): Promise<boolean> {
    return stat(join(this.path, SUCCESS)).then(
      () => true,
      () => false,
    )
  }

  describe(): string {
    return this.path
  }

  fingerprint(): readonly Stamp[] {
    return this.files().map((path) => {
      const { size, mtimeMs } = statSync(path)
      return { path, sizeBytes: size, modifiedMs: mtimeMs }
    })
  }

  /** The files in it and below, sorted; none whose name begins with `_` or `.`, nor what is in directories named so. */
  files(): readonly string[] {
    return readdirSync(this.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !/(^|\/)[_.]/.test(path.slice(this.path.length)))
      .sort()
  }

  /**
   * Gives the function a path at which to make the directory, and puts what it made in this one's place, with `_SUCCESS` in it.
   *
   *     await output.tempPath((path) => dataset.saveAsTextFile(path))
   */
  async tempPath(use: (path: string) => unknown): Promise<void> {
    await writeStaged(this.path, 'directory', 'named', use)
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

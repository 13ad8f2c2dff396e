/** Files that match a pattern, as a target that something else makes: complete when there are any. */
import { listFiles } from 'kindling/files'
import { pathWithin } from './ambient.ts'
import { DataError } from './errors.ts'
import type { Stamp, Target } from './target.ts'

/** What `textFile(pattern)` of a dataset would read: `*`, `?`, `[a-z]`, `{a,b}`, and `**` for any depth. */
export function glob(pattern: string): GlobTarget {
  return new GlobTarget(pattern)
}

export class GlobTarget implements Target {
  readonly pattern: string

  /** @internal Use `glob`. */
  constructor(pattern: string) {
    this.pattern = pathWithin(pattern)
  }

  exists(): boolean {
    try {
      return this.files().length > 0
    } catch (error) {
      // It says which path leads to nothing.
      if (error instanceof DataError) return false
      throw error
    }
  }

  describe(): string {
    return this.pattern
  }

  fingerprint(): readonly Stamp[] {
    return listFiles('glob', [this.pattern]).map(({ path, stamp }) => ({ path, ...stamp }))
  }

  /** The files that match, sorted. @throws DataError when there are none */
  files(): readonly string[] {
    return listFiles('glob', [this.pattern]).map(({ path }) => path)
  }
}

/**
 * A target: what a task makes and another one reads, a file for example. A task is complete when all its targets exist.
 * Anything with these two methods is one, so that a table or an object in a store can be written as easily as a file.
 */
export interface Target {
  exists(): boolean | Promise<boolean>
  /** What a person calls it: a path, a table's name. Two tasks may not make targets of one description. */
  describe(): string
  /** What its content is now, so that a change is noticed. Without it, only whether the target exists counts. */
  fingerprint?(): Fingerprint | Promise<Fingerprint>
  /** Where it is written, if that is a path: leftovers of dead writers are swept beside it, and a lock stands there. */
  readonly path?: string
  remove?(): void | Promise<void>
}

/** One target, none, or any arrangement of them, which `input` keeps. */
export type Outputs = undefined | Target | readonly Outputs[] | { readonly [name: string]: Outputs }

/** The content of a target, as the files that it consists of, or as one word such as a version or an ETag. */
export type Fingerprint = readonly Stamp[] | string

export interface Stamp {
  readonly path: string
  readonly sizeBytes: number
  readonly modifiedMs: number
}

function isTarget(value: unknown): value is Target {
  if (typeof value !== 'object' || value === null) return false
  const { exists, describe } = value as Partial<Target>
  return typeof exists === 'function' && typeof describe === 'function'
}

/** The targets in any arrangement, in its order. */
export function targetsOf(outputs: unknown): readonly Target[] {
  if (outputs === undefined || outputs === null) return []
  if (isTarget(outputs)) return [outputs]
  if (typeof outputs === 'object') return Object.values(outputs).flatMap(targetsOf)
  throw new TypeError(
    `output: expected targets, got ${typeof outputs}. Return file(…), dir(…) or another target, a list or an object of them.`,
  )
}

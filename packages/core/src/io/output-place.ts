/** The place of an output: whether it is free, or what stands there may be replaced. */
import { dirname, join, relative, resolve } from 'node:path'
import { PlanError } from '../errors.ts'
import type { FileSystem } from './file-system.ts'

/** Spark's of a job that failed; a streaming job's logs, and what one that was killed left. */
const OUTPUT_DIRECTORIES = /^(_temporary|_logs|\.stream\.kindling-.*)$/

/**
 * The absolute path, links resolved: through a link, what it leads to is written.
 * @throws PlanError when the path is none
 */
export function targetOf(verb: string, path: string, files: FileSystem): string {
  // Code that no compiler has checked may leave it out.
  if (typeof path !== 'string')
    throw new PlanError(`${verb}: expected an output path, got ${String(path)}. Give a directory.`)
  if (path.trim() === '') throw new PlanError(`${verb}: the output path is empty, got "${path}". Give a directory.`)
  const target = resolve(path)
  if (dirname(target) === target) throw new PlanError(`${verb}: "${path}" is the root directory. Give another one.`)
  if (files.kindOf(target) !== 'link') return target
  try {
    return files.resolveLinks(target)
  } catch (error) {
    throw new PlanError(`${verb}: "${path}" is a link to nothing. Remove it, or make what it leads to.`, {
      cause: error,
    })
  }
}

/** @throws PlanError when something is there that must not be replaced */
export function checkPlace(
  verb: string,
  path: string,
  target: string,
  overwrite: boolean,
  inputs: readonly string[],
  files: FileSystem,
): void {
  const kind = files.kindOf(target)
  if (kind === 'none') return
  if (kind !== 'directory') throw new PlanError(`${verb}: "${path}" is a file. Choose another path.`)
  if (!overwrite) {
    const advice = 'Pass { overwrite: true } to replace it, or choose another path.'
    throw new PlanError(`${verb}: "${path}" already exists. ${advice}`)
  }
  // The working directory comes without links, the target perhaps through one above it.
  if (isWithin(process.cwd(), files.resolveLinks(target))) {
    throw new PlanError(`${verb}: "${path}" holds the working directory and cannot be replaced. Choose another path.`)
  }
  // What holds directories that no output has, `.git` perhaps, is more than an output.
  const inner = files
    .list(target)
    .find((name) => !OUTPUT_DIRECTORIES.test(name) && files.kindOf(join(target, name)) === 'directory')
  if (inner === undefined) return
  const lost = inputs.find((input) => isWithin(resolve(input), join(target, inner)))
  const what = lost === undefined ? 'which no output does' : `with the input "${lost}"`
  throw new PlanError(
    `${verb}: "${path}" holds the directory "${inner}", ${what}. Remove it yourself, or choose another path.`,
  )
}

function isWithin(path: string, directory: string): boolean {
  const inside = relative(directory, path)
  return inside === '' || !(inside === '..' || inside.startsWith('../'))
}

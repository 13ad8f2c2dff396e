/**
 * What stands beside an output while it is written, and after its writer was killed: `.name.kindling-<owner>-<token>`, the
 * staging directory, and the same with `.old`, an output that is being replaced.
 */
import { basename, dirname, join } from 'node:path'
import type { FileSystem } from './file-system.ts'
import { freshName, type OwnerState, ownerState } from './owner.ts'

const OLD = '.old'

/**
 * Names of the staging directories that this thread writes at this moment; what else bears its name was given up. Names, as a
 * path may be another one through a link; their random part makes them unique.
 */
const active = new Set<string>()

/** A new name for a staging directory beside the output. It counts as in use until `release`. */
export function claim(target: string): { staging: string; old: string; release: () => void } {
  const name = `${prefixOf(target)}${freshName()}`
  const staging = join(dirname(target), name)
  active.add(name)
  return { staging, old: `${staging}${OLD}`, release: () => void active.delete(name) }
}

/**
 * Removes what dead writers of the same output left, and puts an output back that one of them had moved aside without
 * bringing the new one.
 * @returns the number of a process that is writing this output now, or null
 */
export function sweep(files: FileSystem, target: string): number | null {
  const parent = dirname(target)
  const prefix = prefixOf(target)
  let writer: number | null = null
  // Asides come first, so that an output stands again before its unfinished successor goes.
  const names = listOrNone(files, parent).filter((name) => name.startsWith(prefix))
  for (const name of names.sort((a, b) => Number(b.endsWith(OLD)) - Number(a.endsWith(OLD)))) {
    const path = join(parent, name)
    const state = stateOf(name, name.slice(prefix.length))
    if (state === 'alive') writer = Number.parseInt(name.slice(prefix.length), 10)
    if (state !== 'dead') continue
    if (name.endsWith(OLD) && files.kindOf(target) === 'none') putBack(files, path, target)
    else tryRemove(files, path)
  }
  return writer
}

function stateOf(name: string, rest: string): Exclude<OwnerState, 'same'> {
  const staging = name.endsWith(OLD) ? name.slice(0, -OLD.length) : name
  const state = ownerState(rest.replace(/-[0-9a-f]+(\.old)?$/, ''))
  if (state !== 'same') return state
  return active.has(staging) ? 'alive' : 'dead'
}

function putBack(files: FileSystem, old: string, target: string): void {
  try {
    files.rename(old, target)
  } catch (error) {
    // Another run may have put it back at the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function tryRemove(files: FileSystem, path: string): void {
  try {
    files.remove(path)
  } catch {
    // It harms nobody, and the next run tries again.
  }
}

function listOrNone(files: FileSystem, path: string): readonly string[] {
  try {
    return files.list(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

function prefixOf(target: string): string {
  return `.${basename(target)}.kindling-`
}

/**
 * Scratch: the directory of a context's temporary files, and what is done so that it never stays. It goes when the context stops and when the
 * process ends in any way that can be noticed; what a killed process left is removed by the next that makes one.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { freshName, ownerState } from '../io/owner.ts'
import { onDeath } from './interrupt.ts'

const PREFIX = 'kindling-'

export interface Scratch {
  /** Made by whoever writes the first file. */
  readonly directory: string
  /** Removes it with all that is in it. */
  remove(): void
}

const open = new Set<string>()
let isWatching = false

/** @param base the directory for temporary files, of the system or of the user's choice */
export function openScratch(base: string): Scratch {
  const directory = join(base, `${PREFIX}${freshName()}`)
  open.add(directory)
  if (!isWatching) {
    process.on('exit', removeAll)
    onDeath(removeAll)
    isWatching = true
  }
  return {
    directory,
    remove() {
      open.delete(directory)
      tryRemove(directory)
    },
  }
}

/** Removes what processes left that are no more. */
export function sweepScratch(base: string): void {
  for (const name of listed(base)) {
    const owner = new RegExp(`^${PREFIX}(.+)-[0-9a-f]{8}$`).exec(name)?.[1]
    if (owner !== undefined && ownerState(owner) === 'dead') tryRemove(join(base, name))
  }
}

function removeAll(): void {
  for (const directory of open) tryRemove(directory)
}

function listed(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    // Whoever writes there will say so.
    return []
  }
}

function tryRemove(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch {
    // It harms nobody, and the next process tries again.
  }
}

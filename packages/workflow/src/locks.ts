/**
 * Locks: while a task runs, a file beside each of its targets names the process that makes it, so that two runs don't make one target
 * at once. A lock whose owner has died counts for nothing and is taken over.
 */
import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ownerName, ownerState } from 'kindling/files'
import { holdParent } from './parents.ts'
import { writeError } from './write-error.ts'

export type Locked =
  | { readonly type: 'held'; readonly release: () => void }
  /** `by` tells people who has it and which file says so. */
  | { readonly type: 'taken'; readonly by: string }

/** How long a taking-over may take until its process is believed dead as well. */
const TAKEOVER_MS = 2000
const TAKEOVER_LOOK_MS = 20

/** Takes the locks of all paths or none; always in the same order, so that two runs cannot wait for each other. */
export async function lockAll(paths: readonly string[]): Promise<Locked> {
  const releases: (() => void)[] = []
  const release = (): void => {
    for (const undo of releases.toReversed()) undo()
  }
  for (const path of paths.map((path) => resolve(path)).toSorted()) {
    const locked = await lockOf(path)
    if (locked.type === 'taken') {
      release()
      return locked
    }
    releases.push(locked.release)
  }
  return { type: 'held', release }
}

/** The lock stands where the target is to be: what is wrong with that place comes up here first. */
async function lockOf(target: string): Promise<Locked> {
  try {
    return await lock(target)
  } catch (error) {
    throw writeError(target, error)
  }
}

async function lock(target: string): Promise<Locked> {
  const releaseParent = holdParent(target)
  const path = join(dirname(target), `.${basename(target)}.kindling-lock`)
  const text = `${ownerName()}-${randomBytes(4).toString('hex')}`
  const seen = { text: '', sinceMs: 0 }
  for (;;) {
    if (create(path, text)) {
      const release = (): void => {
        if (read(path) === text) rmSync(path, { force: true })
        releaseParent()
      }
      return { type: 'held', release }
    }
    const other = read(path)
    if (other === null) continue
    if (!isDead(other)) {
      releaseParent()
      return { type: 'taken', by: `process ${Number.parseInt(other, 10)} (${path})` }
    }
    if (seen.text !== other) Object.assign(seen, { text: other, sinceMs: performance.now() })
    await takeOver(path, other, performance.now() - seen.sinceMs > TAKEOVER_MS)
  }
}

/** Writes a new lock, whole from the first moment; false when one is there. */
function create(path: string, text: string): boolean {
  // The name is one that sweeping knows, in case that this process ends before the next line but one.
  const draft = `${path.replace(/-lock$/, '')}-${text}`
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

/** @param isStuck whether another process has been at it for too long to be alive */
async function takeOver(path: string, text: string, isStuck: boolean): Promise<void> {
  if (removeDead(path, text)) return
  if (isStuck) rmSync(asideOf(path, text), { force: true })
  else await delay(TAKEOVER_LOOK_MS)
}

/**
 * Removes the lock of a dead process. Whoever links it to a name made of its content may do so; without that, a second process could
 * remove the new lock of the first.
 * @returns false when another process is at it
 */
function removeDead(path: string, text: string): boolean {
  const aside = asideOf(path, text)
  try {
    linkSync(path, aside)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (code === 'EEXIST') return false
    throw error
  }
  if (read(aside) === text) rmSync(path, { force: true })
  rmSync(aside, { force: true })
  return true
}

function asideOf(path: string, text: string): string {
  return `${path}-${text}`
}

/** Removes the locks of dead processes in a directory. */
export function sweepLocks(directory: string, names: readonly string[]): void {
  for (const name of names) {
    if (!name.startsWith('.') || !name.endsWith('.kindling-lock')) continue
    const path = join(directory, name)
    const text = read(path)
    if (text !== null && isDead(text)) removeDead(path, text)
  }
}

function isDead(text: string): boolean {
  return ownerState(text.replace(/-[0-9a-f]+$/, '')) === 'dead'
}

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

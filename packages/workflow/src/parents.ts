/**
 * Parents: the directories above a target. Those that were made for it go again when nothing came of it, but not while another
 * target of this process counts on them.
 */
import { rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { realFileSystem } from 'kindling/files'

interface Held {
  users: number
  /** The topmost directory that was made; undefined when all were there. */
  made: string | undefined
}

const held = new Map<string, Held>()

/** Makes the directory above `path`, and holds it until the function that this returns is called. */
export function holdParent(path: string): () => void {
  const parent = dirname(path)
  const entry = held.get(parent) ?? { users: 0, made: undefined }
  entry.made = realFileSystem.makeDirectories(parent) ?? entry.made
  entry.users++
  held.set(parent, entry)
  let isHeld = true
  return () => {
    if (!isHeld) return
    isHeld = false
    entry.users--
    if (entry.users > 0) return
    held.delete(parent)
    if (entry.made !== undefined) removeEmpty(parent, entry.made)
  }
}

/** From `path` upwards to `top`, as long as nothing is in them and nobody holds them. */
function removeEmpty(path: string, top: string): void {
  for (let current = path; !held.has(current); current = dirname(current)) {
    try {
      rmdirSync(current)
    } catch {
      return
    }
    if (current === top) return
  }
}

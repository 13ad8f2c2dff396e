/**
 * The keys that are asked for, as the kernel reads them: one level for each object that holds some, with the bytes of the keys behind
 * all levels. The form is that of scan.ts in the kernel's sources.
 */
import type { Path } from './kernel.ts'

const ENTRY_BYTES = 24
/** One bit each in a mask of 32. */
const MAX_ENTRIES = 32

interface Level {
  readonly entries: Map<string, { column: number; fields: Level | null }>
  at: number
}

/** Writes the levels of `paths` to `memory[from, to)`; null when they have no room. */
export function keyLevels(
  memory: Buffer,
  view: DataView,
  paths: readonly Path[],
  from: number,
  to: number,
): { readonly root: number; readonly end: number } | null {
  const root = levelOf(paths)
  const levels = [root]
  for (const level of levels) for (const { fields } of level.entries.values()) if (fields !== null) levels.push(fields)
  let at = from
  for (const level of levels) {
    level.at = at
    at += 4 + level.entries.size * ENTRY_BYTES
    if (level.entries.size > MAX_ENTRIES) return null
  }
  for (const level of levels) {
    view.setUint32(level.at, level.entries.size, true)
    let entry = level.at + 4
    for (const [key, { column, fields }] of level.entries) {
      const bytes = Buffer.from(key)
      if (at + bytes.length > to) return null
      bytes.copy(memory, at)
      view.setUint32(entry, at, true)
      view.setUint32(entry + 4, bytes.length, true)
      view.setInt32(entry + 8, column, true)
      view.setUint32(entry + 12, fields === null ? 0 : fields.at, true)
      view.setUint32(entry + 16, fields === null ? 0 : columnsOf(fields, false), true)
      view.setUint32(entry + 20, fields === null ? 0 : columnsOf(fields, true), true)
      at += bytes.length
      entry += ENTRY_BYTES
    }
  }
  return { root: root.at, end: at }
}

function levelOf(paths: readonly Path[]): Level {
  const root: Level = { entries: new Map(), at: 0 }
  for (const [column, path] of paths.entries()) {
    let level = root
    for (const [depth, key] of path.entries()) {
      const entry = level.entries.get(key) ?? { column: -1, fields: null }
      level.entries.set(key, entry)
      if (depth === path.length - 1) entry.column = column
      else {
        entry.fields ??= { entries: new Map(), at: 0 }
        level = entry.fields
      }
    }
  }
  return root
}

/** The columns of a level's own fields, or of all fields below it, as a mask. */
function columnsOf(level: Level, isDeep: boolean): number {
  let mask = 0
  for (const { column, fields } of level.entries.values()) {
    if (column >= 0) mask |= 1 << column
    if (isDeep && fields !== null) mask |= columnsOf(fields, true)
  }
  return mask >>> 0
}

/** Rows that other tasks left as blocks: what a shuffle brought, merged where it is sorted, and partitions that are kept. */
import type { Stretch, TaskInput } from '../plan/task.ts'
import { decodeBlock } from '../shuffle/block.ts'
import { type Cursor, CursorMerge, cursorOver } from '../shuffle/cursor.ts'
import { orderOf } from '../shuffle/pair-sorter.ts'
import { type BlockOwner, readStretches } from '../shuffle/read.ts'
import type { SyncRows } from './rows.ts'
import type { TaskState } from './task-state.ts'

/** The rows of all stretches, a block at a time; of them those in `[from, to)`, where not all are wanted. */
export function stretchRows(
  stretches: readonly Stretch[],
  of: Pick<BlockOwner, 'of' | 'id'>,
  state: TaskState,
  wanted: { readonly from: number; readonly to: number } | null = null,
): SyncRows {
  const reader = readStretches(stretches, ({ origin }) => ({ ...of, origin }))
  state.holders.push(reader)
  let seen = 0
  return {
    isAsync: false,
    advance(push) {
      const rows = reader.next()
      if (rows === null) return false
      const from = wanted === null ? 0 : Math.max(0, wanted.from - seen)
      const to = wanted === null ? rows.length : Math.min(rows.length, wanted.to - seen)
      seen += rows.length
      for (let i = from; i < to; i++) if (!push(rows[i])) return false
      return wanted === null || seen < wanted.to
    },
  }
}

/** Rows pushed by one call of `advance`. */
const BATCH = 1024

/** The rows of sorted runs, merged, as far as their keys lie in the range. */
export function mergedRows(input: TaskInput & { type: 'runs' }, ascending: boolean, state: TaskState): SyncRows {
  const compare = orderOf(ascending)
  const lower = boundOf(input.lower)
  const upper = boundOf(input.upper)
  let merge: CursorMerge | null = null
  let cursors: Cursor[] = []
  let finishedBytes = 0
  state.holders.push({
    get bytesRead() {
      return cursors.reduce((sum, cursor) => sum + cursor.bytesRead, finishedBytes)
    },
    close() {
      for (const cursor of cursors) cursor.close()
    },
  })
  const open = (): CursorMerge => {
    for (const run of input.runs) {
      const cursor = cursorOver(run, ({ origin }) => ({ of: 'shuffle', id: input.shuffle, origin }), input.runs.length)
      cursors.push(cursor)
      // The first block of a run may begin before the range.
      if (lower !== null) while (cursor.row !== undefined && compare(cursor.row[0], lower.key) < 0) cursor.advance()
    }
    return new CursorMerge(cursors, compare)
  }
  return {
    isAsync: false,
    advance(push) {
      merge ??= open()
      for (let i = 0; i < BATCH; i++) {
        const row = merge.take()
        if (row === undefined || (upper !== null && compare(row[0], upper.key) >= 0)) {
          finishedBytes = cursors.reduce((sum, cursor) => sum + cursor.bytesRead, 0)
          for (const cursor of cursors) cursor.close()
          cursors = []
          return false
        }
        if (!push(row)) return false
      }
      return true
    },
  }
}

function boundOf(block: Uint8Array | null): { readonly key: unknown } | null {
  return block === null ? null : { key: decodeBlock(block)[0] }
}

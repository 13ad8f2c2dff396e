/** Sorting the pairs of a partition by key, on disk where memory is short: sorted runs, then one merge. */
import { compareValues } from '../plan/order.ts'
import type { Pair } from '../plan/pair.ts'
import { type Cursor, CursorMerge, cursorOf } from './cursor.ts'
import { SortBuffer } from './sort-buffer.ts'
import { Spill } from './spill.ts'
import type { Workspace } from './workspace.ts'

/** Pairs pushed by one call of `advance`. */
const BATCH = 1024

export class PairSorter {
  readonly #buffer: SortBuffer
  readonly #sign: number
  #spill: Spill | null = null
  #merge: CursorMerge | null = null

  constructor(workspace: Workspace, ascending: boolean) {
    this.#sign = ascending ? 1 : -1
    this.#buffer = new SortBuffer(workspace.taskBytes, ascending, (sorted) => {
      this.#spill ??= new Spill(workspace)
      this.#spill.write(sorted)
    })
  }

  /** Bytes it wrote to disk. */
  get spilledBytes(): number {
    return this.#spill?.bytes ?? 0
  }

  add(pair: Pair): void {
    this.#buffer.add(pair)
  }

  /** Pushes the pairs of the next batch. False when there are no more, or none are wanted. */
  advance(push: (row: unknown) => boolean): boolean {
    this.#merge ??= this.#open()
    return pushMerged(this.#merge, push)
  }

  close(): void {
    this.#spill?.close()
  }

  #open(): CursorMerge {
    const cursors: Cursor[] = [...(this.#spill?.open() ?? []), cursorOf(this.#buffer.take())]
    return new CursorMerge(cursors, orderOf(this.#sign > 0))
  }
}

/** The order of keys. */
export function orderOf(ascending: boolean): (a: unknown, b: unknown) => number {
  return ascending ? compareValues : (a, b) => compareValues(b, a)
}

/** Pushes some of the rows that a merge has left. False when there are no more, or none are wanted. */
function pushMerged(merge: CursorMerge, push: (row: unknown) => boolean): boolean {
  for (let i = 0; i < BATCH; i++) {
    const row = merge.take()
    if (row === undefined || !push(row)) return false
  }
  return true
}

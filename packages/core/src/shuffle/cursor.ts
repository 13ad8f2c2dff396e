/** A cursor: the rows of a sorted run, one at a time, a block of them in memory. */
import type { Stretch } from '../plan/task.ts'
import { type BlockOwner, readStretches } from './read.ts'

export interface Cursor {
  /** The row it stands at; undefined after the last. */
  row: readonly [unknown, unknown] | undefined
  advance(): void
  close(): void
  /** Bytes of blocks read so far. */
  readonly bytesRead: number
}

/** Over rows in memory. */
export function cursorOf(rows: { at(place: number): Cursor['row'] }): Cursor {
  let next = 1
  return {
    row: rows.at(0),
    advance() {
      this.row = rows.at(next++)
    },
    close() {},
    bytesRead: 0,
  }
}

/** Over the blocks of stretches, one after another. It stands at its first row. `atOnce` is how many such cursors are merged. */
export function cursorOver(
  stretches: readonly Stretch[],
  whose: (stretch: Stretch) => BlockOwner | null,
  atOnce: number,
): Cursor {
  const reader = readStretches(stretches, whose, atOnce)
  let rows: unknown[] | null = []
  let next = 0
  const cursor: Cursor = {
    row: undefined,
    advance() {
      while (rows !== null && next >= rows.length) {
        rows = reader.next()
        next = 0
      }
      cursor.row = rows?.[next++] as Cursor['row']
    },
    close: () => reader.close(),
    get bytesRead() {
      return reader.bytesRead
    },
  }
  cursor.advance()
  return cursor
}

/** Merges sorted cursors. Of equal rows those of an earlier cursor come first. */
export class CursorMerge {
  readonly #compare: (a: unknown, b: unknown) => number
  /** A binary heap by first keys; the top is the next. */
  readonly #heap: { readonly cursor: Cursor; readonly place: number }[] = []

  /** @param compare the order of the rows' first items */
  constructor(cursors: readonly Cursor[], compare: (a: unknown, b: unknown) => number) {
    this.#compare = compare
    for (const [place, cursor] of cursors.entries()) {
      if (cursor.row === undefined) continue
      this.#heap.push({ cursor, place })
    }
    for (let i = (this.#heap.length >> 1) - 1; i >= 0; i--) this.#sink(i)
  }

  take(): readonly [unknown, unknown] | undefined {
    const top = this.#heap[0]
    if (top === undefined) return undefined
    const { row } = top.cursor
    top.cursor.advance()
    if (top.cursor.row === undefined) {
      const last = this.#heap.pop()
      if (last !== undefined && this.#heap.length > 0) this.#heap[0] = last
    }
    if (this.#heap.length > 1) this.#sink(0)
    return row
  }

  #sink(from: number): void {
    const heap = this.#heap
    for (let at = from; ; ) {
      const left = 2 * at + 1
      if (left >= heap.length) return
      const right = left + 1
      const least = right < heap.length && this.#isBefore(right, left) ? right : left
      if (!this.#isBefore(least, at)) return
      const moved = heap[at] as (typeof heap)[number]
      heap[at] = heap[least] as (typeof heap)[number]
      heap[least] = moved
      at = least
    }
  }

  #isBefore(a: number, b: number): boolean {
    const x = this.#heap[a] as { cursor: Cursor; place: number }
    const y = this.#heap[b] as { cursor: Cursor; place: number }
    const order = this.#compare(x.cursor.row?.[0], y.cursor.row?.[0])
    return order === 0 ? x.place < y.place : order < 0
  }
}

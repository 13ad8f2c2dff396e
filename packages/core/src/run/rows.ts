/**
 * Rows in motion. They are pushed: `advance` gives the rows of one more batch to `push` and says whether there may be more.
 * A stage without asynchronous steps never awaits. Where user code pulls rows (`mapPartitions`), a queue of one batch stands between.
 */
import type { Push } from '../io/row-source.ts'
import type { Fold } from '../shuffle/combined.ts'
import type { LentGroups } from '../shuffle/table.ts'
import type { TaskState } from './task-state.ts'

export interface SyncRows {
  readonly isAsync: false
  advance(push: Push<unknown>): boolean
  /** Said before the first `advance` by who combines these pairs by key: what is combined on the way may go there as groups. */
  groupInto?(target: GroupTarget): void
}

/** Where pairs are combined by key. */
export interface GroupTarget {
  readonly fold: Fold
  /** Bytes of groups that may be held on the way. */
  readonly mostBytes: number
  /** Called before functions that combine are. */
  enter(): void
  add: Push<unknown>
  /** Takes all that was combined for a key, of which nothing came before. */
  put(key: unknown, combined: unknown): void
  /** Takes all groups there will be, where none came before; else false. */
  lend(groups: LentGroups): boolean
}

export interface AsyncRows {
  readonly isAsync: true
  advance(push: Push<unknown>): Promise<boolean>
}

export type Rows = SyncRows | AsyncRows

/** Rows that are pulled, once, by an iterator. An error of a row is thrown when that row's turn comes. */
export class PulledRows implements IterableIterator<unknown> {
  readonly #rows: SyncRows
  readonly #state: TaskState
  readonly #node: number
  #queue: unknown[] = []
  #next = 0
  #isDone = false
  #failure: { readonly error: unknown } | null = null

  /** @param node the plan node of the function that pulls, which runs on when a row was given */
  constructor(rows: SyncRows, state: TaskState, node: number) {
    this.#rows = rows
    this.#state = state
    this.#node = node
  }

  [Symbol.iterator](): this {
    return this
  }

  next(): IteratorResult<unknown> {
    return this.fill() ? { done: false, value: this.#queue[this.#next++] } : { done: true, value: undefined }
  }

  return(): IteratorResult<unknown> {
    this.#isDone = true
    this.#next = this.#queue.length
    return { done: true, value: undefined }
  }

  /** Whether there is a next row; if so it is at hand. */
  fill(): boolean {
    while (this.#next >= this.#queue.length) {
      if (this.#failure !== null) throw this.#failure.error
      if (this.#isDone) return false
      this.#queue = []
      this.#next = 0
      try {
        this.#isDone = !this.#rows.advance(this.#keep)
      } catch (error) {
        this.#state.freeze(error)
        this.#state.current = null
        this.#failure = { error }
      }
      this.#state.at = this.#node
    }
    return true
  }

  /** The next row, which `fill` said there is. */
  take(): unknown {
    return this.#queue[this.#next++]
  }

  readonly #keep = (row: unknown): boolean => {
    this.#queue.push(row)
    return true
  }
}

/** Pushes all rows. */
export async function drainInto(rows: Rows, push: Push<unknown>): Promise<void> {
  if (rows.isAsync) while (await rows.advance(push));
  else while (rows.advance(push));
}

/** All rows of an asynchronous input, held in memory: for functions that pull rows synchronously. */
export async function gatherRows(rows: AsyncRows): Promise<SyncRows> {
  const held: unknown[] = []
  // One function for all batches: the steps before count and draw on only while rows go to the same place.
  const hold = (row: unknown): boolean => held.push(row) > 0
  await drainInto(rows, hold)
  return rowsOf(held)
}

/** Rows from an iterable, a thousand at a time. */
export function rowsOf(iterable: Iterable<unknown>, onPull?: () => void): SyncRows {
  const batch = 1024
  let iterator: Iterator<unknown> | null = null
  return {
    isAsync: false,
    advance(push) {
      iterator ??= iterable[Symbol.iterator]()
      for (let i = 0; i < batch; i++) {
        onPull?.()
        const next = iterator.next()
        if (next.done === true) return false
        if (!push(next.value)) {
          iterator.return?.()
          return false
        }
      }
      return true
    },
  }
}

/** Keeping the rows of a partition on their way, for datasets that are persisted or checkpointed. */
import { randomHex } from '../io/on-demand.ts'
import type { Push } from '../io/row-source.ts'
import type { StoreTarget } from '../plan/task.ts'
import { BlockBuffer } from '../shuffle/blocks.ts'
import { BlockKeeper, type KeepOptions } from '../shuffle/keep.ts'
import type { Rows } from './rows.ts'
import type { TaskState } from './task-state.ts'

/**
 * The same rows; once the last of them has passed, they are kept. Readers get them decoded from blocks, so that a function that changes
 * its row never changes what is kept: rows are held back here until their block is made. Those of a partition that was not read to its
 * end are not kept.
 */
export function storingRows(rows: Rows, target: StoreTarget, state: TaskState): Rows {
  const keeping = new Keeping(target, state)
  let held: unknown[] = []
  let isRefused = false
  const give = (push: Push<unknown>): boolean => {
    const given = held
    held = []
    isRefused ||= !given.every((row) => push(row))
    return !isRefused
  }
  let out: Push<unknown> | null = null
  let into: Push<unknown> = () => true
  const bind = (push: Push<unknown>): Push<unknown> => {
    if (out !== push) {
      out = push
      into = (row) => {
        held.push(row)
        return keeping.add(row) ? give(push) : true
      }
    }
    return into
  }
  const ended = (more: boolean, push: Push<unknown>): boolean => {
    if (more || isRefused || state.stopped) return more
    keeping.flush()
    if (give(push)) keeping.finish()
    return false
  }
  return rows.isAsync
    ? { isAsync: true, advance: async (push) => ended(await rows.advance(bind(push)), push) }
    : { isAsync: false, advance: (push) => ended(rows.advance(bind(push)), push) }
}

class Keeping {
  readonly #target: StoreTarget
  readonly #state: TaskState
  readonly #keeper: BlockKeeper
  readonly #buffer: BlockBuffer
  #blockCount = 0
  #isGivenUp = false
  #isFinished = false

  constructor(target: StoreTarget, state: TaskState) {
    this.#target = target
    this.#state = state
    const { workspace } = state
    // A name of its own: a partition may be computed twice at a time.
    const partial = target.file === null ? null : `${target.file}.${randomHex(6)}.part`
    this.#keeper = new BlockKeeper(workspace, fileOf(target, partial))
    // What only memory may hold is given up when it would not fit into it.
    const most =
      target.level === 'MEMORY_ONLY' && workspace.sharesMemory ? Number.POSITIVE_INFINITY : workspace.taskBytes
    this.#buffer = new BlockBuffer((block) => {
      this.#blockCount++
      this.#keeper.add(0, block, most)
    })
    state.holders.push({ close: () => this.#close() })
  }

  /** Whether all rows so far are in blocks, or none is to be kept any more. */
  add(row: unknown): boolean {
    if (this.#isGivenUp) return true
    const before = this.#blockCount
    this.#buffer.add(row)
    if (this.#target.level === 'MEMORY_ONLY' && !this.#state.workspace.hasRoomFor(this.#keeper.heldBytes)) {
      this.#isGivenUp = true
      this.#keeper.abort()
    }
    return this.#isGivenUp || this.#blockCount > before
  }

  flush(): void {
    if (!this.#isGivenUp) this.#buffer.flush()
  }

  finish(): void {
    if (this.#isGivenUp || this.#isFinished) return
    this.#isFinished = true
    const kept = this.#keeper.finish(1, this.#buffer.rowCount)
    const { store, partition } = this.#target
    this.#state.stored.push({ store, partition, blocks: kept })
  }

  #close(): void {
    if (!this.#isFinished && !this.#isGivenUp) this.#keeper.abort()
  }
}

function fileOf({ level }: StoreTarget, path: string | null): KeepOptions {
  return level === 'DISK_ONLY' ? { file: { path } } : {}
}

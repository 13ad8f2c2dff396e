/** Spilling: sorted runs that a task writes to a file when its memory is short, and reads again before it ends. */
import { rmSync } from 'node:fs'
import { BlockBuffer, MERGED_AT_ONCE } from './blocks.ts'
import { type Cursor, cursorOver } from './cursor.ts'
import { BlockKeeper } from './keep.ts'
import { stretchesOf } from './stretches.ts'
import type { Workspace } from './workspace.ts'

export class Spill {
  readonly #keeper: BlockKeeper
  #runs = 0
  #cursors: readonly Cursor[] = []
  #path: string | null = null

  constructor(workspace: Workspace) {
    this.#keeper = new BlockKeeper(workspace, { file: { path: null } })
  }

  get bytes(): number {
    return this.#keeper.fileBytes
  }

  /** Writes a run. */
  write(rows: Iterable<unknown>): void {
    const run = this.#runs++
    const buffer = new BlockBuffer((block) => this.#keeper.add(run, block, 0), MERGED_AT_ONCE)
    for (const row of rows) buffer.add(row)
    buffer.flush()
  }

  /** A cursor over each run, in the order they were written. */
  open(): readonly Cursor[] {
    const kept = this.#keeper.finish(this.#runs, 0)
    this.#path = kept.file
    this.#cursors = Array.from({ length: this.#runs }, (_, run) =>
      cursorOver(stretchesOf(kept, run, 0), () => null, this.#runs),
    )
    return this.#cursors
  }

  close(): void {
    for (const cursor of this.#cursors) cursor.close()
    if (this.#path === null) this.#keeper.abort()
    else rmSync(this.#path, { force: true })
  }
}

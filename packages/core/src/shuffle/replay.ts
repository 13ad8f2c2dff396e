/** Rows that are walked again and again: held as they are while they fit into a task's memory, else as blocks. */
import { rmSync } from 'node:fs'
import type { KeptBlocks, Stretch } from '../plan/task.ts'
import { BlockBuffer } from './blocks.ts'
import { BlockKeeper } from './keep.ts'
import { readStretches } from './read.ts'
import { SizeEstimate } from './size.ts'
import { stretchesOf } from './stretches.ts'
import type { Workspace } from './workspace.ts'

export class Replay {
  readonly #workspace: Workspace
  readonly #size = new SizeEstimate()
  #bytes = 0
  #held: unknown[] = []
  #blocks: { readonly keeper: BlockKeeper; readonly buffer: BlockBuffer } | null = null
  #kept: KeptBlocks | null = null
  #stretches: readonly Stretch[] = []

  constructor(workspace: Workspace) {
    this.#workspace = workspace
  }

  get spilledBytes(): number {
    return this.#kept?.bytes ?? 0
  }

  add(row: unknown): true {
    if (this.#blocks !== null) this.#blocks.buffer.add(row)
    else {
      this.#held.push(row)
      this.#bytes += 8 + this.#size.add(row)
      if (this.#bytes > this.#workspace.taskBytes) this.#moveOut()
    }
    return true
  }

  /** Gives every row; false as soon as `push` refuses one. No row can be added after it. */
  each(push: (row: unknown) => boolean): boolean {
    for (const row of this.#held) if (!push(row)) return false
    if (this.#blocks === null) return true
    if (this.#kept === null) {
      this.#blocks.buffer.flush()
      this.#kept = this.#blocks.keeper.finish(1, 0)
      this.#stretches = stretchesOf(this.#kept, 0, 0)
    }
    const reader = readStretches(this.#stretches, () => null)
    try {
      for (let rows = reader.next(); rows !== null; rows = reader.next()) {
        for (const row of rows) if (!push(row)) return false
      }
      return true
    } finally {
      reader.close()
    }
  }

  close(): void {
    if (this.#kept === null) this.#blocks?.keeper.abort()
    else if (this.#kept.file !== null) rmSync(this.#kept.file, { force: true })
    this.#held = []
  }

  #moveOut(): void {
    const keeper = new BlockKeeper(this.#workspace, { file: { path: null } })
    const buffer = new BlockBuffer((block) => keeper.add(0, block, 0))
    for (const row of this.#held) buffer.add(row)
    this.#held = []
    this.#blocks = { keeper, buffer }
  }
}

/** What is known of a running task when something in it fails: the step that was running and the row it was running on. */
import type { RowSource } from '../io/row-source.ts'
import type { Place, StoredPartition } from '../plan/task.ts'
import type { Workspace } from '../shuffle/workspace.ts'

export interface Location {
  /** The plan node of the step that was running; -1 before the first. */
  readonly node: number
  readonly place: Place | null
  readonly record: string | null
}

/** A part of a task that reads blocks of other tasks, or spills. */
export interface BlockHolder {
  readonly bytesRead?: number
  readonly spilledBytes?: number
  close(): void
}

/** Takes lines as UTF-8, each with its LF, and how many they are. */
export type LineSink = (bytes: Uint8Array, count: number) => void

export class TaskState {
  /** The plan node whose function runs now: stored by the fused loop before each call. */
  at = -1
  /** The source that is pushing a row now. */
  current: RowSource | null = null
  /** No more rows are wanted: the sink refused one. */
  stopped = false
  /** Bad rows that were dropped. */
  rowsSkipped = 0
  /** Every source of the task, to be counted and closed. */
  readonly sources: RowSource[] = []
  /** What holds blocks or files, to be counted and closed. */
  readonly holders: BlockHolder[] = []
  /** Partitions that were kept on the way. */
  readonly stored: StoredPartition[] = []
  /** Takes whole lines as bytes, and how many; null where the sink takes values only. */
  lines: LineSink | null = null
  /** Where rows may be held. */
  readonly workspace: Workspace
  #frozen: { readonly error: unknown; readonly location: Location } | null = null

  constructor(workspace: Workspace) {
    this.workspace = workspace
  }

  /** Keeps the location of an error that will be thrown on later, after the rows before it were used. */
  freeze(error: unknown): void {
    this.#frozen = { error, location: this.#locate() }
  }

  locationOf(error: unknown): Location {
    return this.#frozen !== null && this.#frozen.error === error ? this.#frozen.location : this.#locate()
  }

  #locate(): Location {
    const source = this.current
    return { node: this.at, place: source?.place() ?? null, record: source?.preview() ?? null }
  }
}

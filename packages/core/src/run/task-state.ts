/** What is known of a running task when something in it fails: the step that was running and the row it was running on. */
import type { RowSource } from '../io/row-source.ts'
import type { Place } from '../plan/task.ts'

export interface Location {
  /** The plan node of the step that was running; -1 before the first. */
  readonly node: number
  readonly place: Place | null
  readonly record: string | null
}

export class TaskState {
  /** The plan node whose function runs now: stored by the fused loop before each call. */
  at = -1
  /** The source that is pushing a row now. */
  current: RowSource | null = null
  /** No more rows are wanted: the sink refused one. */
  stopped = false
  /** Every source of the task, to be counted and closed. */
  readonly sources: RowSource[] = []
  #frozen: { readonly error: unknown; readonly location: Location } | null = null

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

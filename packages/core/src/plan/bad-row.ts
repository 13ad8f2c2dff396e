/** A bad row: one that cannot be read, or that its schema refuses. What is done with it is the user's choice. */

/** `error`: the job fails. `skip`: the row is dropped and counted. `collect`: good rows and bad ones come out, told apart. */
export type OnBadRow = 'error' | 'skip' | 'collect'

/** What rows become under `onBadRow: 'collect'`. */
export type CheckedRow<T> = GoodRow<T> | BadRow

export interface GoodRow<T> {
  readonly ok: true
  readonly value: T
}

export interface BadRow {
  readonly ok: false
  /** What is wrong with it, and where inside the row. */
  readonly error: string
  readonly file: string
  /** The line on which it begins, from 1; in a Parquet file the row. */
  readonly line: number
  /** The row as it stands in the file. */
  readonly text: string
}

/** What a reader gives in place of a row that it cannot read. */
export class BadRecord {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

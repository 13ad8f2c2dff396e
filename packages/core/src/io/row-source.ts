/**
 * A row source: the rows of one split, pushed chunk by chunk into the first step of a task.
 * Pulling a chunk and pushing its rows keeps the loop over rows in one place and free of promises and iterators.
 */
import type { Place } from '../plan/task.ts'

/** Takes a row; false says that no more rows are wanted. */
export type Push<T> = (row: T) => boolean

export interface RowSource {
  /** Awaited before each `advance`, where a source must wait for its rows. */
  load?(): Promise<void>
  /** Pushes the rows of the next chunk. False when there are no more rows, or none are wanted. */
  advance(push: Push<unknown>): boolean
  /** Where the row that is being pushed, or was pushed last, began. May read the file again: it is asked only after a failure. */
  place(): Place | null
  /** The start of that row as text, `PREVIEW_LENGTH` characters unless said otherwise. */
  preview(length?: number): string | null
  close(): void
  /** Rows pushed so far. */
  readonly rowsRead: number
  /** Bytes of files read so far, before decompression. */
  readonly bytesRead: number
  /** Rows that compiled steps left to V8; none where no step is compiled. */
  readonly rowsBailed?: number
}

/** How many characters of a row a failure shows. */
export const PREVIEW_LENGTH = 200

/** Sizes that only tests change. */
export interface ReadSizes {
  /** Bytes read and decoded at once. */
  readonly chunkBytes: number
  /** The longest line, in bytes. */
  readonly maxLineBytes: number
}

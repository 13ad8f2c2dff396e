/** A text format: how a sink writes rows as lines. Plain data; the writer for each is in `io/`. */

export type TextFormat =
  /** Strings as they are, other primitives by `String`, objects and arrays as JSON. */
  | { readonly type: 'text' }
  /** One JSON value a line. */
  | { readonly type: 'json' }
  | CsvFormat

export interface CsvFormat {
  readonly type: 'csv'
  /** Whether each part begins with the names of its columns; null: when it has names. */
  readonly header: boolean | null
  /** One ASCII character. */
  readonly delimiter: string
  /** The columns and their order; null: those of the first row of the part. */
  readonly columns: readonly string[] | null
}

/** How a part is compressed. */
export type PartCompression = 'none' | 'gzip' | 'zstd'

/** What the name of a part ends with. */
export const COMPRESSION_SUFFIX: Readonly<Record<PartCompression, string>> = { none: '', gzip: '.gz', zstd: '.zst' }

/** A source: where rows come from, and a split, the part of a source that one task reads. */

import type { CsvDialect } from './csv-dialect.ts'

export type Source =
  /** Lines of text files. `paths` are files, directories or globs. */
  | { readonly type: 'text'; readonly paths: readonly string[]; readonly minPartitions: number | undefined }
  /** Records of CSV files, or a `BadRecord` for what is none. */
  | {
      readonly type: 'csv'
      readonly paths: readonly string[]
      readonly minPartitions: number | undefined
      readonly dialect: CsvDialect
    }
  /** Rows of Parquet files; `columns` are those wanted, null for all. */
  | { readonly type: 'parquet'; readonly paths: readonly string[]; readonly columns: readonly string[] | null }
  /** One `[path, content]` row per file. */
  | { readonly type: 'wholeText'; readonly paths: readonly string[] }
  /** The user's own rows, cut into `sliceCount` slices. */
  | { readonly type: 'items'; readonly items: readonly unknown[]; readonly sliceCount: number }
  | StreamSource
  /** `start + i * step` for `i` in `[0, count)`. */
  | {
      readonly type: 'range'
      readonly start: number
      readonly step: number
      readonly count: number
      readonly sliceCount: number
    }
  | { readonly type: 'empty' }

/** What an iterable gives, read once, in `sliceCount` slices. */
export interface StreamSource {
  readonly type: 'stream'
  readonly rows: AsyncIterable<unknown> | Iterable<unknown>
  readonly sliceCount: number
}

/** How a file is compressed. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'bzip2'

/** Size and time of a file when it was split; a reader that finds another refuses to go on. */
export interface FileStamp {
  readonly sizeBytes: number
  readonly modifiedMs: number
}

/** What one task reads of a source. Plain data: it travels as JSON with bytes beside it. */
export type Split = LinesSplit | CsvSplit | ParquetSplit | WholeTextSplit | RowsSplit | RangeSplit

/**
 * The lines that *start* in `(start, end]`, in the first split of a file also the one at 0.
 * A compressed file is one split, `[0, Infinity)` written as `end: -1`.
 */
export interface LinesSplit {
  readonly type: 'lines'
  readonly path: string
  readonly start: number
  /** Byte offset; -1 stands for the end of a compressed file, whose length is not known. */
  readonly end: number
  readonly compression: Compression
  readonly stamp: FileStamp
}

/** The records in the bytes `[start, end)`, which are whole records; of a compressed file, all of them. */
export interface CsvSplit {
  readonly type: 'csv'
  readonly path: string
  readonly start: number
  readonly end: number
  readonly compression: Compression
  readonly stamp: FileStamp
  readonly dialect: CsvDialect
}

/** A row group of a Parquet file. */
export interface ParquetSplit {
  readonly type: 'parquet'
  readonly path: string
  readonly stamp: FileStamp
  /** From 0. */
  readonly group: number
  /** Rows of the file before the group. */
  readonly firstRow: number
  readonly columns: readonly string[] | null
}

export interface WholeTextSplit {
  readonly type: 'wholeText'
  readonly path: string
  readonly compression: Compression
  readonly stamp: FileStamp
}

/** Rows as blocks of the row codec. */
export interface RowsSplit {
  readonly type: 'rows'
  readonly blocks: readonly Uint8Array[]
}

/** `start + i * step` for `i` in `[from, to)`: the index, not a running sum, so that no error builds up. */
export interface RangeSplit {
  readonly type: 'range'
  readonly start: number
  readonly step: number
  readonly from: number
  readonly to: number
}

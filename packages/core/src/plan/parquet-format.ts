/** How a sink writes Parquet. Plain data. */

/** What a column may hold; every one may also hold null. */
export type ParquetType = (typeof PARQUET_TYPES)[number]

export const PARQUET_TYPES = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'DOUBLE',
  'STRING',
  'TIMESTAMP',
  'BYTE_ARRAY',
  'JSON',
] as const

export type ParquetCodec = 'none' | 'snappy' | 'gzip' | 'zstd'

export interface ParquetFormat {
  /** The columns and their types; null: what the first row group of each part says. */
  readonly columns: Readonly<Record<string, ParquetType>> | null
  readonly codec: ParquetCodec
  /** Rows of a row group, the last of a part apart. */
  readonly groupRows: number
}

/** A Parquet part: the file that one task writes, a row group at a time. Without rows or columns given there is no file: nothing says its columns. */
import { createRequire } from 'node:module'
import type * as hyparquetWriter from 'hyparquet-writer'
import type { ByteWriter, ParquetWriteOptions, ParquetWriter } from 'hyparquet-writer'
import type { ParquetCodec, ParquetFormat } from '../plan/parquet-format.ts'
import type { FileSystem } from './file-system.ts'
import { zlib } from './on-demand.ts'
import { type OutputFile, openOutputFile } from './output-file.ts'
import { type Columns, columnsOf, inferColumns } from './parquet-columns.ts'

export interface ParquetPart {
  write(row: unknown): void
  finish(): { bytesWritten: number }
  /** Closes and removes the file. Never throws; does nothing after `finish`. */
  abort(): void
}

const CODECS = { none: 'UNCOMPRESSED', snappy: 'SNAPPY', gzip: 'GZIP', zstd: 'ZSTD' } as const satisfies Record<
  ParquetCodec,
  string
>

/** @throws Error with the path, when the disk is full or the file can't be written */
export function openParquetPart(path: string, format: ParquetFormat, files?: FileSystem): ParquetPart {
  const { groupRows, codec } = format
  let rows: unknown[] = []
  let open: { readonly file: OutputFile; readonly columns: Columns; readonly group: GroupWriter } | null = null

  const begin = (): NonNullable<typeof open> => {
    if (open !== null) return open
    const columns = format.columns === null ? inferColumns(rows) : new Map(Object.entries(format.columns))
    const file = openOutputFile(path, files)
    open = { file, columns, group: openGroups(columns, codec, (bytes) => file.write(bytes)) }
    return open
  }
  const flush = (): void => {
    const { columns, group } = begin()
    group.write(columnsOf(rows, columns, format.columns === null))
    rows = []
  }

  return {
    write(row) {
      if (rows.push(row) >= groupRows) flush()
    },
    finish() {
      if (rows.length > 0) flush()
      if (open === null && format.columns === null) return { bytesWritten: 0 }
      const { file, group } = begin()
      group.finish()
      file.finish()
      return { bytesWritten: file.bytesWritten }
    },
    abort: () => open?.file.abort(),
  }
}

interface GroupWriter {
  write(columns: ParquetWriteOptions['columnData']): void
  finish(): void
}

function openGroups(columns: Columns, codec: ParquetCodec, write: (bytes: Uint8Array) => void): GroupWriter {
  // Loaded by the first task that writes such a file.
  const library = createRequire(import.meta.url)('hyparquet-writer') as typeof hyparquetWriter
  const bytes: ByteWriter = new library.ByteWriter()
  const flush = (): void => {
    write(bytes.getBytes())
    // The offset goes on; the buffer is used again.
    bytes.index = 0
  }
  const schema = library.schemaFromColumnData({
    columnData: Array.from(columns, ([name, type]) => ({ name, type, data: [] })),
  })
  const { gzipSync, zstdCompressSync } = zlib()
  const writer: ParquetWriter = new library.ParquetWriter({
    writer: bytes,
    schema,
    codec: CODECS[codec],
    compressors: {
      GZIP: (page) => gzipSync(page),
      ...(zstdCompressSync !== undefined && { ZSTD: (page: Uint8Array) => zstdCompressSync(page) }),
    },
    createdBy: 'kindling',
  })
  return {
    write(columnData) {
      // Synchronous, as the bytes are written where nothing is awaited.
      void writer.write({ columnData, rowGroupSize: columnData[0]?.data.length ?? 1 })
      flush()
    },
    finish() {
      void writer.finish()
      flush()
    },
  }
}

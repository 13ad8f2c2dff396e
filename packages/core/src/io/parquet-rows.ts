/** Rows of Parquet: those of one row group, which is read and decoded as a whole, as the format wants it. */
import type { ColumnMetaData, Compressors } from 'hyparquet'
import { DataError } from '../errors.ts'
import type { ParquetSplit } from '../plan/source.ts'
import { objectMaker } from './object-maker.ts'
import { zlib } from './on-demand.ts'
import { columnRange, readFooter, readRange, refusal, topColumns } from './parquet-footer.ts'
import { previewOf } from './preview.ts'
import type { RowSource } from './row-source.ts'
import { shownPath } from './shown-path.ts'

/** Rows pushed by one call of `advance`. */
const CHUNK_ROWS = 4096

export function openParquet(split: ParquetSplit): RowSource {
  let rows: readonly unknown[] = []
  let rowOf: (fields: readonly unknown[]) => object = (fields) => fields
  let next = 0
  let current: unknown
  let bytesRead = 0
  let isLoaded = false
  return {
    async load() {
      if (isLoaded) return
      isLoaded = true
      const group = await readGroup(split)
      rows = group.rows
      rowOf = objectMaker(group.names)
      bytesRead = group.bytesRead
    },
    advance(push) {
      const end = Math.min(rows.length, next + CHUNK_ROWS)
      while (next < end) {
        current = rowOf(rows[next++] as readonly unknown[])
        if (!push(current)) return false
      }
      return next < rows.length
    },
    // The number of the row stands for that of a line.
    place: () => (next === 0 ? null : { path: split.path, byteOffset: -1, line: split.firstRow + next }),
    preview: (length) => (next === 0 ? null : previewOf(current, length)),
    close() {},
    get rowsRead() {
      return next
    },
    get bytesRead() {
      return bytesRead
    },
  }
}

interface Group {
  readonly names: readonly string[]
  /** The fields of each row, in the order of the names. */
  readonly rows: readonly unknown[]
  readonly bytesRead: number
}

async function readGroup({ path, stamp, group, firstRow, columns }: ParquetSplit): Promise<Group> {
  const metadata = readFooter(path, stamp)
  const rowGroup = metadata.row_groups[group]
  if (rowGroup === undefined) throw refusal(path, `it has no row group ${group}`)
  const all = topColumns(metadata)
  const names = columns ?? [...all.keys()]
  const missing = names.find((name) => !all.has(name))
  if (missing !== undefined) {
    const advice = `Its columns are ${Array.from(all.keys(), (name) => JSON.stringify(name)).join(', ')}.`
    throw new DataError(`${shownPath(path)}: has no column ${JSON.stringify(missing)}. ${advice}`)
  }
  // Loaded by the first task that reads such a file.
  const [{ parquetRead }, decompressors, { checkPages }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
    import('./parquet-pages.ts'),
  ])
  const compressors = { ...decompressors.compressors, ...nativeCompressors() }
  let bytesRead = 0
  const slice = (start: number, end: number = stamp.sizeBytes): ArrayBuffer => readRange(path, stamp, start, end)
  try {
    for (const { meta_data } of rowGroup.columns) {
      // The footer was checked: each column has it.
      const column = meta_data as ColumnMetaData
      if (!names.includes(column.path_in_schema[0] ?? '')) continue
      const { start, end } = columnRange(column)
      bytesRead += end - start
      checkPages(path, metadata, rowGroup, column, slice(start, end), compressors)
    }
    let rows: readonly unknown[] = []
    await parquetRead({
      file: { byteLength: stamp.sizeBytes, slice },
      metadata,
      rowStart: firstRow,
      rowEnd: firstRow + Number(rowGroup.num_rows),
      columns: [...names],
      rowFormat: 'array',
      compressors,
      // Bytes that are not said to be text stay bytes.
      utf8: false,
      geoparquet: false,
      onComplete(complete) {
        rows = complete
      },
    })
    const nested = names.map((name) => all.get(name) === true)
    for (const [i, row] of rows.entries()) fillNulls(row as unknown[], nested, path, firstRow + i + 1)
    return { names, rows, bytesRead }
  } catch (error) {
    if (error instanceof DataError) throw error
    throw refusal(path, `row group ${group}: ${(error as Error).message}`, error)
  }
}

/**
 * The library gives undefined for a null that would hold others, and for what a damaged page lacks.
 * @throws DataError for a column of plain values that has none in a row
 */
function fillNulls(row: unknown[], nested: readonly boolean[], path: string, rowNumber: number): void {
  for (let i = row.indexOf(undefined); i >= 0; i = row.indexOf(undefined, i + 1)) {
    if (nested[i] !== true) throw refusal(path, `row ${rowNumber} lacks a value, so a page is damaged`)
    row[i] = null
  }
}

/** What Node decompresses itself, faster and within the length that the page has. */
function nativeCompressors(): Compressors {
  const { gunzipSync, brotliDecompressSync, zstdDecompressSync } = zlib()
  return {
    GZIP: (bytes, length) => gunzipSync(bytes, { maxOutputLength: length }),
    BROTLI: (bytes, length) => brotliDecompressSync(bytes, { maxOutputLength: length }),
    ...(zstdDecompressSync !== undefined && {
      ZSTD: (bytes: Uint8Array, length: number) => zstdDecompressSync(bytes, { maxOutputLength: length }),
    }),
  }
}

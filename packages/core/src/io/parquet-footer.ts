/**
 * The footer of a Parquet file: what row groups it has and where their columns lie. Everything in it comes from a stranger: each length is
 * compared with the file before anything is made of it.
 */
import { createRequire } from 'node:module'
import type * as hyparquet from 'hyparquet'
import type { ColumnMetaData, FileMetaData, RowGroup } from 'hyparquet'
import { DataError } from '../errors.ts'
import type { FileStamp } from '../plan/source.ts'
import { changed, openFile } from './byte-feed.ts'
import { shownPath } from './shown-path.ts'

/** Rows of a group are read together; writers put a million into one at most. */
const MAX_GROUP_ROWS = 2 ** 24

/** Magic, an empty footer, its length, magic. */
const SMALLEST_BYTES = 12

/** What is read here. */
const CODECS: ReadonlySet<string> = new Set(['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'ZSTD', 'LZ4', 'LZ4_RAW'])

/** @throws DataError if the file is no Parquet file, is cut short, or says what cannot be */
export function readFooter(path: string, stamp: FileStamp): FileMetaData {
  const { sizeBytes } = stamp
  if (sizeBytes < SMALLEST_BYTES) throw refusal(path, `it has ${sizeBytes} bytes, too few for one`)
  const head = Buffer.from(readRange(path, stamp, 0, 4)).toString('latin1')
  const tail = Buffer.from(readRange(path, stamp, sizeBytes - 8, sizeBytes))
  const magic = tail.toString('latin1', 4)
  if (magic === 'PARE') throw refusal(path, 'it is encrypted, which is not read here')
  if (head !== 'PAR1') throw refusal(path, `it begins with ${JSON.stringify(head)} instead of PAR1`)
  if (magic !== 'PAR1') throw refusal(path, `it ends with ${JSON.stringify(magic)} instead of PAR1, so it is cut short`)
  const length = tail.readUInt32LE(0)
  if (length > sizeBytes - SMALLEST_BYTES)
    throw refusal(path, `its footer would be of ${length} bytes, more than the file`)
  const footer = readRange(path, stamp, sizeBytes - 8 - length, sizeBytes)
  let metadata: FileMetaData
  try {
    // Loaded when the first such file is listed.
    const { parquetMetadata } = createRequire(import.meta.url)('hyparquet') as typeof hyparquet
    metadata = parquetMetadata(footer, { geoparquet: false })
  } catch (error) {
    throw refusal(path, `its footer cannot be read (${(error as Error).message})`, error)
  }
  for (const [i, group] of metadata.row_groups.entries()) checkGroup(path, stamp, group, i)
  return metadata
}

/** The columns at the top, in their order, by their names; true for those that hold others. */
export function topColumns(metadata: FileMetaData): ReadonlyMap<string, boolean> {
  const columns = new Map<string, boolean>()
  // The schema is a tree in preorder; the root comes first.
  for (let i = 1; i < metadata.schema.length; i = afterSubtree(metadata, i)) {
    const { name = '', num_children = 0 } = metadata.schema[i] ?? {}
    columns.set(name, num_children > 0)
  }
  return columns
}

function afterSubtree({ schema }: FileMetaData, index: number): number {
  let open = 1
  let at = index
  for (; open > 0 && at < schema.length; at++) open += (schema[at]?.num_children ?? 0) - 1
  return at
}

/** The bytes `[start, end)` of a column in a row group. */
export function columnRange({ dictionary_page_offset, data_page_offset, total_compressed_size }: ColumnMetaData): {
  readonly start: number
  readonly end: number
} {
  const first = Number(data_page_offset)
  const dictionary = Number(dictionary_page_offset ?? 0)
  const start = dictionary > 0 && dictionary < first ? dictionary : first
  return { start, end: start + Number(total_compressed_size) }
}

/** @throws DataError if the file is not what it was when it was listed */
export function readRange(path: string, stamp: FileStamp, start: number, end: number): ArrayBuffer {
  const bytes = new ArrayBuffer(end - start)
  const buffer = Buffer.from(bytes)
  const feed = openFile(path, stamp, start)
  try {
    for (let filled = 0; filled < buffer.length; ) {
      const count = feed.read(buffer, filled, buffer.length - filled)
      if (count === 0) throw changed(path, `it ends at byte ${start + filled}`)
      filled += count
    }
  } finally {
    feed.close()
  }
  return bytes
}

function checkGroup(path: string, { sizeBytes }: FileStamp, { num_rows, columns }: RowGroup, index: number): void {
  const name = `its row group ${index}`
  if (num_rows < 0 || num_rows > MAX_GROUP_ROWS) {
    throw refusal(path, `${name} would have ${num_rows} rows, and ${MAX_GROUP_ROWS} are the most that are read at once`)
  }
  for (const { meta_data, file_path } of columns) {
    if (meta_data === undefined || file_path) throw refusal(path, `${name} has a column in another file`)
    const { path_in_schema, codec } = meta_data
    const column = `column ${JSON.stringify(path_in_schema.join('.'))} of ${name}`
    if (!CODECS.has(codec)) throw refusal(path, `${column} is compressed with ${codec}, which is not read here`)
    const { start, end } = columnRange(meta_data)
    if (!(start >= 4 && end >= start && end <= sizeBytes)) {
      throw refusal(path, `${column} would lie in bytes ${start} to ${end}, and the file has ${sizeBytes}`)
    }
  }
}

export function refusal(path: string, what: string, cause?: unknown): DataError {
  return new DataError(`${shownPath(path)}: cannot be read as Parquet: ${what}. Replace the file.`, { cause })
}

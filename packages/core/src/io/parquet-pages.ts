/**
 * The pages of a row group, looked at before they are decoded: what their headers say must fit what the footer says, so that neither a
 * huge allocation nor a column that ends early comes of a damaged one.
 */
import type { ColumnMetaData, Compressors, FileMetaData, PageHeader, RowGroup } from 'hyparquet'
import { parquetHeader } from 'hyparquet/src/column.js'
import { decompressPage } from 'hyparquet/src/datapage.js'
import { getSchemaPath } from 'hyparquet/src/schema.js'
import { refusal } from './parquet-footer.ts'
import { checkRuns } from './parquet-runs.ts'

/** No codec makes more of a byte: zstd repeats one for 128 KiB in four. */
const MAX_RATIO = 2 ** 15
/** Pages of this size are taken at their word. */
const MODEST_BYTES = 2 ** 20

/** @param bytes those of the column in the group */
export function checkPages(
  path: string,
  { schema }: FileMetaData,
  { num_rows }: RowGroup,
  column: ColumnMetaData,
  bytes: ArrayBuffer,
  compressors: Compressors,
): void {
  const name = `column ${JSON.stringify(column.path_in_schema.join('.'))}`
  const reader = { view: new DataView(bytes), offset: 0 }
  const schemaPath = getSchemaPath(schema, column.path_in_schema)
  const claimed = Number(column.num_values)
  let values = 0
  while (reader.offset < bytes.byteLength && values < claimed) {
    const at = reader.offset
    const header = parquetHeader(reader)
    const { compressed_page_size, uncompressed_page_size } = header
    const end = reader.offset + compressed_page_size
    if (!(compressed_page_size >= 0 && end <= bytes.byteLength))
      throw refusal(path, `a page of ${name} would be of ${compressed_page_size} bytes, more than the column has`)
    if (!(uncompressed_page_size >= 0 && uncompressed_page_size <= MODEST_BYTES + compressed_page_size * MAX_RATIO))
      throw refusal(path, `a page of ${name} of ${compressed_page_size} bytes would become ${uncompressed_page_size}`)
    const data = header.data_page_header ?? header.data_page_header_v2
    const count = data?.num_values ?? header.dictionary_page_header?.num_values ?? 0
    // A dictionary holds its values; a value takes a bit at least.
    const most = data === undefined ? 8 * uncompressed_page_size : claimed - values
    if (!(count >= 0 && count <= most))
      throw refusal(path, `a page of ${name} would have ${count} values, and there is room for ${most}`)
    if (data !== undefined) {
      values += count
      const page = new Uint8Array(bytes, reader.offset, compressed_page_size)
      checkRuns(header, page, unpacked(header, page, column, compressors), schemaPath)
    }
    reader.offset = end
    if (reader.offset === at) break
  }
  if (values !== claimed) throw refusal(path, `${name} should have ${claimed} values, and its pages have ${values}`)
  const isFlat = column.path_in_schema.length === 1 && !isRepeated(schema, column)
  if (isFlat ? claimed !== Number(num_rows) : claimed > 64 * Number(num_rows) + 2 ** 24)
    throw refusal(path, `${name} has ${claimed} values for ${num_rows} rows`)
}

/** What the values of a page are, without their compression. */
function unpacked(
  header: PageHeader,
  page: Uint8Array,
  { codec }: ColumnMetaData,
  compressors: Compressors,
): Uint8Array {
  const two = header.data_page_header_v2
  if (two === undefined) return decompressPage(page, header.uncompressed_page_size, codec, compressors)
  // In version 2 the levels before the values are never compressed.
  const levels = two.repetition_levels_byte_length + two.definition_levels_byte_length
  const values = page.subarray(levels)
  return two.is_compressed === false
    ? values
    : decompressPage(values, header.uncompressed_page_size - levels, codec, compressors)
}

function isRepeated(schema: FileMetaData['schema'], column: ColumnMetaData): boolean {
  const element = schema.find(({ name, type }) => type !== undefined && name === column.path_in_schema[0])
  return element?.repetition_type === 'REPEATED'
}

/** Rows as columns of Parquet: what type each column has, and that each value is of it. A value that is not is an error, never a guess. */
import type { ColumnSource } from 'hyparquet-writer'
import { DataError } from '../errors.ts'
import type { ParquetType } from '../plan/parquet-format.ts'
import { previewOf } from './preview.ts'
import { jsonOf } from './row-text.ts'

/** The columns of a part. */
export type Columns = ReadonlyMap<string, ParquetType>

type Row = Readonly<Record<string, unknown>>

/**
 * The columns of rows that say it themselves: each has the type of its values.
 * @throws DataError for a column of several types, or of none
 */
export function inferColumns(rows: readonly unknown[]): Columns {
  const columns = new Map<string, ParquetType | null>()
  for (const row of rows) {
    for (const [name, value] of Object.entries(requireRow(row))) {
      const type = value === null || value === undefined ? null : typeOf(name, value)
      const known = columns.get(name) ?? null
      if (known !== null && type !== null && known !== type) {
        throw new DataError(
          `column ${JSON.stringify(name)} holds ${known} and ${type}. Pass { columns } with its type.`,
        )
      }
      columns.set(name, known ?? type)
    }
  }
  const types = new Map<string, ParquetType>()
  for (const [name, type] of columns) {
    if (type === null) {
      throw new DataError(
        `column ${JSON.stringify(name)} holds nothing but null in the first ${rows.length} rows of its part, which says no type. Pass { columns } with its type.`,
      )
    }
    types.set(name, type)
  }
  return types
}

/** @param hasAllNames whether a property without a column would be lost, or left out on purpose */
export function columnsOf(rows: readonly unknown[], columns: Columns, hasAllNames: boolean): ColumnSource[] {
  if (hasAllNames) for (const row of rows) refuseNewNames(requireRow(row), columns)
  return Array.from(columns, ([name, type]) => ({
    name,
    type,
    data: rows.map((row) => fieldOf(requireRow(row), name, type)),
  }))
}

function requireRow(row: unknown): Row {
  if (typeof row === 'object' && row !== null && !Array.isArray(row) && !(row instanceof Date) && !(row instanceof Map))
    return row as Row
  throw new DataError(`a Parquet row is an object, got ${previewOf(row, 60)}. Return { name: value }.`)
}

function refuseNewNames(row: Row, columns: Columns): void {
  const stranger = Object.keys(row).find((name) => !columns.has(name))
  if (stranger === undefined) return
  throw new DataError(
    `the row has the property ${JSON.stringify(stranger)}, which the first row group of its part lacks. Pass { columns } with all names.`,
  )
}

function typeOf(name: string, value: {}): ParquetType {
  switch (typeof value) {
    case 'string':
      return 'STRING'
    // JavaScript's numbers are doubles, whole or not.
    case 'number':
      return 'DOUBLE'
    case 'bigint':
      return 'INT64'
    case 'boolean':
      return 'BOOLEAN'
    case 'object':
      if (value instanceof Date) return 'TIMESTAMP'
      return value instanceof Uint8Array ? 'BYTE_ARRAY' : 'JSON'
    default:
      throw new DataError(`column ${JSON.stringify(name)}: a ${typeof value} cannot be written. Return plain data.`)
  }
}

/** The value as the writer takes it. */
function fieldOf(row: Row, name: string, type: ParquetType): unknown {
  const value = Object.hasOwn(row, name) ? row[name] : undefined
  if (value === undefined || value === null) return null
  const field = convert(value, type)
  if (field !== undefined) return field
  throw new DataError(
    `column ${JSON.stringify(name)} is ${type}, got ${previewOf(value, 60)}. Make all its values of one type.`,
  )
}

/** Undefined when the value is not of the type. */
function convert(value: unknown, type: ParquetType): unknown {
  switch (type) {
    case 'BOOLEAN':
      return typeof value === 'boolean' ? value : undefined
    case 'INT32':
      return typeof value === 'number' && Number.isInteger(value) && (value | 0) === value ? value : undefined
    case 'INT64': {
      const integer = typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
      return typeof integer === 'bigint' && BigInt.asIntN(64, integer) === integer ? integer : undefined
    }
    case 'DOUBLE':
      return typeof value === 'number' ? value : undefined
    case 'STRING':
      return typeof value === 'string' ? value : undefined
    case 'TIMESTAMP':
      return value instanceof Date && !Number.isNaN(value.getTime()) ? value : undefined
    case 'BYTE_ARRAY':
      return value instanceof Uint8Array ? value : undefined
    case 'JSON':
      // Throws for what JSON would lose: a Map, a bigint.
      jsonOf(value)
      return value
  }
}

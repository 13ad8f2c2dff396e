/**
 * Rows as lines of CSV (RFC 4180): objects by the names of their properties, arrays by position. Null and undefined are empty fields,
 * an empty string is `""`, a date its ISO text, an inner object or array its JSON.
 */
import { DataError } from '../errors.ts'
import type { CsvFormat } from '../plan/text-format.ts'
import { textOf } from './row-text.ts'

export interface CsvWriter {
  /** A line without its end; the first has the header before it. */
  readonly lineOf: (row: unknown) => string
  /** The header of a part without rows; null when it has none. */
  readonly emptyText: string | null
}

export function openCsvWriter(format: CsvFormat): CsvWriter {
  const { header, delimiter, columns } = format
  // A field of these is quoted. A byte order mark at the start of a file would be dropped when it is read.
  const special = new RegExp(`[${escapeForSet(delimiter)}"\\r\\n\\ufeff]`)
  const fieldOf = (value: unknown): string => {
    if (value === null || value === undefined) return ''
    const text = value instanceof Date ? dateText(value) : textOf(value)
    return text === '' || special.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  const join = (values: readonly unknown[]): string => {
    const line = values.map(fieldOf).join(delimiter)
    // A line without characters would be no row when it is read.
    return line === '' ? '""' : line
  }
  let shape: Shape | null = null
  return {
    lineOf(row) {
      if (typeof row !== 'object' || row === null || row instanceof Date || row instanceof Map || row instanceof Set) {
        throw new DataError(
          `a CSV row is an object or an array, got ${kindOf(row)}. Return [value], or { name: value }.`,
        )
      }
      if (shape !== null) return join(shape.valuesOf(row))
      shape = shapeOf(row, format)
      const head = shape.names === null || header === false ? '' : `${join(shape.names)}\n`
      return `${head}${join(shape.valuesOf(row))}`
    },
    emptyText: columns === null || header === false ? null : join(columns),
  }
}

/** What the rows of a part have in common, said by its first or by the user. */
interface Shape {
  /** Null where columns have none. */
  readonly names: readonly string[] | null
  readonly valuesOf: (row: object) => readonly unknown[]
}

function shapeOf(first: object, { header, columns }: CsvFormat): Shape {
  if (columns !== null) {
    const valuesOf = (row: object): readonly unknown[] =>
      Array.isArray(row) ? ofWidth(row, columns.length, 'as there are columns') : pick(row, columns)
    return { names: columns, valuesOf }
  }
  if (Array.isArray(first)) {
    const width = first.length
    if (header === true)
      throw new DataError('arrays have no names for a header. Pass { columns }, or { header: false }.')
    if (width === 0) throw new DataError('an array without items has no fields to write. Filter such rows out.')
    const valuesOf = (row: object): readonly unknown[] => {
      if (!Array.isArray(row)) throw new DataError('the rows before are arrays, got an object. Make all rows one kind.')
      return ofWidth(row, width, 'as the rows before')
    }
    return { names: null, valuesOf }
  }
  const names = Object.keys(first)
  if (names.length === 0) throw new DataError('an object without properties has no columns. Pass { columns }.')
  const valuesOf = (row: object): readonly unknown[] => {
    if (Array.isArray(row)) throw new DataError('the rows before are objects, got an array. Make all rows one kind.')
    refuseNewKeys(row, names)
    return pick(row, names)
  }
  return { names, valuesOf }
}

function ofWidth(row: readonly unknown[], width: number, why: string): readonly unknown[] {
  if (row.length === width) return row
  throw new DataError(`expected ${width} fields, ${why}, got ${row.length}.`)
}

function pick(row: object, names: readonly string[]): readonly unknown[] {
  const fields = row as Readonly<Record<string, unknown>>
  return names.map((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined))
}

/** A column that the first row lacks would be lost. */
function refuseNewKeys(row: object, names: readonly string[]): void {
  const keys = Object.keys(row)
  if (keys.length === names.length && keys.every((key, i) => key === names[i])) return
  const stranger = keys.find((key) => !names.includes(key))
  if (stranger === undefined) return
  throw new DataError(
    `the row has the property ${JSON.stringify(stranger)}, which the first row of its part lacks. Pass { columns } with all names.`,
  )
}

function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) throw new DataError('an invalid date has no text. Return null, or a string.')
  return date.toISOString()
}

function kindOf(row: unknown): string {
  return typeof row === 'object' && row !== null
    ? `a ${row.constructor.name}`
    : row === null
      ? 'null'
      : `a ${typeof row}`
}

function escapeForSet(character: string): string {
  return /[\]\\^-]/.test(character) ? `\\${character}` : character
}

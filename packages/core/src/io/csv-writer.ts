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
  let names: readonly string[] | null = columns
  let width = columns?.length ?? -1

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
  const headOf = (): string => (names !== null && header !== false ? join(names) : '')

  const begin = (row: unknown): string => {
    if (names === null && !Array.isArray(row)) names = Object.keys(row as object)
    if (names === null && header === true) {
      throw new DataError('arrays have no names for a header. Pass { columns }, or { header: false }.')
    }
    width = names?.length ?? (row as readonly unknown[]).length
    const head = headOf()
    return head === '' ? '' : `${head}\n`
  }
  const valuesOf = (row: object): readonly unknown[] => {
    if (Array.isArray(row)) {
      if (row.length === width && (columns !== null || names === null)) return row
      throw new DataError(
        names !== null && columns === null
          ? 'the rows before are objects, got an array. Make all rows of a dataset the same kind.'
          : `expected ${width} fields, as ${columns === null ? 'the row before' : 'there are columns'}, got ${row.length}.`,
      )
    }
    if (names === null) throw new DataError('the rows before are arrays, got an object. Make all rows the same kind.')
    if (columns === null) refuseNewKeys(row, names)
    const fields = row as Readonly<Record<string, unknown>>
    return names.map((name) => (Object.hasOwn(fields, name) ? fields[name] : undefined))
  }

  let isFirst = true
  return {
    lineOf(row) {
      if (typeof row !== 'object' || row === null || row instanceof Date || row instanceof Map || row instanceof Set) {
        throw new DataError(
          `a CSV row is an object or an array, got ${kindOf(row)}. Return [value], or { name: value }.`,
        )
      }
      const head = isFirst ? begin(row) : ''
      isFirst = false
      return `${head}${join(valuesOf(row))}`
    },
    emptyText: columns === null || header === false ? null : headOf(),
  }
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

/**
 * A table of rows, as text. Pure, so that `show`, the REPL and tests share it. Objects are lines of a table with their properties as columns,
 * pairs have `key` and `value`, longer arrays `_1`, `_2`, and anything else stands in one column, `value`.
 */
import { createRequire } from 'node:module'
import { inspect } from 'node:util'

export interface TableOptions {
  /** The widest a column may be, in characters; 40 by default. */
  readonly width?: number
  /** There are more rows than these, which the last line says. */
  readonly hasMore?: boolean
}

const DEFAULT_WIDTH = 40

/** More columns than these are left out, with a note: no terminal shows them. */
const MAX_COLUMNS = 50

export function showTable(rows: readonly unknown[], options: TableOptions = {}): string {
  const { width = DEFAULT_WIDTH, hasMore = false } = options
  const arePairs = rows.every((row) => Array.isArray(row) && row.length === 2)
  const records = rows.map((row) => fieldsOf(row, arePairs))
  const names = [...new Set(records.flatMap((fields) => [...fields.keys()]))]
  const columns = names.slice(0, MAX_COLUMNS).map((name) => {
    const cells = [name, ...records.map((fields) => (fields.has(name) ? cellOf(fields.get(name)) : ''))].map((cell) =>
      cut(oneLine(cell), width),
    )
    const widest = cells.reduce((most, cell) => Math.max(most, widthOf(cell)), 0)
    const isRight = records.every((fields) => isNumber(fields.get(name)))
    return [cells[0] ?? '', '─'.repeat(widest), ...cells.slice(1)].map((cell) => pad(cell, widest, isRight))
  })
  const lines = columns.length === 0 ? [] : Array.from({ length: rows.length + 2 }, (_, i) => lineOf(columns, i))
  const left = names.length - columns.length
  const count = `${rows.length.toLocaleString('en')} row${rows.length === 1 ? '' : 's'}`
  return [
    ...lines,
    ...(left > 0 ? [`${left} more column${left === 1 ? ' is' : 's are'} not shown`] : []),
    hasMore ? `the first ${count}` : count,
  ].join('\n')
}

function lineOf(columns: readonly (readonly string[])[], line: number): string {
  return columns
    .map((cells) => cells[line] ?? '')
    .join('  ')
    .trimEnd()
}

/** What a row has in each column. */
function fieldsOf(row: unknown, isPair: boolean): ReadonlyMap<string, unknown> {
  if (Array.isArray(row))
    return new Map(row.map((field, i) => [isPair ? (i === 0 ? 'key' : 'value') : `_${i + 1}`, field]))
  return isRecord(row) ? new Map(Object.entries(row)) : new Map([['value', row]])
}

/** An object whose properties are its fields: no date, no map, no bytes. */
function isRecord(row: unknown): row is object {
  if (typeof row !== 'object' || row === null) return false
  const proto: unknown = Object.getPrototypeOf(row)
  return proto === Object.prototype || proto === null
}

function cellOf(field: unknown): string {
  if (typeof field === 'string') return field
  if (field instanceof Date && !Number.isNaN(field.getTime())) return field.toISOString()
  return inspect(field, { depth: 4, breakLength: Number.POSITIVE_INFINITY, compact: true, maxStringLength: 1000 })
}

/** Control characters as escapes, so that each row stays on its line. */
function oneLine(text: string): string {
  // Cells are cut to far less than this anyway.
  const start = text.length > 2000 ? text.slice(0, 2000) : text
  return start.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1))
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

function pad(cell: string, width: number, isRight: boolean): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(cell)))
  return isRight ? `${space}${cell}` : `${cell}${space}`
}

/** A text that is too wide becomes its start and an ellipsis. Characters are never cut in two. */
function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let kept = ''
  let used = 1
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += widthOf(segment)
    if (used > width) break
    kept += segment
  }
  return `${kept}…`
}

let stringWidth: ((text: string) => number) | null = null

/** Columns of a terminal that a text takes: two for a Chinese character, none for a combining one. */
function widthOf(text: string): number {
  // What tables are drawn with is one column wide too.
  if (/^[ -~─…]*$/.test(text)) return text.length
  // Loaded when the first text needs it: Node 20 fails where the progress bar is loading modules that both need.
  stringWidth ??= (createRequire(import.meta.url)('string-width') as { default: (text: string) => number }).default
  return stringWidth(text)
}

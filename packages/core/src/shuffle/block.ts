/**
 * Blocks: rows as bytes, in columns where rows allow it. Rows of one shape (numbers, strings, pairs of these, plain records)
 * are written column by column, which is several times faster and smaller than value by value; all others by the row codec, which keeps
 * every value that can be cloned. Bytes are read only by the process family that wrote them.
 *
 * A column is a byte that says its type, a length, and its content. Lengths are little-endian.
 */
import { compileFunction } from 'node:vm'
import { DataError } from '../errors.ts'
import { decodeRows, encodeRows } from '../io/row-codec.ts'

const ROWS = 0
const INT32 = 1
const FLOAT64 = 2
const LATIN1 = 3
const UTF16 = 4
const NULL = 5
const UNDEFINED = 6
const PAIRS = 7
const RECORDS = 8

/** Columns within columns; deeper values are written row by row. */
const MOST_DEPTH = 4
/** Records with more properties are written row by row. */
const MOST_KEYS = 64
/** Fewer rows are not worth a look at their shape. */
const FEWEST_ROWS = 2

/** @throws DataError for a value that another thread could not use: a function, a promise, an instance of a class */
export function encodeBlock(rows: readonly unknown[]): Uint8Array {
  return encoded(
    rows.length,
    (parts) => writeColumn(parts, rows, 0),
    () => rows,
  )
}

/** The block of plain pairs, given as two columns. @throws DataError as `encodeBlock` does */
export function encodePairs(first: readonly unknown[], second: readonly unknown[]): Uint8Array {
  if (first.length < FEWEST_ROWS) return encodeBlock(pairsOf(first, second))
  return encoded(
    first.length,
    (parts) => writePairs(parts, first, second, 0),
    () => pairsOf(first, second),
  )
}

export function pairsOf(first: readonly unknown[], second: readonly unknown[]): [unknown, unknown][] {
  const pairs: [unknown, unknown][] = []
  for (let i = 0; i < first.length; i++) pairs.push([first[i], second[i]])
  return pairs
}

function encoded(count: number, write: (parts: Uint8Array[]) => void, rows: () => readonly unknown[]): Uint8Array {
  const parts: Uint8Array[] = [uint32(count)]
  try {
    write(parts)
  } catch (error) {
    // What a column refuses is only a part of a row: asked for the whole rows, the codec names the way to it.
    if (error instanceof DataError) encodeRows(rows())
    throw error
  }
  return concat(parts)
}

export function decodeBlock(block: Uint8Array): unknown[] {
  // Aligned and private memory: columns are viewed as numbers, and shared memory can't be decoded everywhere.
  const bytes = Buffer.allocUnsafeSlow(block.byteLength)
  bytes.set(block)
  const reader: Reader = { bytes, at: 4 }
  return readColumn(reader, bytes.readUInt32LE(0))
}

interface Reader {
  readonly bytes: Buffer
  at: number
}

function writeColumn(parts: Uint8Array[], values: readonly unknown[], depth: number): void {
  const type = values.length < FEWEST_ROWS ? ROWS : typeOf(values)
  switch (type) {
    case INT32:
      return writePart(parts, INT32, bytesOf(Int32Array.from(values as number[])))
    case FLOAT64:
      return writePart(parts, FLOAT64, bytesOf(Float64Array.from(values as number[])))
    case LATIN1:
      return writeStrings(parts, values as readonly string[])
    case NULL:
    case UNDEFINED:
      return writePart(parts, type, EMPTY)
    case PAIRS:
      if (depth < MOST_DEPTH) {
        const pairs = values as readonly (readonly [unknown, unknown])[]
        const first = pairs.map((pair) => pair[0])
        const second = pairs.map((pair) => pair[1])
        return writePairs(parts, first, second, depth)
      }
      break
    case RECORDS: {
      const keys = depth < MOST_DEPTH ? sharedKeys(values as readonly Record<string, unknown>[]) : null
      if (keys !== null) return writeRecords(parts, keys, values as readonly Record<string, unknown>[], depth)
      break
    }
  }
  writePart(parts, ROWS, encodeRows(values))
}

function readColumn(reader: Reader, count: number): unknown[] {
  const { bytes } = reader
  const type = bytes[reader.at] as number
  const length = bytes.readUInt32LE(reader.at + 1)
  const start = reader.at + 5
  const end = start + length
  reader.at = end
  switch (type) {
    case ROWS:
      return decodeRows(bytes.subarray(start, end))
    case INT32:
      return Array.from(new Int32Array(aligned(bytes, start, end)))
    case FLOAT64:
      return Array.from(new Float64Array(aligned(bytes, start, end)))
    case LATIN1:
    case UTF16:
      return readStrings(bytes, type, start, end, count)
    case NULL:
      return Array.from({ length: count }, () => null)
    case UNDEFINED:
      return Array.from({ length: count }, () => undefined)
    case PAIRS: {
      const first = readColumn(reader, count)
      return pairsOf(first, readColumn(reader, count))
    }
    case RECORDS: {
      const keys = JSON.parse(bytes.toString('utf8', start, end)) as string[]
      const columns = keys.map(() => readColumn(reader, count))
      return buildRecords(keys, columns, count)
    }
    default:
      throw new Error(`a block holds a column of type ${type}, which is none of ours`)
  }
}

/** The type that all values fit, told by the first and held against the others. */
function typeOf(values: readonly unknown[]): number {
  const [first] = values
  switch (typeof first) {
    case 'number':
      return numbersType(values)
    case 'string':
      return all(values, (value) => typeof value === 'string') ? LATIN1 : ROWS
    case 'undefined':
      return all(values, (value) => value === undefined) ? UNDEFINED : ROWS
    case 'object':
      if (first === null) return all(values, (value) => value === null) ? NULL : ROWS
      if (Array.isArray(first)) return all(values, isPlainPair) ? PAIRS : ROWS
      return isPlain(first) && all(values, isPlain) ? RECORDS : ROWS
    default:
      return ROWS
  }
}

function numbersType(values: readonly unknown[]): number {
  let isWhole = true
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== 'number') return ROWS
    if (isWhole && ((value | 0) !== value || (value === 0 && 1 / value < 0))) isWhole = false
  }
  return isWhole ? INT32 : FLOAT64
}

/** A loop, since holes count as undefined here, and `every` skips them. */
function all(values: readonly unknown[], test: (value: unknown) => boolean): boolean {
  for (let i = 0; i < values.length; i++) if (!test(values[i])) return false
  return true
}

/** Two items and nothing else: not what a regular expression matched, which has properties as well. */
export function isPlainPair(value: unknown): value is [unknown, unknown] {
  if (!Array.isArray(value) || value.length !== 2 || Object.getPrototypeOf(value) !== Array.prototype) return false
  return Object.keys(value).length === 2
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** The keys of records that all have the same ones in the same order; null when they differ. */
function sharedKeys(records: readonly Record<string, unknown>[]): readonly string[] | null {
  const keys = Object.keys(records[0] as object)
  if (keys.length === 0 || keys.length > MOST_KEYS || keys.includes('__proto__')) return null
  for (let i = 1; i < records.length; i++) {
    let k = 0
    for (const key in records[i]) if (key !== keys[k++]) return null
    if (k !== keys.length) return null
  }
  return keys
}

function writePairs(parts: Uint8Array[], first: readonly unknown[], second: readonly unknown[], depth: number): void {
  writePart(parts, PAIRS, EMPTY)
  writeColumn(parts, first, depth + 1)
  writeColumn(parts, second, depth + 1)
}

function writeRecords(
  parts: Uint8Array[],
  keys: readonly string[],
  records: readonly Record<string, unknown>[],
  depth: number,
): void {
  writePart(parts, RECORDS, Buffer.from(JSON.stringify(keys)))
  for (const key of keys) {
    const column: unknown[] = []
    for (const record of records) column.push(record[key])
    writeColumn(parts, column, depth + 1)
  }
}

type Build = (columns: readonly (readonly unknown[])[], count: number) => unknown[]
const builders = new Map<string, Build>()

/** Records made by a literal: a hidden class of their own, and ten times as fast as property by property. */
function buildRecords(keys: readonly string[], columns: readonly (readonly unknown[])[], count: number): unknown[] {
  const name = JSON.stringify(keys)
  let build = builders.get(name)
  if (build === undefined) {
    const heads = keys.map((_, k) => `const c${k} = columns[${k}];`).join(' ')
    const literal = keys.map((key, k) => `${JSON.stringify(key)}: c${k}[i]`).join(', ')
    // JSON strings are JavaScript strings, so no key can be read as code.
    const loop = `${heads} const rows = []; for (let i = 0; i < count; i++) rows.push({ ${literal} }); return rows`
    build = compileFunction(loop, ['columns', 'count'], { filename: 'kindling:records' }) as Build
    if (builders.size > 1000) builders.clear()
    builders.set(name, build)
  }
  return build(columns, count)
}

/** All strings as one, and their lengths before it. */
function writeStrings(parts: Uint8Array[], strings: readonly string[]): void {
  const lengths = new Uint32Array(strings.length)
  for (let i = 0; i < strings.length; i++) lengths[i] = (strings[i] as string).length
  const text = strings.join('')
  const isLatin1 = !WIDE.test(text)
  const content = Buffer.from(text, isLatin1 ? 'latin1' : 'utf16le')
  parts.push(head(isLatin1 ? LATIN1 : UTF16, lengths.byteLength + content.byteLength), bytesOf(lengths), content)
}

const WIDE = /[\u0100-\uffff]/

function readStrings(bytes: Buffer, type: number, start: number, end: number, count: number): string[] {
  const lengths = new Uint32Array(aligned(bytes, start, start + count * 4))
  const from = start + count * 4
  const text = type === LATIN1 ? bytes.toString('latin1', from, end) : bytes.toString('utf16le', from, end)
  const strings: string[] = []
  let at = 0
  for (const length of lengths) strings.push(text.substring(at, (at += length)))
  return strings
}

const EMPTY = new Uint8Array(0)

function writePart(parts: Uint8Array[], type: number, content: Uint8Array): void {
  parts.push(head(type, content.byteLength), content)
}

function head(type: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(5)
  bytes[0] = type
  bytes.writeUInt32LE(length, 1)
  return bytes
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** A part of the bytes at an address that any view accepts. */
function aligned(bytes: Buffer, start: number, end: number): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end) as ArrayBuffer
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0)
  const bytes = Buffer.allocUnsafeSlow(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}

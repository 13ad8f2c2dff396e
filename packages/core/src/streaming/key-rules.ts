/**
 * Key rules: where the key of a line ends, how keys are ordered, and which reducer a key belongs to. All on bytes.
 * Source: Hadoop's KeyFieldBasedComparator and KeyFieldBasedPartitioner, and the hash of its Text.
 */
import type { KeyPart } from './key-parts.ts'

/** Plain data, so that it crosses to a thread. */
export interface KeyRules {
  readonly separator: string
  readonly keyFields: number
  /** What parts the fields of a key for `order` and `partitionBy`. */
  readonly fieldSeparator: string
  /** None: keys are ordered by their bytes. */
  readonly order: readonly KeyPart[]
  /** None: all of the key chooses the reducer. */
  readonly partitionBy: readonly KeyPart[]
}

/** A range of bytes. */
type Range = readonly [start: number, end: number]

export interface Keys {
  /** Where the key of the line ends: before its last separator, or at the end of the line. */
  endOf(bytes: Buffer, start: number, end: number): number
  /** Which of `count` reducers the key belongs to. */
  partitionOf(bytes: Buffer, start: number, end: number, count: number): number
  /** A number that is less for a key that comes before; equal numbers say nothing. */
  prefixOf(bytes: Buffer, start: number, end: number): number
  /** Less than 0 when the first key comes before the second. */
  compare(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): number
}

/** As many bytes as a double holds exactly. */
const PREFIX_BYTES = 6

export function readKeys(rules: KeyRules): Keys {
  const separator = Buffer.from(rules.separator)
  const fieldSeparator = Buffer.from(rules.fieldSeparator)
  const { keyFields, order, partitionBy } = rules
  const [first] = order
  const rangesOf = (parts: readonly KeyPart[], bytes: Buffer, start: number, end: number): readonly Range[] => {
    const fields = fieldsOf(bytes, start, end, fieldSeparator)
    return parts.map((part) => rangeOf(part, fields, end))
  }
  return {
    endOf: (bytes, start, end) => keyEnd(bytes, start, end, separator, keyFields),
    partitionOf(bytes, start, end, count) {
      if (count === 1) return 0
      if (partitionBy.length === 0) return positive(hash(bytes, start, end, 1)) % count
      if (start === end) return 0
      let code = 0
      for (const [from, to] of rangesOf(partitionBy, bytes, start, end)) code = hash(bytes, from, to, code)
      return positive(code) % count
    },
    prefixOf(bytes, start, end) {
      if (first === undefined) return bytesPrefix(bytes, start, end)
      const [range] = rangesOf([first], bytes, start, end)
      if (range === undefined) return 0
      const value = first.isNumeric ? decimalOf(bytes, range) : bytesPrefix(bytes, range[0], range[1])
      return first.isReverse ? -value : value
    },
    compare(a, aStart, aEnd, b, bStart, bEnd) {
      if (first === undefined) return compareBytes(a, aStart, aEnd, b, bStart, bEnd)
      const ranges = rangesOf(order, a, aStart, aEnd)
      const others = rangesOf(order, b, bStart, bEnd)
      for (let i = 0; i < order.length; i++) {
        const [left, right] = [ranges[i], others[i]]
        if (left === undefined || right === undefined) break
        const difference = compareRanges(a, left, b, right, order[i]?.isNumeric === true)
        if (difference !== 0) return order[i]?.isReverse === true ? -difference : difference
      }
      return 0
    },
  }
}

function compareRanges(a: Buffer, left: Range, b: Buffer, right: Range, isNumeric: boolean): number {
  return isNumeric ? compareDecimals(a, left, b, right) : compareBytes(a, left[0], left[1], b, right[0], right[1])
}

function keyEnd(bytes: Buffer, start: number, end: number, separator: Buffer, count: number): number {
  let from = start
  for (let field = 0; ; field++) {
    const at = find(bytes, from, end, separator)
    if (at < 0) return end
    if (field + 1 === count) return at
    from = at + separator.length
  }
}

/** Keys are short, and a call into native code costs more than looking at a few bytes. */
function find(bytes: Buffer, start: number, end: number, wanted: Buffer): number {
  const head = wanted[0]
  for (let i = start; i <= end - wanted.length; i++) {
    if (bytes[i] !== head) continue
    let j = 1
    while (j < wanted.length && bytes[i + j] === wanted[j]) j++
    if (j === wanted.length) return i
  }
  return -1
}

function fieldsOf(bytes: Buffer, start: number, end: number, separator: Buffer): readonly Range[] {
  const fields: Range[] = []
  for (let from = start; ; ) {
    const at = find(bytes, from, end, separator)
    fields.push([from, at < 0 ? end : at])
    if (at < 0) return fields
    from = at + separator.length
  }
}

/** What a key does not have is empty, as in sort(1). */
function rangeOf(part: KeyPart, fields: readonly Range[], end: number): Range {
  const first = fields[part.startField - 1]
  if (first === undefined) return [end, end]
  const from = first[0] + part.startChar - 1
  if (from >= end) return [end, end]
  const last = part.endField === 0 ? undefined : fields[part.endField - 1]
  const to = last === undefined ? end : part.endChar === 0 ? last[1] : Math.min(last[0] + part.endChar, end)
  return [from, Math.max(from, to)]
}

/** Java's hash of signed bytes. */
function hash(bytes: Buffer, start: number, end: number, seed: number): number {
  let code = seed
  for (let i = start; i < end; i++) code = (Math.imul(31, code) + (((bytes[i] ?? 0) << 24) >> 24)) | 0
  return code
}

function positive(code: number): number {
  return code & 0x7fffffff
}

function bytesPrefix(bytes: Buffer, start: number, end: number): number {
  let value = 0
  for (let i = 0; i < PREFIX_BYTES; i++) value = value * 256 + (start + i < end ? (bytes[start + i] ?? 0) : 0)
  return value
}

function compareBytes(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart)
  for (let i = 0; i < length; i++) {
    const difference = (a[aStart + i] ?? 0) - (b[bStart + i] ?? 0)
    if (difference !== 0) return difference
  }
  return aEnd - aStart - (bEnd - bStart)
}

/** What stands at the start of a range as a number: `-12.5`; 0 for what is none. */
function decimalOf(bytes: Buffer, [start, end]: Range): number {
  const text = /^\s*-?\d*\.?\d*/.exec(bytes.toString('latin1', start, end))?.[0] ?? ''
  const value = Number.parseFloat(text)
  return Number.isNaN(value) ? 0 : value
}

/** By value, however many digits there are. */
function compareDecimals(a: Buffer, left: Range, b: Buffer, right: Range): number {
  const [x, y] = [digitsOf(a, left), digitsOf(b, right)]
  if (x.sign !== y.sign) return x.sign - y.sign
  const size = x.whole.length - y.whole.length || order(x.whole, y.whole) || order(x.fraction, y.fraction)
  return x.sign < 0 ? -size : size
}

function digitsOf(
  bytes: Buffer,
  [start, end]: Range,
): { readonly sign: number; readonly whole: string; readonly fraction: string } {
  const [, minus = '', digits = '', rest = ''] =
    /^\s*(-?)(\d*)\.?(\d*)/.exec(bytes.toString('latin1', start, end)) ?? []
  const whole = digits.replace(/^0+/, '')
  const fraction = rest.replace(/0+$/, '')
  const isZero = whole === '' && fraction === ''
  return { sign: isZero ? 0 : minus === '' ? 1 : -1, whole, fraction }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

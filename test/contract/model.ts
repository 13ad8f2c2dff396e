/**
 * The model: what a pipeline gives, said with plain arrays. A dataset is the list of its partitions, each an array of rows; every
 * verb is a line or two, with nothing lazy, shared, fused or parallel. It imports nothing of the engine.
 */
export type Partitions = readonly (readonly unknown[])[]

/** Cuts a list into `n` slices: slice `i` holds the items from `floor(i * length / n)` on. Also how partitions are joined. */
export function slicesOf<T>(list: readonly T[], n: number): T[][] {
  const start = (i: number): number => Math.floor((i * list.length) / n)
  return Array.from({ length: n }, (_, i) => list.slice(start(i), start(i + 1)))
}

export function linesOf(bytes: Uint8Array): string[] {
  // TextDecoder drops the byte order mark at the start and replaces what is no UTF-8.
  const lines = new TextDecoder().decode(bytes).split(/\r\n|\r|\n/)
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

export function perRow(input: Partitions, fn: (row: unknown) => readonly unknown[]): Partitions {
  return input.map((rows) => rows.flatMap((row) => fn(row)))
}

export function coalesced(input: Partitions, n: number): Partitions {
  return slicesOf(input, Math.min(n, input.length)).map((group) => group.flat())
}

export function zipped(left: Partitions, right: Partitions): Partitions {
  return left.map((rows, k) => rows.map((row, j) => [row, right[k]?.[j]]))
}

export function withIndex(input: Partitions): Partitions {
  let index = 0
  return input.map((rows) => rows.map((row) => [row, index++]))
}

export function withUniqueId(input: Partitions): Partitions {
  return input.map((rows, k) => rows.map((row, j) => [row, j * input.length + k]))
}

/** Whether the rows of `part` stand in `whole` in the same order. */
export function isSubsequence(
  part: readonly unknown[],
  whole: readonly unknown[],
  areEqual: (a: unknown, b: unknown) => boolean,
): boolean {
  let at = 0
  for (const row of part) {
    while (at < whole.length && !areEqual(whole[at], row)) at++
    if (at++ >= whole.length) return false
  }
  return true
}

const TYPES = ['null', 'undefined', 'boolean', 'number', 'string', 'date', 'array']

/** The default order: by type, then by value; NaN is the largest number, no time the last date, a shorter array comes before a longer. */
export function isBefore(a: unknown, b: unknown): boolean {
  return order(a, b) < 0
}

function order(a: unknown, b: unknown): number {
  const byType = TYPES.indexOf(typeOf(a)) - TYPES.indexOf(typeOf(b))
  if (byType !== 0) return byType
  if (Array.isArray(a) && Array.isArray(b)) {
    const differences = a.slice(0, b.length).map((item: unknown, i) => order(item, b[i]))
    return differences.find((n) => n !== 0) ?? a.length - b.length
  }
  const isNaN = [a, b].map((value) => Number.isNaN(value instanceof Date ? value.getTime() : value))
  if (isNaN[0] || isNaN[1]) return Number(isNaN[0]) - Number(isNaN[1])
  // Of one type, which JavaScript compares as they stand; `null` and `undefined` are neither smaller nor larger.
  return (a as number) < (b as number) ? -1 : Number((a as number) > (b as number))
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return 'date'
  return typeof value === 'bigint' ? 'number' : typeof value
}

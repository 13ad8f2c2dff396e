/**
 * The default order of values, for `min`, `max` and sorts: numbers as numbers, strings by code unit, false before true, dates
 * by time, arrays item by item. Values of different types are ordered by type, so that an answer never depends on where rows lie:
 * null, undefined, boolean, number and bigint, string, date, array. NaN is the largest number.
 */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (a < b) return -1
    if (a > b) return 1
    return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  }
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b)
  const byType = rankOf(a) - rankOf(b)
  if (byType !== 0) return byType
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b)
  // A date without a time is the last of them: equal to every date, it would leave the order to chance.
  if (a instanceof Date && b instanceof Date) return compareValues(a.getTime(), b.getTime())
  // Same rank: both are strings, booleans, or numbers and bigints, which `<` compares as they stand.
  const x = a as number
  const y = b as number
  if (x < y) return -1
  if (x > y) return 1
  return Number(Number.isNaN(x)) - Number(Number.isNaN(y))
}

/** The order of numbers that are none of them NaN. */
export function compareNumbers(a: unknown, b: unknown): number {
  return (a as number) - (b as number)
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const order = compareValues(a[i], b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function rankOf(value: unknown): number {
  switch (typeof value) {
    case 'undefined':
      return 1
    case 'boolean':
      return 2
    case 'number':
      return 3
    case 'bigint':
      return 3
    case 'string':
      return 4
    default:
      if (value === null) return 0
      if (value instanceof Date) return 5
      if (Array.isArray(value)) return 6
      throw new TypeError(
        `a value of type ${typeof value === 'object' ? (value.constructor?.name ?? 'object') : typeof value} has no order. Give a key function that returns a number or a string.`,
      )
  }
}

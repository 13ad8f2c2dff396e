/**
 * Hadoop's reducer `aggregate`: keys say how their values are put together, as in `LongValueSum:word`.
 * Source: the package org.apache.hadoop.mapreduce.lib.aggregate.
 */
export type AggregateRole = 'aggregate-combiner' | 'aggregate-reducer'

type Aggregate = (values: Iterable<string>) => readonly string[]

/** Each gives the values that stand for all, as a combiner; a reducer's one line is made of them. */
const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  LongValueSum: (values) => [String(reduce(values, whole, (a, b) => a + b) ?? 0n)],
  LongValueMax: (values) => [String(reduce(values, whole, (a, b) => (b > a ? b : a)) ?? '')],
  LongValueMin: (values) => [String(reduce(values, whole, (a, b) => (b < a ? b : a)) ?? '')],
  DoubleValueSum: (values) => [String(reduce(values, real, (a, b) => a + b) ?? 0)],
  StringValueMax: (values) => [reduce(values, String, (a, b) => (b > a ? b : a)) ?? ''],
  StringValueMin: (values) => [reduce(values, String, (a, b) => (b < a ? b : a)) ?? ''],
  UniqValueCount: (values) => [...new Set(values)],
  ValueHistogram: histogram,
}

export function aggregate(role: AggregateRole): (key: string, values: Iterable<string>) => readonly string[] {
  return (key, values) => {
    const at = key.indexOf(':')
    const kind = key.slice(0, Math.max(0, at))
    const combine = AGGREGATES[kind]
    if (combine === undefined)
      throw new Error(
        `aggregate: the key "${key}" begins with none of ${Object.keys(AGGREGATES).join(', ')} and a colon`,
      )
    const combined = named(key, () => combine(values))
    if (role === 'aggregate-combiner') return combined.map((value) => `${key}\t${value}`)
    return [`${key.slice(at + 1)}\t${resultOf(kind, combined)}`]
  }
}

/** Says which key a wrong value belongs to. */
function named<T>(key: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new Error(`aggregate: the key "${key}": ${(error as Error).message}`, { cause: error })
  }
}

function whole(text: string): bigint {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`expected whole numbers, got "${text}"`)
  return BigInt(text)
}

function real(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || (Number.isNaN(number) && text !== 'NaN')) throw new Error(`expected numbers, got "${text}"`)
  return number
}

function resultOf(kind: string, combined: readonly string[]): string {
  if (kind === 'UniqValueCount') return String(combined.length)
  if (kind !== 'ValueHistogram') return combined[0] ?? ''
  const counts = combined.map((each) => Number(each.slice(each.lastIndexOf('\t') + 1))).sort((a, b) => a - b)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const mean = total / counts.length
  const deviation = Math.sqrt(counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length)
  return [counts.length, counts[0], counts[Math.floor(counts.length / 2)], counts.at(-1), mean, deviation].join('\t')
}

/** `value<TAB>count` of each value, which is also what a combiner gave. */
function histogram(values: Iterable<string>): readonly string[] {
  const counts = new Map<string, number>()
  for (const each of values) {
    const [, value = each, count = '1'] = /^(.*)\t(\d+)$/s.exec(each) ?? []
    counts.set(value, (counts.get(value) ?? 0) + Number(count))
  }
  return [...counts].map(([value, count]) => `${value}\t${count}`)
}

function reduce<T>(values: Iterable<string>, read: (text: string) => T, join: (a: T, b: T) => T): T | undefined {
  let result: T | undefined
  for (const text of values) {
    const value = read(text)
    result = result === undefined ? value : join(result, value)
  }
  return result
}

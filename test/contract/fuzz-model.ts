/**
 * The model of the fuzz: what wide verbs give, said with plain arrays. Where a verb leaves the order or the place of rows open, the
 * model says how much of it is known, and that spreads to the verbs after it. It imports nothing of the engine.
 */
import { isBefore, type Partitions, slicesOf } from './model.ts'

/**
 * `parts`: every partition's rows in their order. `list`: the order of all rows, but not where it is cut.
 * `bag`: which rows there are, nothing else. Of the last two `parts` is one list of all rows.
 */
export type Known = 'parts' | 'list' | 'bag'

export interface Modelled {
  readonly known: Known
  readonly parts: Partitions
  /** Partitions there are. */
  readonly count: number
}

export type Pair = readonly [key: unknown, value: unknown]

/** What the engine must refuse as well: a key that is none, a value without an order. */
export class Refused extends Error {}

/** A text that is equal for equal values only. Also run in workers, to give rows whose order is open one order. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join()}]`
  if (value instanceof Date) return `Date ${value.getTime()}`
  if (value instanceof Map) return `Map [${Array.from(value, (entry) => canonical(entry)).join()}]`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} [${String(value)}]`
  const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${canonical(item)}`)
  return `{${entries.sort().join()}}`
}

/** In one order. */
export function inOrder<T>(rows: readonly T[]): T[] {
  return rows
    .map((row) => ({ row, text: canonical(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
    .map(({ row }) => row)
}

export function bag(rows: readonly unknown[], count: number): Modelled {
  return { known: 'bag', parts: [rows], count }
}

export function list(rows: readonly unknown[], count: number): Modelled {
  return { known: 'list', parts: [rows], count }
}

export function parts(rows: Partitions): Modelled {
  return { known: 'parts', parts: rows, count: rows.length }
}

/** The values of each key, keys and values in the order in which they come. */
export function grouped(rows: readonly unknown[]): [key: unknown, values: unknown[]][] {
  const groups = new Map<string, [unknown, unknown[]]>()
  for (const [key, value] of rows as readonly Pair[]) {
    const text = keyText(key)
    const group = groups.get(text)
    if (group === undefined) groups.set(text, [key, [value]])
    else group[1].push(value)
  }
  return [...groups.values()]
}

/** The values that each side has for each key of either. */
export function cogrouped(left: readonly unknown[], right: readonly unknown[]): [unknown, unknown[], unknown[]][] {
  const sides = [new Map(textKeyed(left)), new Map(textKeyed(right))] as const
  const keys = new Map([...sides[1], ...sides[0]].map(([text, [key]]) => [text, key]))
  return [...keys].map(([text, key]) => [key, sides[0].get(text)?.[1] ?? [], sides[1].get(text)?.[1] ?? []])
}

function textKeyed(rows: readonly unknown[]): [string, [unknown, unknown[]]][] {
  return grouped(rows).map((group) => [keyText(group[0]), group])
}

/** Each value of the left with each of the right; a side without values counts as one, `undefined`, where it may be absent. */
export function joined(
  left: readonly unknown[],
  right: readonly unknown[],
  mayLack: { readonly left: boolean; readonly right: boolean },
): Pair[] {
  return cogrouped(left, right).flatMap(([key, ours, theirs]) => {
    const lefts = ours.length === 0 && mayLack.left ? [undefined] : ours
    const rights = theirs.length === 0 && mayLack.right ? [undefined] : theirs
    return lefts.flatMap((a) => rights.map((b): Pair => [key, [a, b]]))
  })
}

/** Sorted by key, equal ones in the order they had. */
export function sorted<T>(rows: readonly T[], key: (row: T) => unknown, ascending: boolean): T[] {
  for (const row of rows) requireOrder(key(row))
  // Boxed, since JavaScript's own sort puts undefined last whatever the order says.
  const boxed = rows.map((row) => ({ row, by: key(row) }))
  boxed.sort((a, b) => {
    const [x, y] = ascending ? [a.by, b.by] : [b.by, a.by]
    return isBefore(x, y) ? -1 : Number(isBefore(y, x))
  })
  return boxed.map(({ row }) => row)
}

/** Placed by a number for each key, modulo `n`. */
export function placed(rows: readonly unknown[], n: number, place: (key: unknown) => number): Partitions {
  return Array.from({ length: n }, (_, i) => (rows as readonly Pair[]).filter(([key]) => place(key) % n === i))
}

export function product(left: Modelled, right: Modelled): Modelled {
  const pairs = (a: readonly unknown[], b: readonly unknown[]): Pair[] => a.flatMap((x) => b.map((y): Pair => [x, y]))
  if (left.known !== 'parts' || right.known !== 'parts')
    return bag(pairs(left.parts.flat(), right.parts.flat()), left.count * right.count)
  return parts(left.parts.flatMap((a) => right.parts.map((b) => pairs(a, b))))
}

export function spread(rows: Modelled, n: number): Modelled {
  return rows.known === 'bag' ? bag(rows.parts.flat(), n) : parts(slicesOf(rows.parts.flat(), n))
}

/** @throws Refused for what no key can be */
export function keyText(key: unknown): string {
  requireKey(key)
  return canonical(key)
}

function requireKey(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Date) return
  if (value instanceof Map || ArrayBuffer.isView(value)) throw new Refused('no key')
  for (const item of Object.values(value)) requireKey(item)
}

function requireOrder(value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Date) return
  if (!Array.isArray(value)) throw new Refused('no order')
  for (const item of value) requireOrder(item)
}

/**
 * Cells: where an accumulator adds up. The driver keeps one for each accumulator; each worker hands its own to the functions, as the
 * accumulator, and takes what it holds when the task ends. One class for each kind, so that `add` costs a loop no more than an addition.
 */
import { DataError } from '../errors.ts'
import { decodeRows, encodeRows } from '../io/row-codec.ts'
import { findUnsendable, isSendable } from '../io/sendable.ts'
import type { AccumulatorKind, AccumulatorTotal } from '../plan/shared.ts'

/** What can be told apart from its like in any thread: objects are never the same ones there. */
export type Primitive = string | number | bigint | boolean | null | undefined

export interface Cell {
  add(...item: never[]): void
  /** What was added since the last `clear`, the zero aside. */
  readonly content: unknown
  clear(): void
  /** The content, for another cell's `merge`; null if there is none. @throws DataError for what cannot be moved */
  total(): AccumulatorTotal | null
  merge(total: AccumulatorTotal): void
}

export function openCell(kind: AccumulatorKind, label: string): Cell {
  switch (kind) {
    case 'sum':
      return new SumCell(label)
    case 'min':
      return new MinCell(label)
    case 'max':
      return new MaxCell(label)
    case 'list':
      return new ListCell(label)
    case 'set':
      return new SetCell(label)
    case 'counts':
      return new CountsCell(label)
  }
}

/** What functions see besides `add`. */
abstract class SharedCell {
  protected readonly label: string

  constructor(label: string) {
    this.label = label
  }

  get value(): never {
    throw new TypeError(
      `${this.label}: its value cannot be read inside a function, where only a part is known. Read it outside, after the action`,
    )
  }

  reset(): never {
    throw new TypeError(`${this.label}: it cannot be reset inside a function. Do it outside, between actions`)
  }
}

class SumCell extends SharedCell implements Cell {
  content = 0

  add(n: number): void {
    if (typeof n !== 'number') refuse(this.label, 'a number', n)
    this.content += n
  }

  clear(): void {
    this.content = 0
  }

  total(): number | null {
    return this.content === 0 ? null : this.content
  }

  merge(total: AccumulatorTotal): void {
    this.content += total as number
  }
}

class MaxCell extends SharedCell implements Cell {
  content = Number.NEGATIVE_INFINITY

  /** NaN is the largest, as for `max` of a dataset. */
  add(n: number): void {
    if (typeof n !== 'number') refuse(this.label, 'a number', n)
    if (n > this.content || Number.isNaN(n)) this.content = n
  }

  clear(): void {
    this.content = Number.NEGATIVE_INFINITY
  }

  total(): number | null {
    return this.content === Number.NEGATIVE_INFINITY ? null : this.content
  }

  merge(total: AccumulatorTotal): void {
    this.add(total as number)
  }
}

class MinCell extends SharedCell implements Cell {
  content = Number.POSITIVE_INFINITY

  add(n: number): void {
    if (typeof n !== 'number') refuse(this.label, 'a number', n)
    if (n < this.content) this.content = n
  }

  clear(): void {
    this.content = Number.POSITIVE_INFINITY
  }

  total(): number | null {
    return this.content === Number.POSITIVE_INFINITY ? null : this.content
  }

  merge(total: AccumulatorTotal): void {
    this.add(total as number)
  }
}

class ListCell extends SharedCell implements Cell {
  content: unknown[] = []

  add(item: unknown): void {
    if (!isSendable(item)) refuseItem(this.label, item)
    this.content.push(item)
  }

  clear(): void {
    this.content = []
  }

  total(): Uint8Array | null {
    return this.content.length === 0 ? null : rowsOf(this.label, this.content)
  }

  merge(total: AccumulatorTotal): void {
    for (const item of decodeRows(total as Uint8Array)) this.content.push(item)
  }
}

class SetCell extends SharedCell implements Cell {
  content = new Set<unknown>()

  add(item: Primitive): void {
    requirePrimitive(this.label, item)
    this.content.add(item)
  }

  clear(): void {
    this.content = new Set()
  }

  total(): Uint8Array | null {
    return this.content.size === 0 ? null : rowsOf(this.label, [...this.content])
  }

  merge(total: AccumulatorTotal): void {
    for (const item of decodeRows(total as Uint8Array)) this.content.add(item)
  }
}

class CountsCell extends SharedCell implements Cell {
  content = new Map<unknown, number>()

  add(key: Primitive, n: number = 1): void {
    requirePrimitive(this.label, key)
    if (typeof n !== 'number') refuse(this.label, 'a number', n)
    this.content.set(key, (this.content.get(key) ?? 0) + n)
  }

  clear(): void {
    this.content = new Map()
  }

  total(): Uint8Array | null {
    return this.content.size === 0 ? null : rowsOf(this.label, [...this.content])
  }

  merge(total: AccumulatorTotal): void {
    for (const [key, n] of decodeRows(total as Uint8Array) as [Primitive, number][]) this.add(key, n)
  }
}

function requirePrimitive(label: string, value: unknown): void {
  if ((typeof value === 'object' && value !== null) || typeof value === 'function' || typeof value === 'symbol') {
    refuse(label, 'a string, a number or another primitive, since no two threads have the same object', value)
  }
}

function refuseItem(label: string, item: unknown): never {
  const found = findUnsendable(item)
  throw new TypeError(
    `${label}: add() cannot take this item: ${found?.path ?? 'it '}${found?.what ?? 'is no data'}. Add plain data`,
  )
}

function refuse(label: string, wanted: string, got: unknown): never {
  throw new TypeError(`${label}: add() takes ${wanted}, got ${shown(got)}`)
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function rowsOf(label: string, items: readonly unknown[]): Uint8Array {
  try {
    return encodeRows(items)
  } catch (error) {
    if (error instanceof DataError) throw new DataError(`${label}: ${error.message}`, { cause: error })
    throw error
  }
}

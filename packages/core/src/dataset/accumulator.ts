/**
 * An accumulator: what functions add to in the workers, and the driver reads. What a task adds counts once it has succeeded, and once
 * for each partition of each action, whatever is tried again or computed again.
 */
import { PlanError } from '../errors.ts'
import type { CallSite } from '../plan/call-site.ts'
import { type AccumulatorKind, type AccumulatorTotal, markShared } from '../plan/shared.ts'
import { type Cell, openCell, type Primitive } from '../run/accumulator-cells.ts'
import { placeOf } from './lineage.ts'

export type { Primitive } from '../run/accumulator-cells.ts'

export interface AccumulatorOptions {
  /** Shown in errors. */
  readonly name?: string
  /** What becomes of two numbers; `'sum'` by default. */
  readonly merge?: 'sum' | 'min' | 'max'
}

/** What an accumulator can begin with; it says how it combines. */
export type Zero = number | readonly unknown[] | ReadonlySet<Primitive> | ReadonlyMap<Primitive, number>

/** Made by `ctx.accumulator(zero)`. Functions capture the object and call `add`. */
export class Accumulator<Value = number, Item extends readonly unknown[] = [n: number]> {
  readonly #zero: Zero
  readonly #cell: Cell

  /** @internal Use `ctx.accumulator`. */
  constructor(zero: Zero, kind: AccumulatorKind, name: string | undefined, at: CallSite) {
    const id = nextId++
    const label = `accumulator${name === undefined ? '' : ` "${name}"`}${placeOf(at)}`
    this.#zero = zero
    this.#cell = openCell(kind, label)
    this.reset()
    const merge = (total: AccumulatorTotal): void => this.#cell.merge(total)
    markShared(this, () => ({ type: 'accumulator', id, kind, label, merge }))
  }

  /** Adds in a function, or here: a number; an item of a list or a set; a key, and how often it counts if not once. */
  add(...item: Item): void {
    // `Item` is what the cell of this kind takes.
    this.#cell.add(...(item as readonly unknown[] as never[]))
  }

  /** The zero and all that was added by tasks that succeeded; it grows while an action runs. On the driver only. */
  get value(): Value {
    const { content } = this.#cell
    // `Value` is what the cell of this kind holds.
    return copyOf(content) as Value
  }

  /** Goes back to the zero. */
  reset(): void {
    this.#cell.clear()
    const zero = this.#zero
    if (typeof zero === 'number') this.#cell.add(zero as never)
    else if (zero instanceof Map) for (const [key, n] of zero) this.#cell.add(key as never, n as never)
    else for (const item of zero as Iterable<unknown>) this.#cell.add(item as never)
  }
}

let nextId = 0

/** @throws PlanError for a zero or a merge that is none */
export function openAccumulator(
  zero: Zero,
  options: string | AccumulatorOptions,
  at: CallSite,
): Accumulator<unknown, unknown[]> {
  const { name, merge = 'sum' } = typeof options === 'string' ? { name: options } : options
  const place = `accumulator${placeOf(at)}`
  const kind = kindOf(zero, merge)
  if (kind === null) {
    throw new PlanError(
      `${place}: the zero must be a number, an array, a Set or a Map of counts, got ${shown(zero)}. A number sums, an array gathers items, a Set distinct ones, a Map counts by key`,
    )
  }
  if (!['sum', 'min', 'max'].includes(merge)) {
    throw new PlanError(`${place}: merge must be 'sum', 'min' or 'max', got ${shown(merge)}. Gather a list for others`)
  }
  if (merge !== 'sum' && typeof zero !== 'number') {
    throw new PlanError(`${place}: merge: '${merge}' is for numbers, got ${shown(zero)}. Leave it out`)
  }
  return new Accumulator(copyOf(zero), kind, name, at)
}

function kindOf(zero: unknown, merge: AccumulatorKind): AccumulatorKind | null {
  if (typeof zero === 'number') return merge
  if (Array.isArray(zero)) return 'list'
  if (zero instanceof Set) return 'set'
  return zero instanceof Map ? 'counts' : null
}

function copyOf<T>(value: T): T {
  // A copy is of the kind that it copies.
  if (Array.isArray(value)) return [...(value as readonly unknown[])] as T
  if (value instanceof Set) return new Set(value) as T
  return value instanceof Map ? (new Map(value) as T) : value
}

function shown(value: unknown): string {
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? `'${value}'` : String(value)
  return Array.isArray(value) ? 'an array' : `an instance of ${value.constructor?.name ?? 'nothing'}`
}

/**
 * Shared objects: what lives on the driver and is known to functions by a handle instead of a copy. A broadcast is read by them,
 * an accumulator is added to. The mark on an object says which it is, when a function that captured it is about to travel.
 */
const SHARED: unique symbol = Symbol.for('kindling.shared')

export type SharedObject = SharedBroadcast | SharedAccumulator

export interface SharedBroadcast {
  readonly type: 'broadcast'
  readonly id: number
  readonly label: string
  /** Null when it is no more. */
  readonly block: BroadcastBlock | null
  /** What became of it, where the block is null. */
  readonly gone: string
}

export interface SharedAccumulator {
  readonly type: 'accumulator'
  readonly id: number
  readonly kind: AccumulatorKind
  readonly label: string
  /** Takes in what a task added. */
  merge(total: AccumulatorTotal): void
}

/** What a handle is made from, in a bundle. */
export type SharedNode =
  | { readonly type: 'broadcast'; readonly id: number; readonly label: string }
  | { readonly type: 'accumulator'; readonly id: number; readonly kind: AccumulatorKind; readonly label: string }

/** A value encoded once: in shared memory, unless it came from another process. */
export interface BroadcastBlock {
  readonly id: number
  readonly value: Uint8Array
  /** Large binary data of the value, apart: whoever shares this memory reads it without a copy. */
  readonly views: readonly Uint8Array[]
}

/** How an accumulator combines: each way is associative and commutative, so that the order in which tasks end means nothing. */
export type AccumulatorKind = 'sum' | 'min' | 'max' | 'list' | 'set' | 'counts'

/** What one task added up: a number, or rows of the row codec. */
export type AccumulatorTotal = number | Uint8Array

export interface AccumulatorUpdate {
  readonly id: number
  readonly total: AccumulatorTotal
}

/** Marks an object of the user's as standing for a shared one, described as it is when asked for. */
export function markShared(object: object, describe: () => SharedObject): void {
  Object.defineProperty(object, SHARED, { value: describe })
}

/** The shared object that a marked one stands for; null for all others. */
export function sharedObject(object: object): SharedObject | null {
  // Only `markShared` sets the mark.
  return SHARED in object ? (object[SHARED] as () => SharedObject)() : null
}

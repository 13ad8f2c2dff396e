/** A partitioner: into which partition of a shuffle a row goes. `Fn` is how functions are held, as in a step. */
import type { UserFunction } from './step.ts'

export type Partitioner<Fn> =
  /** By the key's portable hash, modulo the number of partitions. */
  | { readonly type: 'hash' }
  /** By what the user's function gives for the key, modulo the number of partitions. */
  | { readonly type: 'custom'; readonly fn: Fn }
  /** As many rows in each, whatever they are, in the order they had. */
  | { readonly type: 'spread' }
  /** By the order of keys: partitions follow one another and each is sorted. */
  | { readonly type: 'range'; readonly ascending: boolean }

/** How the rows of a dataset are known to lie: by a partitioner, in so many partitions. */
export interface Placement {
  readonly count: number
  /** Null: nothing is known of where a key is. A range keeps equal keys together, but only its own shuffle knows where. */
  readonly by: Exclude<Partitioner<UserFunction>, { type: 'spread' | 'range' }> | null
}

/** Whether equal keys of both lie in partitions of the same number. */
export function isSamePlacement(a: Placement, b: Placement): boolean {
  if (a.by === null || b.by === null || a.count !== b.count) return false
  if (a.by.type === 'hash') return b.by.type === 'hash'
  return b.by.type === 'custom' && a.by.fn === b.by.fn
}

/** The same partitioner with its function held another way. */
export function withPartitionerFunction<A, B>(partitioner: Partitioner<A>, hold: (fn: A) => B): Partitioner<B> {
  return partitioner.type === 'custom' ? { type: 'custom', fn: hold(partitioner.fn) } : partitioner
}

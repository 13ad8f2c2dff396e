/** A revival: the values of a bundle's nodes, as far as they are made. */
import type { Bundle, Encoded } from './bundle.ts'
import { decodePrimitive, nodeNumber } from './decode.ts'

export interface Revival {
  readonly bundle: Bundle
  /** By node number. */
  readonly values: unknown[]
  readonly isMade: boolean[]
  /** The shared variables: one object each, with the variable as its property. */
  readonly cells: Record<string, unknown>[]
}

/** The value of what stands in a node. What it refers to must be made. */
export function resolve(revival: Revival, encoded: Encoded): unknown {
  if (typeof encoded !== 'object' || encoded === null) return encoded
  const id = nodeNumber(encoded)
  return id === null ? decodePrimitive(encoded)?.value : revival.values[id]
}

export function make(revival: Revival, id: number, value: unknown): void {
  revival.values[id] = value
  revival.isMade[id] = true
}

/** A broadcast: a value that functions read in the workers, sent once to each process instead of with each function that uses it. */
import { PlanError } from '../errors.ts'
import { findUnsendable, isSendable, type Unsendable } from '../io/sendable.ts'
import { decodeShared, encodeShared } from '../io/shared-value.ts'
import type { CallSite } from '../plan/call-site.ts'
import { DRIVER_ONLY } from '../plan/driver-only.ts'
import { type BroadcastBlock, markShared } from '../plan/shared.ts'
import { placeOf } from './lineage.ts'

/** What is told to workers; what is known here when the object is gone. */
export interface BroadcastState {
  readonly id: number
  readonly label: string
  /** Null when it is destroyed. */
  block: BroadcastBlock | null
  /** The value as read here, once it was. */
  decoded: { readonly value: unknown } | null
  /** What became of it. */
  gone: string
  /** Takes it from the workers. */
  readonly drop: () => void
}

/** Made by `ctx.broadcast(value)`. Functions capture the object and read its `value`. */
export class Broadcast<T> {
  readonly #state: BroadcastState

  /** @internal Use `ctx.broadcast`. */
  constructor(state: BroadcastState) {
    this.#state = state
    markShared(this, () => ({
      type: 'broadcast',
      id: state.id,
      label: state.label,
      block: state.block,
      gone: state.gone,
    }))
  }

  /**
   * The value as it was when it was broadcast: a copy, on the driver as in functions, made when first asked for. Treat it as
   * read-only: large typed arrays, DataViews and Buffers in it are memory that all threads of this process share.
   * @throws PlanError after `destroy()` and after the context was stopped
   */
  get value(): T {
    const state = this.#state
    const { block, label, gone } = state
    if (block === null) throw new PlanError(`${label}: it ${gone}. Make another with ctx.broadcast(value)`)
    state.decoded ??= { value: decodeShared(block) }
    // What is decoded is what was encoded.
    return state.decoded.value as T
  }

  /** Takes the value from the workers, to free their memory. A function that reads it later has it sent again. */
  async unpersist(): Promise<void> {
    this.#state.drop()
  }

  /** Ends the broadcast: reading it, and actions with functions that use it, are errors from now on. Actions that run go on. */
  async destroy(): Promise<void> {
    endBroadcast(this.#state, 'was destroyed')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy()
  }
}

let nextId = 0

/** @throws PlanError naming the first thing in the value that cannot be sent */
export function openBroadcast(value: unknown, at: CallSite, drop: (id: number) => void): BroadcastState {
  const id = nextId++
  const label = `broadcast${placeOf(at)}`
  if (typeof value === 'object' && value !== null && DRIVER_ONLY in value) {
    throw new PlanError(`${label}: the value stays on the driver. ${String(value[DRIVER_ONLY])}`)
  }
  if (!isSendable(value)) throw refusal(label, value, null)
  try {
    return { id, label, block: { id, ...encodeShared(value) }, decoded: null, gone: '', drop: () => drop(id) }
  } catch (error) {
    throw refusal(label, value, error as Error)
  }
}

/** Frees all memory of a broadcast. `gone` completes "it …". */
export function endBroadcast(state: BroadcastState, gone: string): void {
  if (state.block === null) return
  state.block = null
  state.decoded = null
  state.gone = gone
  state.drop()
}

/** What to do, by the kind of what cannot be sent. */
const ADVICE: Readonly<Record<Unsendable['kind'], string>> = {
  function: 'Let the functions that run on rows capture it instead, and broadcast data only',
  symbol: 'Broadcast a string instead',
  proxy: 'Broadcast a copy of what it stands for',
  promise: 'Await it first, and broadcast the result',
  loss: 'Broadcast a plain object with what is needed of it',
  weak: 'Broadcast plain data',
  iterator: 'Collect it into an array first',
  instance: 'It would lose its class: broadcast its data, such as { ...it }, or let functions capture it',
}

/** @param error what V8 said, without a path, where the value did not look wrong at once */
function refusal(label: string, value: unknown, error: Error | null): PlanError {
  const found = findUnsendable(value)
  if (found === null) {
    const reason = error instanceof RangeError ? 'it is too large or nested too deeply' : error?.message
    return new PlanError(`${label}: the value cannot be sent to workers: ${reason}. Broadcast plain data`, {
      cause: error,
    })
  }
  // The value itself is called "it" where rows are spoken of.
  const where = found.path === 'it ' ? '' : found.path
  return new PlanError(`${label}: the value ${where}${found.what} and cannot be sent to workers. ${ADVICE[found.kind]}`)
}

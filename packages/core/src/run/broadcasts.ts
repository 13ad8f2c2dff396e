/** The broadcasts that a worker has: the encoded value of each, decoded when a function first asks, once for all that ask. */
import { decodeShared } from '../io/shared-value.ts'
import type { BroadcastBlock, SharedNode } from '../plan/shared.ts'

export class Broadcasts {
  readonly #held = new Map<number, Held>()

  /** Those it has already are the same. */
  receive(blocks: readonly BroadcastBlock[]): void {
    for (const block of blocks) if (!this.#held.has(block.id)) this.#held.set(block.id, { block, value: undefined })
  }

  /** Functions that were made with its handle keep it. */
  drop(id: number): void {
    this.#held.delete(id)
  }

  /** What stands for a broadcast in functions. */
  handleOf({ id, label }: SharedNode & { readonly type: 'broadcast' }): object {
    const held = this.#held.get(id)
    if (held === undefined) throw new Error(`${label} was not sent`)
    return new BroadcastHandle(label, held)
  }
}

interface Held {
  /** Null once it is decoded. */
  block: BroadcastBlock | null
  value: unknown
}

class BroadcastHandle {
  readonly #label: string
  readonly #held: Held

  constructor(label: string, held: Held) {
    this.#label = label
    this.#held = held
  }

  get value(): unknown {
    const held = this.#held
    if (held.block !== null) {
      held.value = decodeShared(held.block)
      held.block = null
    }
    return held.value
  }

  unpersist(): never {
    return this.#refuse('unpersisted')
  }

  destroy(): never {
    return this.#refuse('destroyed')
  }

  #refuse(what: string): never {
    throw new TypeError(`${this.#label}: it cannot be ${what} inside a function. Do it outside, after the action`)
  }
}

/** The ready queue against a plain list that is searched: the same order, whatever is pushed, taken and released in between. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Claim, ReadyQueue } from '../src/ready-queue.ts'

interface Item extends Claim {
  readonly name: number
}

/** What the queue should do, said as simply as possible. */
class List {
  readonly free: Record<string, number>
  readonly items: Item[] = []

  constructor(free: Record<string, number>) {
    this.free = { ...free }
  }

  fits({ resources }: Item): boolean {
    return Object.entries(resources).every(([name, amount]) => amount <= (this.free[name] ?? 0))
  }

  take(): Item | undefined {
    const ready = this.items.filter((item) => this.fits(item))
    const [first] = ready.toSorted((a, b) => b.priority - a.priority || a.order - b.order)
    if (first === undefined) return undefined
    this.items.splice(this.items.indexOf(first), 1)
    this.change(first, -1)
    return first
  }

  change({ resources }: Item, sign: 1 | -1): void {
    for (const [name, amount] of Object.entries(resources)) this.free[name] = (this.free[name] ?? 0) + sign * amount
  }
}

const LIMITS = { db: 2, gpu: 1 }

const item = fc.record({
  priority: fc.integer({ min: 0, max: 3 }),
  resources: fc.record({ db: fc.integer({ min: 1, max: 2 }), gpu: fc.constant(1) }, { requiredKeys: [] }),
})
const action = fc.oneof(
  item.map((pushed) => ({ type: 'push', pushed }) as const),
  fc.constant({ type: 'take' } as const),
  fc.nat().map((index) => ({ type: 'release', index }) as const),
)

test('what is taken comes by priority, then by order, as far as its resources are free', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const queue = new ReadyQueue<Item>(LIMITS)
      const list = new List(LIMITS)
      const taken: Item[] = []
      for (const [order, step] of actions.entries()) {
        if (step.type === 'push') {
          const pushed = { ...step.pushed, order, name: order }
          queue.push(pushed)
          list.items.push(pushed)
        } else if (step.type === 'take') {
          const [first, expected] = [queue.take(), list.take()]
          expect(first).toEqual(expected)
          if (first !== undefined) taken.push(first)
        } else {
          const [back] = taken.splice(step.index % Math.max(taken.length, 1), 1)
          if (back === undefined) continue
          queue.release(back)
          list.change(back, 1)
        }
      }
    }),
  )
})

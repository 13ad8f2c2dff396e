/** The ready queue: tasks that may start, by priority and then in the order found, as far as the resources that they hold are free. */

export interface Claim {
  readonly priority: number
  readonly order: number
  readonly resources: Readonly<Record<string, number>>
}

/**
 * A task that lacks a resource is parked with the others that lack it, so that finding the next one costs the same however many wait.
 */
export class ReadyQueue<Item extends Claim> {
  readonly #free: Map<string, number>
  readonly #ready = new Heap<Item>()
  readonly #parked = new Map<string, Heap<Item>>()

  constructor(resources: Readonly<Record<string, number>>) {
    this.#free = new Map(Object.entries(resources))
  }

  push(item: Item): void {
    this.#ready.push(item)
  }

  /** Takes the first item that can have its resources, and takes these. */
  take(): Item | undefined {
    for (;;) {
      const heap = this.#best()
      const item = heap?.pop()
      if (item === undefined) return undefined
      const lacking = this.#lacking(item)
      if (lacking === undefined) {
        this.#change(item, -1)
        return item
      }
      const parked = this.#parked.get(lacking) ?? new Heap<Item>()
      this.#parked.set(lacking, parked)
      parked.push(item)
    }
  }

  /** Takes the resources of an item that isn't queued; false when they aren't free. */
  acquire(item: Item): boolean {
    if (this.#lacking(item) !== undefined) return false
    this.#change(item, -1)
    return true
  }

  release(item: Item): void {
    this.#change(item, 1)
  }

  /** Takes out everything. */
  clear(): void {
    for (const heap of [this.#ready, ...this.#parked.values()]) while (heap.pop() !== undefined);
  }

  /** The heap with the first item that isn't known to lack something. */
  #best(): Heap<Item> | undefined {
    let best: Heap<Item> | undefined = this.#ready.peek() === undefined ? undefined : this.#ready
    for (const [name, heap] of this.#parked) {
      const first = heap.peek()
      if (first === undefined || (first.resources[name] ?? 0) > (this.#free.get(name) ?? 0)) continue
      const rival = best?.peek()
      if (rival === undefined || isBefore(first, rival)) best = heap
    }
    return best
  }

  #lacking({ resources }: Item): string | undefined {
    return Object.keys(resources).find((name) => (resources[name] ?? 0) > (this.#free.get(name) ?? 0))
  }

  #change({ resources }: Item, sign: 1 | -1): void {
    for (const [name, amount] of Object.entries(resources))
      this.#free.set(name, (this.#free.get(name) ?? 0) + sign * amount)
  }
}

function isBefore(a: Claim, b: Claim): boolean {
  return a.priority === b.priority ? a.order < b.order : a.priority > b.priority
}

/** A binary heap whose first item comes before all others. */
class Heap<Item extends Claim> {
  readonly #items: Item[] = []

  peek(): Item | undefined {
    return this.#items[0]
  }

  push(item: Item): void {
    const items = this.#items
    let at = items.push(item) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (!isBefore(item, items[above] ?? item)) break
      this.#swap(at, above)
      at = above
    }
  }

  pop(): Item | undefined {
    const items = this.#items
    const first = items[0]
    const last = items.pop()
    if (first === undefined || last === undefined || items.length === 0) return first
    items[0] = last
    for (let at = 0; ; ) {
      let least = at
      for (const below of [2 * at + 1, 2 * at + 2]) {
        const [a, b] = [items[below], items[least]]
        if (a !== undefined && b !== undefined && isBefore(a, b)) least = below
      }
      if (least === at) return first
      this.#swap(at, least)
      at = least
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items
    const [x, y] = [items[a], items[b]]
    if (x === undefined || y === undefined) return
    items[a] = y
    items[b] = x
  }
}

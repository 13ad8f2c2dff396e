/** A value as a target: kept in this process by the object itself, for small results and for tests. */
import type { Target } from './target.ts'

/** A value with a name. Two objects of one name are two values; within a run, a task and those that require it share its objects. */
export function memory<Value>(name: string): MemoryTarget<Value> {
  return new MemoryTarget<Value>(name)
}

export class MemoryTarget<Value> implements Target {
  readonly name: string
  private held: { readonly value: Value } | null = null

  /** @internal Use `memory`. */
  constructor(name: string) {
    this.name = name
  }

  exists(): boolean {
    return this.held !== null
  }

  describe(): string {
    return `memory ${this.name}`
  }

  /** @throws Error when nothing has been set */
  get(): Value {
    if (this.held === null) throw new Error(`memory: "${this.name}" holds nothing yet. Require the task that sets it.`)
    return this.held.value
  }

  set(value: Value): void {
    this.held = { value }
  }

  remove(): void {
    this.held = null
  }
}

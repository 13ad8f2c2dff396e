/** Counters: sums by group and name, those of programs and the job's own. Only what successful attempts counted is in them. */
import type { Count } from './messages.ts'

export class Counters {
  readonly groups: Map<string, Map<string, number>> = new Map()

  add({ group, name, amount }: Count): void {
    const counters = this.groups.get(group) ?? new Map<string, number>()
    this.groups.set(group, counters)
    counters.set(name, (counters.get(name) ?? 0) + amount)
  }
}

/** One of the job's own. */
export function own(name: string, amount: number): Count {
  return { group: 'kindling', name, amount }
}

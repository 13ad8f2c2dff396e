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

/** The job's own, in the order in which they are told. Records of what no thread here reads anyway are counted when asked for. */
export const OWN_COUNTERS = [
  'map input records',
  'map input bytes',
  'map output records',
  'map output bytes',
  'combine input records',
  'combine output records',
  'reduce input groups',
  'reduce input records',
  'reduce input bytes',
  'reduce output records',
  'reduce output bytes',
  'failed attempts',
] as const

export const OWN_GROUP = 'kindling'

/** One of the job's own. */
export function own(name: (typeof OWN_COUNTERS)[number], amount: number): Count {
  return { group: OWN_GROUP, name, amount }
}

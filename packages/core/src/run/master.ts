/** A master: where a context runs, as Spark spells it. */
import { availableParallelism } from 'node:os'
import { PlanError } from '../errors.ts'

export interface Master {
  readonly kind: 'local' | 'inline'
  /** Tasks at once. */
  readonly slots: number
}

export const DEFAULT_MASTER = 'local[*]'

/** @throws PlanError if it is none of `local`, `local[n]`, `local[*]`, `inline` */
export function parseMaster(master: string): Master {
  if (master === 'inline') return { kind: 'inline', slots: 1 }
  const match = /^local(?:\[(\*|\d+)\])?$/.exec(master)
  const slots = match?.[1] === undefined ? 1 : match[1] === '*' ? availableParallelism() : Number(match[1])
  if (match === null || slots < 1) {
    throw new PlanError(
      `master: expected local, local[n], local[*] or inline, got ${JSON.stringify(master)}. Use local[*] for all cores`,
    )
  }
  return { kind: 'local', slots }
}

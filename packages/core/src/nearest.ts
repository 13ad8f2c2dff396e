/** The nearest name: what somebody meant who misspelt one. */
import { createRequire } from 'node:module'
import type lodashMinBy from 'lodash/minBy.js'
import { PlanError } from './errors.ts'

/** The refusal of a name, with the nearest that is known, or all of them. */
export function unknownName(what: string, name: string, known: readonly string[]): PlanError {
  return new PlanError(`${what} ${name}. ${suggestion(name, known)}`)
}

/** `Did you mean x?`, or what there is when nothing comes near. */
export function suggestion(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  if (nearest !== null) return `Did you mean ${nearest}?`
  return known.length === 0 ? 'There are none.' : `Known: ${known.join(', ')}.`
}

/** The known name that is nearest to `name`, whatever its case; null when none is near. */
export function nearestName(name: string, known: readonly string[]): string | null {
  // Loaded only when somebody has misspelt a name.
  const minBy = createRequire(import.meta.url)('lodash/minBy.js') as typeof lodashMinBy
  const distanceTo = (candidate: string): number => editDistance(name.toLowerCase(), candidate.toLowerCase())
  const nearest = minBy(known, distanceTo)
  return nearest !== undefined && distanceTo(nearest) <= name.length / 2 ? nearest : null
}

/** Insertions, deletions and substitutions between two words. Source: Wagner and Fischer, 1974. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

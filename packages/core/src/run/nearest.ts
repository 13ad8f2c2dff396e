/** The nearest name: what somebody meant who misspelt one. */
import { PlanError } from '../errors.ts'

/** The refusal of a name, with the nearest that is known, or all of them. */
export async function unknownName(what: string, name: string, known: readonly string[]): Promise<PlanError> {
  const nearest = await nearestName(name, known)
  return new PlanError(
    `${what} ${name}. ${nearest === null ? `Known: ${known.join(', ')}` : `Did you mean ${nearest}?`}`,
  )
}

/** The known name that is nearest to `name`; null when none is near. */
export async function nearestName(name: string, known: readonly string[]): Promise<string | null> {
  const { default: minBy } = await import('lodash/minBy.js')
  const nearest = minBy(known, (candidate) => editDistance(name, candidate)) ?? ''
  return editDistance(name, nearest) <= name.length / 2 ? nearest : null
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

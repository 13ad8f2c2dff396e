/** The nearest name: what was probably meant by one that nobody knows. */

/** `Did you mean x?`, or what there is when nothing comes near. */
export function suggestion(name: string, known: readonly string[]): string {
  const scored = known.map((candidate) => ({
    candidate,
    distance: distance(name.toLowerCase(), candidate.toLowerCase()),
  }))
  const [best] = scored.toSorted((a, b) => a.distance - b.distance)
  if (best !== undefined && best.distance <= name.length / 2) return `Did you mean ${best.candidate}?`
  return known.length === 0 ? 'There are none.' : `Known: ${known.join(', ')}.`
}

/** Insertions, deletions and substitutions between two words. Source: Wagner and Fischer, 1974. */
function distance(a: string, b: string): number {
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

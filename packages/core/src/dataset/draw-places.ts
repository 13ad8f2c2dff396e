/** Drawing: which rows a sample of an exact size takes, by their places. */

/** Draws places among all rows, and says in which order the rows at them, as they come, are to be given. */
export function drawPlaces(
  counts: readonly number[],
  withReplacement: boolean,
  n: number,
  random: () => number,
): { readonly places: readonly (readonly number[])[]; readonly order: readonly number[] } {
  const total = counts.reduce((a, b) => a + b, 0)
  const drawn = withReplacement && total > 0 ? drawAny(total, n, random) : drawEach(total, Math.min(n, total), random)
  const sorted = drawn.map((place, i) => ({ place, i })).sort((a, b) => a.place - b.place)
  const order: number[] = drawn.map(() => 0)
  for (const [rank, { i }] of sorted.entries()) order[i] = rank
  let start = 0
  let next = 0
  const places = counts.map((count) => {
    const own: number[] = []
    for (; next < sorted.length && (sorted[next]?.place ?? 0) < start + count; next++)
      own.push((sorted[next]?.place ?? 0) - start)
    start += count
    return own
  })
  return { places, order }
}

function drawAny(total: number, n: number, random: () => number): number[] {
  return Array.from({ length: n }, () => Math.floor(random() * total))
}

/** Different numbers below `total`. Source: Fisher and Yates' shuffle, of which only the changed places are kept. */
function drawEach(total: number, n: number, random: () => number): number[] {
  const moved = new Map<number, number>()
  return Array.from({ length: n }, (_, i) => {
    const at = i + Math.floor(random() * (total - i))
    const drawn = moved.get(at) ?? at
    moved.set(at, moved.get(i) ?? i)
    return drawn
  })
}

/** What a HyperLogLog says: how many different values its registers have seen. */

/** The fewest bits of a register's number whose error is small enough; null when no sketch of ours is. Source: Spark's countApproxDistinct. */
export function precisionFor(relativeSD: number): number | null {
  if (!(relativeSD > 0) || relativeSD > 0.5) return null
  const bits = Math.ceil(2 * Math.log2(1.054 / relativeSD))
  return bits > 24 ? null : Math.max(4, bits)
}

/**
 * @param sketches registers of the partitions
 * Source: Flajolet and others, HyperLogLog, 2007, with linear counting for few values.
 */
export function estimateDistinct(sketches: readonly Uint8Array[], precision: number): number {
  const count = 2 ** precision
  let sum = 0
  let empty = 0
  for (let i = 0; i < count; i++) {
    let register = 0
    for (const sketch of sketches) register = Math.max(register, sketch[i] as number)
    sum += 2 ** -register
    if (register === 0) empty++
  }
  const raw = ((0.7213 / (1 + 1.079 / count)) * count * count) / sum
  return Math.round(raw <= 2.5 * count && empty > 0 ? count * Math.log(count / empty) : raw)
}

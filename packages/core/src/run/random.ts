/** Random numbers that depend on a seed and a partition only, so that every run and every engine draws the same sample. */

/** Numbers in [0, 1), 32 bits each. Source: sfc32 of PractRand, by Chris Doty-Humphrey; seeded by splitmix32. */
export function randomOf(seed: number, partition: number): () => number {
  let s = mix(Math.floor(seed) ^ mix(Math.floor(seed / 0x1_0000_0000)) ^ Math.imul(partition + 1, 0x9e3779b1))
  const next = (): number => (s = mix((s + 0x9e3779b9) | 0))
  let a = next()
  let b = next()
  let c = next()
  let counter = 1
  return () => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 0x1_0000_0000
  }
}

/** How often an event of this `mean` happens: Poisson. Source: Knuth, The Art of Computer Programming 2, 3.4.1, in steps of 500 so that `exp` stays above 0. */
export function poissonOf(random: () => number, mean: number): number {
  let count = 0
  for (let left = mean; left > 0; left -= 500) {
    const limit = Math.exp(-Math.min(left, 500))
    for (let product = random(); product > limit; product *= random()) count++
  }
  return count
}

function mix(x: number): number {
  let h = x | 0
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) | 0
}

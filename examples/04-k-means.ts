// k-means: points go to their nearest center, centers move to the middle of their points, until they stand still.
import { createContext } from 'kindling'

type Point = readonly [x: number, y: number]

await using ctx = await createContext()

// Three clouds around (1, 1), (10, 1) and (5, 8), the same in every run.
const points = ctx
  .range(0, 3000, 1, 4)
  .map((i): Point => {
    const [x, y] = (
      [
        [1, 1],
        [10, 1],
        [5, 8],
      ] as const
    )[i % 3] ?? [0, 0]
    return [x + Math.sin(i * 12.9898), y + Math.cos(i * 78.233)]
  })
  .cache()

const distance = (a: Point, b: Point) => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2

let centers: Point[] = [
  [0, 0],
  [8, 0],
  [4, 5],
]
for (let moved = Infinity; moved > 1e-6; ) {
  const old = centers
  const sums = await points
    .map((point): [number, [number, number, number]] => {
      const nearest = old.reduce(
        (best, center, i) => (distance(point, center) < distance(point, old[best] ?? center) ? i : best),
        0,
      )
      return [nearest, [point[0], point[1], 1]]
    })
    .reduceByKey((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]])
    .collectAsMap()
  centers = old.map((center, i) => {
    const [x, y, n] = sums.get(i) ?? [...center, 1]
    return [x / n, y / n]
  })
  moved = Math.max(...centers.map((center, i) => distance(center, old[i] ?? center)))
}

for (const [x, y] of centers) console.log(x.toFixed(1), y.toFixed(1))

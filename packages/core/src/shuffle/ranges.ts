/** Ranges: the bounds between the partitions of a sort, and which blocks of the sorted runs each partition needs. */
import { compareValues } from '../plan/order.ts'
import type { KeptBlocks, Stretch } from '../plan/task.ts'
import { decodeBlock, encodeBlock } from './block.ts'
import { spansOf } from './stretches.ts'

/** What a partition of a sorted dataset reads: keys in `[lower, upper)`, blocks of one row. */
export interface RangeInput {
  readonly runs: readonly (readonly Stretch[])[]
  readonly lower: Uint8Array | null
  readonly upper: Uint8Array | null
}

/**
 * @param outputs what the map tasks left, in the order of their partitions
 * @returns for each partition what it reads
 */
export function rangeInputs(
  outputs: readonly KeptBlocks[],
  partitionCount: number,
  ascending: boolean,
): (partition: number) => RangeInput {
  const sign = ascending ? 1 : -1
  const compare = (a: unknown, b: unknown): number => sign * compareValues(a, b)
  const bounds = boundsOf(outputs, partitionCount, compare)
  const firstKeys = outputs.map(({ order }) => (order === null ? [] : decodeBlock(order.firstKeys)))
  return (partition) => {
    const lower = partition === 0 ? null : (bounds[partition - 1] ?? NEVER)
    const upper = partition === partitionCount - 1 ? null : (bounds[partition] ?? NEVER)
    if (lower === NEVER) return { runs: [], lower: null, upper: null }
    const runs = outputs.flatMap((kept, origin) =>
      runsOf(kept, firstKeys[origin] as unknown[], origin, lower, upper === NEVER ? null : upper, compare),
    )
    return { runs, lower: boundBlock(lower), upper: boundBlock(upper === NEVER ? null : upper) }
  }
}

interface Bound {
  readonly key: unknown
}

/** There are fewer keys than partitions: those after the last bound are empty. */
const NEVER: Bound = { key: undefined }

/** Keys that cut the samples into parts of as many rows; each larger than the one before. */
function boundsOf(
  outputs: readonly KeptBlocks[],
  partitionCount: number,
  compare: (a: unknown, b: unknown) => number,
): readonly Bound[] {
  const samples = outputs.flatMap(({ order }) =>
    order === null ? [] : decodeBlock(order.samples).map((key) => ({ key, rows: order.rowsPerSample })),
  )
  samples.sort((a, b) => compare(a.key, b.key))
  const total = samples.reduce((sum, { rows }) => sum + rows, 0)
  const bounds: Bound[] = []
  let before = 0
  let last = samples[0]?.key
  for (const { key, rows } of samples) {
    if (bounds.length === partitionCount - 1) break
    if (before >= ((bounds.length + 1) * total) / partitionCount && compare(key, last) > 0) {
      bounds.push({ key })
      last = key
    }
    before += rows
  }
  return bounds
}

/** Of each run the blocks that may hold keys of the range: from the last that begins at or before it to the last that begins in it. */
function runsOf(
  kept: KeptBlocks,
  firstKeys: readonly unknown[],
  origin: number,
  lower: Bound | null,
  upper: Bound | null,
  compare: (a: unknown, b: unknown) => number,
): Stretch[][] {
  const runs: Stretch[][] = []
  for (let run = 0; run + 1 < kept.starts.length; run++) {
    const start = kept.starts[run] as number
    const end = kept.starts[run + 1] as number
    // A block that begins before the lower bound may end behind it.
    const from = lower === null ? start : Math.max(start, firstAt(firstKeys, start, end, lower.key, compare) - 1)
    const to = upper === null ? end : firstAt(firstKeys, start, end, upper.key, compare)
    if (from < to) runs.push(spansOf(kept, from, to, origin))
  }
  return runs
}

/** The first block in `[start, end)` whose first key is not before `key`; `end` when there is none. */
function firstAt(
  firstKeys: readonly unknown[],
  start: number,
  end: number,
  key: unknown,
  compare: (a: unknown, b: unknown) => number,
): number {
  let low = start
  let high = end
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare(firstKeys[middle], key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function boundBlock(bound: Bound | null): Uint8Array | null {
  return bound === null ? null : encodeBlock([bound.key])
}

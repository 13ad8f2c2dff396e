/** Spreading: as many rows for each partition, cut out of what the map tasks left, in its order. */
import { sliceStart } from '../plan/inputs.ts'
import type { KeptBlocks, Stretch } from '../plan/task.ts'
import { spansOf } from './stretches.ts'

export interface SpreadInput {
  readonly stretches: readonly Stretch[]
  /** Those of the stretches' rows that the partition gets. */
  readonly rows: { readonly from: number; readonly to: number }
}

/** What partition `partition` of `count` reads: all rows, cut as a list is cut into slices. */
export function spreadInput(outputs: readonly KeptBlocks[], partition: number, count: number): SpreadInput {
  const total = outputs.reduce((sum, { rows }) => sum + rows, 0)
  const from = sliceStart(partition, count, total)
  const to = sliceStart(partition + 1, count, total)
  const stretches: Stretch[] = []
  let before = 0
  let skipped = 0
  for (const [origin, kept] of outputs.entries()) {
    const rows = kept.spanRows ?? new Uint32Array(0)
    let first = -1
    let end = -1
    for (let span = 0; span < rows.length; span++) {
      const start = before
      before += rows[span] as number
      if (before <= from) skipped = before
      else if (start < to) {
        if (first < 0) first = span
        end = span + 1
      }
    }
    if (first >= 0) stretches.push(...spansOf(kept, first, end, origin))
  }
  return { stretches, rows: { from: from - skipped, to: to - skipped } }
}

/**
 * A ledger of what tasks added to the accumulators of one action: each partition of each stage counts once, however often it is
 * computed: again after a failure, again because its output was lost. What a task adds comes with its success, so that a failed attempt
 * adds nothing. The parts that are done stay counted when the action fails, as in Spark.
 */
import type { AccumulatorUpdate, SharedAccumulator } from '../plan/shared.ts'

/** Takes in what a task that succeeded has added. `stage` is the same whenever the stage runs again in the action. */
export type CountTask = (stage: number, partition: number, updates: readonly AccumulatorUpdate[] | undefined) => void

export function openLedger(accumulators: readonly SharedAccumulator[]): CountTask {
  if (accumulators.length === 0) return () => {}
  const known = new Map(accumulators.map((accumulator) => [accumulator.id, accumulator]))
  const counted = new Map<number, Set<number>>()
  return (stage, partition, updates = []) => {
    const partitions = counted.get(stage) ?? new Set()
    if (partitions.has(partition)) return
    counted.set(stage, partitions.add(partition))
    for (const { id, total } of updates) known.get(id)?.merge(total)
  }
}

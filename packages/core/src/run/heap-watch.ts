/**
 * The heap watch: tells a table that the engine fills when to go to disk, before V8 ends the worker, or with a thread the whole process.
 * A table that doubles needs room for both its sizes at once, so it must be one of many small ones: the watch leaves 40 %.
 */
import { getHeapStatistics } from 'node:v8'
import { YOUNG_MB } from './worker-host.ts'

/** Part of the heap's limit that may be used, garbage included. */
const FULL = 0.6
/** What was given up is garbage, and still counts until V8 collects it. Meanwhile so much more may come before it is asked for again. */
const MORE = 0.1
/** V8's limit includes three halves of the space for new objects, which old ones cannot use. */
const YOUNG_BYTES = 1.5 * YOUNG_MB * 2 ** 20

export interface HeapUse {
  readonly used_heap_size: number
  readonly heap_size_limit: number
}

/**
 * A function that says whether to give memory back now. It takes 2 us: to be asked every 16,384 rows or so.
 * @param use how full this thread's heap is; a test may give another
 */
export function openHeapWatch(use: () => HeapUse = getHeapStatistics): () => boolean {
  let answered = 0
  return () => {
    const { used_heap_size: used, heap_size_limit } = use()
    const limit = heap_size_limit - YOUNG_BYTES
    // V8 has collected since.
    if (used < answered) answered = 0
    if (used <= FULL * limit || used < answered + MORE * limit) return false
    answered = used
    return true
  }
}

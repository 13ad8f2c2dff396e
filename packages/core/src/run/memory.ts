/** The memory of a context: how many bytes its rows may take, and how they are shared out. */
import { freemem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { sharedBudget, type WorkspaceOptions } from '../shuffle/workspace.ts'

/** The part of a worker's heap that tables and buffers of ours may fill; their size is an estimate, and user code needs room too. */
const HEAP_SHARE = 0.3

export interface MemoryOptions {
  /** All that rows may take; null for half of what is free. */
  readonly memoryBytes: number | null
  readonly slots: number
  readonly workerMemoryMb: number | null
  readonly sharesMemory: boolean
}

/** Half of the budget is for blocks that tasks leave, half for what the tasks that run now hold in tables. */
export function shareMemory(options: MemoryOptions, directory: string): WorkspaceOptions {
  const total = options.memoryBytes ?? freeBytes() / 2
  const heap = options.workerMemoryMb === null ? getHeapStatistics().heap_size_limit : options.workerMemoryMb * 2 ** 20
  const forTasks = options.sharesMemory ? total / 2 : total
  return {
    directory,
    shared: options.sharesMemory ? sharedBudget(total / 2) : null,
    taskBytes: Math.floor(Math.min(forTasks / options.slots, heap * HEAP_SHARE)),
  }
}

/** Workers need so much to run user code at all. */
const LEAST_HEAP_MB = 400

/**
 * The heap limit of each worker where only the memory for rows was given, in MB; null for Node's own. V8 lets garbage grow with what the limit
 * allows: without it a sort of 4 GB in 256 MB took 1.1 GB of resident memory, with it 0.8.
 */
export function heapLimit({ memoryBytes, slots, workerMemoryMb }: Omit<MemoryOptions, 'sharesMemory'>): number | null {
  if (workerMemoryMb !== null || memoryBytes === null) return workerMemoryMb
  const own = Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20)
  return Math.min(own, Math.max(LEAST_HEAP_MB, Math.ceil((3 * memoryBytes) / slots / 2 ** 20)))
}

/** What is free on this machine, or in the group of processes that it is confined to. */
function freeBytes(): number {
  const limit = process.constrainedMemory()
  // 0 and numbers beyond all memory both say that there is no limit.
  return limit > 0 && limit < Number.MAX_SAFE_INTEGER ? Math.min(freemem(), limit) : freemem()
}

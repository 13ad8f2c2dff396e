/** Sorters: threads for the shuffle, at most one for each slot, started when first needed. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { DataError } from '../errors.ts'
import type { KeyRules } from './key-rules.ts'
import type { Run } from './line-files.ts'
import type { Merged, MergeRequest } from './merge-lines.ts'
import type { Sorted, SortRequest } from './sort-lines.ts'
import type { SortAnswer } from './sort-worker.ts'

/** Compiled also when these sources run as they are: Node 20 starts no TypeScript worker. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/bundle/sort-worker.js' : './sort-worker.js',
  import.meta.url,
)

/**
 * For all threads together. What is sorted lies in buffers, not in the heaps of the threads, and those of the file before may still
 * wait for the garbage collector.
 */
const BUDGET_BYTES = 24 * 1024 * 1024
const LEAST_BUDGET_BYTES = 2 * 1024 * 1024
const HEAP_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2 }

export interface Sorters {
  sort(input: string, output: string): Promise<Sorted>
  merge(runs: readonly Run[], output: string): Promise<Merged>
  close(): Promise<void>
}

export interface SorterOptions {
  readonly slots: number
  readonly rules: KeyRules
  readonly partitionCount: number
  readonly separator: string | null
}

export function openSorters({ slots, rules, partitionCount, separator }: SorterOptions): Sorters {
  const budgetBytes = Math.max(LEAST_BUDGET_BYTES, Math.floor(BUDGET_BYTES / slots))
  const idle: Worker[] = []
  const all = new Set<Worker>()
  let isClosed = false

  /** A job asks for one thing at a time, so that there are never more threads than slots. */
  const ask = async (request: SortRequest | MergeRequest): Promise<Sorted | Merged> => {
    if (isClosed) throw new Error('the job has ended')
    const worker = idle.pop() ?? new Worker(WORKER_URL, { resourceLimits: HEAP_LIMITS })
    all.add(worker)
    const ended = new AbortController()
    try {
      const exit = once(worker, 'exit', { signal: ended.signal }).then(([code]): never => {
        throw new Error(`the sort ended with exit code ${code}`)
      })
      worker.postMessage(request)
      // `once` rejects with what an 'error' event brings.
      const [answer] = (await Promise.race([once(worker, 'message', { signal: ended.signal }), exit])) as [SortAnswer]
      idle.push(worker)
      if (!answer.ok) throw new DataError(answer.message)
      return answer.result
    } finally {
      ended.abort()
    }
  }
  return {
    // The answer to a request is of its kind.
    sort: (input, output) =>
      ask({ type: 'sort', input, output, rules, partitionCount, budgetBytes }) as Promise<Sorted>,
    merge: (runs, output) => ask({ type: 'merge', runs, output, rules, separator, budgetBytes }) as Promise<Merged>,
    async close() {
      isClosed = true
      await Promise.all([...all].map((worker) => worker.terminate()))
    },
  }
}

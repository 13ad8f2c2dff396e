/**
 * The local engine: a job becomes tasks, tasks go to the executor's slots, outcomes come back as data. One event loop owns all
 * state; only the executor knows where a task runs.
 */
import { setMaxListeners } from 'node:events'
import { PlanError } from '../errors.ts'
import { openOutput } from '../io/output-directory.ts'
import { decodeRows } from '../io/row-codec.ts'
import type { PipeNode, PlanNode } from '../plan/node.ts'
import { planOperators } from '../plan/operator.ts'
import type { Engine, Job, OpenJob } from './engine.ts'
import type { Events } from './events.ts'
import type { Executor } from './executor.ts'
import { onInterrupt } from './interrupt.ts'
import { countPartitions, JobSplits, nodesToCount, type Offsets, prepareJob } from './prepare.ts'
import { type RetryPolicy, RunningJob } from './running-job.ts'

export interface LocalEngineOptions {
  readonly executor: Executor
  readonly events: Events
  readonly retries: RetryPolicy
  readonly defaultParallelism: number
  /** Whether SIGINT, SIGTERM and SIGHUP cancel the jobs that run. */
  readonly signals: boolean
}

export function openLocalEngine(options: LocalEngineOptions): Engine {
  const { executor, events, defaultParallelism } = options
  const running = new Set<AbortController>()
  let stages = 0
  let jobs = 0
  let isClosed = false
  const nextStage = (): number => stages++

  /** A job begins: from now on the user's signal, an interrupt and `close` abort its controller, until it ends. */
  const begin = (signal: AbortSignal | null): { readonly controller: AbortController; readonly end: () => void } => {
    const controller = new AbortController()
    const onAbort = (): void => controller.abort(signal?.reason)
    let settle = (): void => {}
    const ended = new Promise<void>((resolve) => {
      settle = resolve
    })
    const forget = options.signals ? onInterrupt((reason) => controller.abort(reason), ended) : (): void => {}
    if (signal !== null) {
      // One signal may cancel any number of jobs; Node would warn of a leak at eleven.
      setMaxListeners(0, signal)
      signal.addEventListener('abort', onAbort, { once: true })
    }
    running.add(controller)
    const end = (): void => {
      running.delete(controller)
      signal?.removeEventListener('abort', onAbort)
      forget()
      settle()
    }
    return { controller, end }
  }

  const open = async (job: Job, splits: JobSplits, counted: Offsets): Promise<OpenJob> => {
    if (isClosed) throw new PlanError(`${job.action.verb}: the context was stopped. Create another one`)
    job.signal?.throwIfAborted()
    const output =
      job.output === null ? null : openOutput(job.action.verb, job.output.path, job.output, inputPaths(job.root))
    const { controller, end } = begin(job.signal)
    try {
      // Workers start while functions are captured here.
      executor.warm(countPartitions(job.root, splits))
      const offsets = await countOffsets(job, splits, counted)
      const prepared = await prepareJob(job, splits, offsets, nextStage)
      controller.signal.throwIfAborted()
      const { retries } = options
      return new RunningJob({ id: jobs++, job, prepared, output, executor, events, retries, controller, end })
    } catch (error) {
      output?.abort()
      end()
      throw error
    }
  }

  /** Counts the partitions before each `zipWithIndex`; an inner one first, since an outer one counts through it. */
  const countOffsets = async (job: Job, splits: JobSplits, counted: Offsets): Promise<Offsets> => {
    const offsets = new Map<PipeNode, readonly number[]>(counted)
    for (const node of nodesToCount(job.root, splits)) {
      if (offsets.has(node)) continue
      const count: Job = {
        root: node.parent,
        action: { verb: node.verb, at: node.at, node: node.id },
        sink: { op: 'count' },
        merge: null,
        output: null,
        isInternal: true,
        signal: job.signal,
      }
      const counting = await open(count, splits, offsets)
      try {
        const partitions = Array.from({ length: counting.partitionCount - 1 }, (_, i) => i)
        const results = await counting.run(partitions)
        counting.close()
        let total = 0
        offsets.set(node, [0, ...results.map((blocks) => (total += decodeRows(blocks[0] as Uint8Array)[0] as number))])
      } catch (error) {
        counting.close(error)
        throw error
      }
    }
    return offsets
  }

  return {
    open: (job) => open(job, new JobSplits(defaultParallelism), new Map()),
    dropBroadcast: (id) => executor.dropBroadcast(id),
    async close() {
      isClosed = true
      for (const controller of running) controller.abort(new PlanError('the context was stopped while the job ran'))
      await executor.close()
    },
  }
}

/** What the sources of a plan read, as the user named it. */
function inputPaths(root: PlanNode): readonly string[] {
  const { nodes } = planOperators(root, () => 0)
  return nodes.flatMap((node) => (node.kind === 'source' && 'paths' in node.source ? node.source.paths : []))
}

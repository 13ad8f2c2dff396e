/**
 * The local engine: a job becomes tasks, tasks go to the executor's slots, outcomes come back as data. One event loop owns all
 * state; only the executor knows where a task runs.
 */
import { setMaxListeners } from 'node:events'
import { PlanError } from '../errors.ts'
import { openOutput } from '../io/output-directory.ts'
import { decodeRows } from '../io/row-codec.ts'
import { type PipeNode, type PlanNode, parentsOf } from '../plan/node.ts'
import type { Engine, Job, OpenJob } from './engine.ts'
import type { Events } from './events.ts'
import type { Executor } from './executor.ts'
import { onInterrupt } from './interrupt.ts'
import type { KeptRows } from './kept-rows.ts'
import {
  JobSplits,
  type JobWorld,
  layoutOf,
  nodesToCount,
  type Offsets,
  type PreparedJob,
  prepareJob,
} from './prepare.ts'
import { readStreams } from './read-streams.ts'
import { type RetryPolicy, RunningJob } from './running-job.ts'

export interface LocalEngineOptions {
  readonly executor: Executor
  readonly kept: KeptRows
  readonly events: Events
  readonly retries: RetryPolicy
  readonly defaultParallelism: number
  /** Whether a job that is opened now is compiled where it can be. */
  readonly compiles: () => boolean
  /** Whether SIGINT, SIGTERM and SIGHUP cancel the jobs that run. */
  readonly signals: boolean
}

export function openLocalEngine(options: LocalEngineOptions): Engine {
  const { executor, kept, events, defaultParallelism } = options
  const running = new Set<AbortController>()
  let stages = 0
  let jobs = 0
  let isClosed = false
  const nextStage = (): number => stages++
  const worldOf = (splits: JobSplits): JobWorld => ({
    splits,
    layout: layoutOf(splits, kept),
    kept,
    nextStage,
    compiles: options.compiles(),
  })

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

  const open = async (job: Job, world: JobWorld, counted: Offsets): Promise<OpenJob> => {
    if (isClosed) throw new PlanError(`${job.action.verb}: the context was stopped. Create another one`)
    job.signal?.throwIfAborted()
    const output =
      job.output === null ? null : openOutput(job.action.verb, job.output.path, job.output, inputPaths(job.root))
    const { controller, end } = begin(job.signal)
    try {
      await readStreams(job.root, controller.signal)
      // Workers start while functions are captured here.
      executor.warm(world.layout.count(job.root))
      const offsets = await countOffsets(job, world, counted)
      const prepared = await prepareJob(job, world, offsets)
      controller.signal.throwIfAborted()
      const { retries } = options
      const prepareAgain = async (): Promise<PreparedJob> => {
        const again = worldOf(world.splits)
        return prepareJob(job, again, await countOffsets(job, again, offsets))
      }
      const id = jobs++
      return new RunningJob({
        id,
        job,
        prepared,
        prepareAgain,
        kept,
        output,
        executor,
        events,
        retries,
        controller,
        end,
      })
    } catch (error) {
      output?.abort()
      end()
      throw error
    }
  }

  /** Counts the partitions before each `zipWithIndex`; an inner one first, since an outer one counts through it. */
  const countOffsets = async (job: Job, world: JobWorld, counted: Offsets): Promise<Offsets> => {
    const offsets = new Map<PipeNode, readonly number[]>(counted)
    for (const node of nodesToCount(job.root, world)) {
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
      const counting = await open(count, world, offsets)
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
    open: (job) => open(job, worldOf(new JobSplits(defaultParallelism)), new Map()),
    compiles: () => options.compiles(),
    layout: () => layoutOf(new JobSplits(defaultParallelism), kept),
    unpersist: (node) => kept.unpersist(node),
    isStored: (node) => kept.isStored(node),
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
  const paths: string[] = []
  const seen = new Set<PlanNode>([root])
  for (const node of seen) {
    if (node.kind === 'source' && 'paths' in node.source) paths.push(...node.source.paths)
    for (const parent of parentsOf(node)) seen.add(parent)
  }
  return paths
}

/**
 * A job that runs: the stages that its rows depend on first, each task handed out, tried again when that may help, what it leaves kept
 * and its results and outputs gathered.
 */
import type { OutputDirectory } from '../io/output-directory.ts'
import type { ShuffleNode } from '../plan/node.ts'
import type { Task, TaskFailure, TaskInput, TaskMetrics, TaskOutcome } from '../plan/task.ts'
import { type CountTask, openLedger } from './accumulators.ts'
import type { Blocks, Job, OpenJob } from './engine.ts'
import type { Events } from './events.ts'
import type { Executor } from './executor.ts'
import { failureError } from './failure-error.ts'
import type { KeptRows } from './kept-rows.ts'
import type { PreparedJob, PreparedStage } from './prepare.ts'
import { JobReporter, type StageRole } from './reporter.ts'

export interface RetryPolicy {
  /** How often a task may lose its worker, or find what it reads gone, before the job fails. */
  readonly maxFailures: number
  /** How often a task whose user code threw is tried again. */
  readonly taskRetries: number
  readonly taskTimeoutMs: number | null
}

export interface RunningJobOptions {
  readonly id: number
  readonly job: Job
  readonly prepared: PreparedJob
  /** Plans the job again, when rows that were kept are gone. */
  readonly prepareAgain: () => Promise<PreparedJob>
  readonly kept: KeptRows
  readonly output: OutputDirectory | null
  readonly executor: Executor
  readonly events: Events
  readonly retries: RetryPolicy
  /** Aborts the job; its reason is what the action rejects with. */
  readonly controller: AbortController
  /** Called once, when the job has ended. */
  readonly end: () => void
}

/** Numbers of stages in the ledger of accumulators; map stages have those of their shuffles. */
const RESULT = -1
const MERGE = -2

type Succeeded = TaskOutcome & { readonly ok: true }

/** Gives a stage as it is planned now: a job that lost kept rows is planned again. */
type StageOf = () => Promise<PreparedStage>

export class RunningJob implements OpenJob {
  readonly partitionCount: number
  readonly #options: RunningJobOptions
  readonly #reporter: JobReporter
  /** As it stands when the action starts; a worker's own changes stay there. */
  readonly #env = { ...process.env } as Record<string, string>
  #prepared: PreparedJob
  readonly #programs = new Set<number>()
  readonly #count: CountTask
  #merges = 0
  #isEnded = false

  constructor(options: RunningJobOptions) {
    this.#options = options
    this.#prepared = options.prepared
    this.partitionCount = options.prepared.result.partitionCount
    this.#reporter = new JobReporter(options.events, options.id, options.job)
    this.#count = openLedger(options.prepared.accumulators)
  }

  get metrics(): TaskMetrics {
    return this.#reporter.total
  }

  async run(partitions: readonly number[]): Promise<readonly Blocks[]> {
    const { output, job } = this.#options
    const extension = job.output?.extension ?? ''
    const results: Blocks[] = Array.from({ length: partitions.length })
    const places = new Map(partitions.map((partition, i) => [partition, i]))
    const stageOf: StageOf = async () => this.#prepared.result
    await this.#runStage(stageOf, partitions, {
      role: 'result',
      outputOf: (partition, attempt) => output?.attemptFile(partition, attempt, extension) ?? null,
      take: (partition, attempt, { blocks, accumulated, metrics }) => {
        // A Parquet part without rows may have no columns, and then no file.
        const hasFile = job.sink.op !== 'parquet' || metrics.bytesWritten > 0
        if (hasFile) output?.commitPart(partition, attempt, extension)
        // A job that only counts rows for another is no action of the user's.
        if (!job.isInternal) this.#count(RESULT, partition, accumulated)
        results[places.get(partition) as number] = blocks
      },
    })
    return results
  }

  async merge(results: readonly Blocks[]): Promise<Blocks> {
    const blocks = results.flat()
    if (this.#prepared.merge === null) return blocks
    let merged: Blocks = []
    await this.#runStage(async () => this.#prepared.merge as PreparedStage, [0], {
      role: 'merge',
      inputOf: () => ({ type: 'split', split: { type: 'rows', blocks } }),
      take: (_partition, _attempt, outcome) => {
        // Each merge is a task of its own: those of a tree are many.
        this.#count(MERGE, this.#merges++, outcome.accumulated)
        merged = outcome.blocks
      },
    })
    return merged
  }

  commit(): void {
    this.#options.output?.commit()
  }

  close(error?: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const { output, executor, end } = this.#options
    if (error !== undefined) output?.abort()
    for (const program of [...this.#programs, ...this.#prepared.programs]) executor.release(program)
    this.#reporter.jobEnd(error)
    end()
  }

  /** Makes what shuffles have not moved yet; those that don't depend on one another at the same time. */
  async #completeShuffles(shuffles: readonly ShuffleNode[]): Promise<void> {
    const { kept } = this.#options
    const ended = await Promise.allSettled(
      shuffles.map(async (node) => {
        if (kept.isShuffled(node)) return
        const stageOf: StageOf = () => this.#prepared.mapStage(node)
        await stageOf()
        await kept.complete(node, (missing) =>
          this.#runStage(stageOf, missing, {
            role: 'map',
            take: (partition, _attempt, { shuffled, accumulated }) => {
              // What is made again because it was lost does not count again.
              if (shuffled !== null && kept.putShuffled(node, partition, shuffled))
                this.#count(node.id, partition, accumulated)
            },
          }),
        )
      }),
    )
    for (const end of ended) if (end.status === 'rejected') throw end.reason
  }

  /**
   * A stage as it is planned now, with all there that these partitions read. What was there once may be gone: lost, and found so by a task that
   * ran beside, or by another job, or given up by `unpersist`.
   */
  async #readyStage(stageOf: StageOf, partitions: readonly number[]): Promise<PreparedStage> {
    const { kept, controller } = this.#options
    for (;;) {
      controller.signal.throwIfAborted()
      const stage = await stageOf()
      if (stage.isStale()) await this.#planAgain()
      else {
        const missing = stage.reads(partitions).filter((node) => !kept.isShuffled(node))
        if (missing.length === 0) return stage
        await this.#completeShuffles(missing)
      }
    }
  }

  async #planAgain(): Promise<void> {
    const again = await this.#options.prepareAgain()
    for (const program of this.#prepared.programs) this.#programs.add(program)
    this.#prepared = again
  }

  /** Runs the tasks of a stage, as many at once as there are slots. The first failure cancels the others. */
  async #runStage(stageOf: StageOf, partitions: readonly number[], use: StageUse): Promise<void> {
    const { executor, controller } = this.#options
    // No rows are read where no partitions are: of a side that lacks any, what it would be compared with has nowhere to go.
    const stage = partitions.length > 0 ? await this.#readyStage(stageOf, partitions) : await stageOf()
    controller.signal.throwIfAborted()
    let next = 0
    const lane = async (): Promise<void> => {
      for (let i = next++; i < partitions.length; i = next++) {
        controller.signal.throwIfAborted()
        await this.#runTask(stageOf, partitions[i] as number, use)
      }
    }
    this.#reporter.stageStart(stage.program.id, partitions.length)
    const lanes = Array.from({ length: Math.min(executor.slots, partitions.length) }, lane)
    try {
      await Promise.all(lanes)
    } catch (error) {
      controller.abort(error)
      // Nothing of the job runs any more when the action rejects, so that its output can be removed.
      await Promise.allSettled(lanes)
      throw error
    } finally {
      this.#reporter.stageEnd(stage.program.id)
    }
  }

  async #runTask(stageOf: StageOf, partition: number, use: StageUse): Promise<void> {
    const { executor, retries, controller, kept } = this.#options
    const { signal } = controller
    let lost = 0
    let failed = 0
    for (let attempt = 0; ; attempt++) {
      const stage = use.inputOf === undefined ? await this.#readyStage(stageOf, [partition]) : await stageOf()
      const { program } = stage
      const input = use.inputOf?.(partition) ?? stage.inputOf(partition)
      const output = use.outputOf?.(partition, attempt) ?? null
      const task: Task = { stage: program.id, partition, attempt, input, output }
      this.#reporter.taskStart(task)
      const outcome = await executor.run(program, task, { signal, timeoutMs: retries.taskTimeoutMs, env: this.#env })
      this.#reporter.taskEnd(task, outcome, use.role)
      if (outcome.ok) {
        // What was kept counts even if the job is cancelled now.
        for (const stored of outcome.stored) kept.putStored(stored)
      }
      // So does what a shuffle moved, which nobody else would free.
      if (outcome.ok && outcome.shuffled !== null) return use.take(partition, attempt, outcome)
      signal.throwIfAborted()
      if (outcome.ok) return use.take(partition, attempt, outcome)
      const { failure } = outcome
      const isLost = failure.kind === 'lost' || failure.kind === 'missing'
      if (!(isLost ? ++lost < retries.maxFailures : ++failed <= retries.taskRetries)) throw this.#errorOf(failure, task)
      // The next attempt finds what it reads gone, and has it made again first.
      if (failure.missing !== undefined) kept.lose(failure.missing)
    }
  }

  #errorOf(failure: TaskFailure, task: Task): Error {
    const { verb, at } = this.#prepared.originOf(failure.node)
    return failureError(failure, { verb, at, stage: task.stage, partition: task.partition, attempts: task.attempt + 1 })
  }
}

/** What a stage is run for. */
interface StageUse {
  readonly role: StageRole
  /** What tasks read, when that is not what the plan says. */
  readonly inputOf?: (partition: number) => TaskInput
  /** The file that an attempt writes. */
  readonly outputOf?: (partition: number, attempt: number) => string | null
  /** Called once for each partition. */
  readonly take: (partition: number, attempt: number, outcome: Succeeded) => void
}

/** A job that runs: its tasks are handed out, tried again when that may help, and their results and outputs gathered. */
import type { OutputDirectory } from '../io/output-directory.ts'
import type { Task, TaskFailure, TaskInput } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import { type CountTask, openLedger } from './accumulators.ts'
import type { Blocks, Job, OpenJob } from './engine.ts'
import type { Events } from './events.ts'
import type { Executor } from './executor.ts'
import { failureError } from './failure-error.ts'
import type { PreparedJob } from './prepare.ts'
import { JobReporter } from './reporter.ts'

export interface RetryPolicy {
  /** How often a task may lose its worker before the job fails. */
  readonly maxFailures: number
  /** How often a task whose user code threw is tried again. */
  readonly taskRetries: number
  readonly taskTimeoutMs: number | null
}

export interface RunningJobOptions {
  readonly id: number
  readonly job: Job
  readonly prepared: PreparedJob
  readonly output: OutputDirectory | null
  readonly executor: Executor
  readonly events: Events
  readonly retries: RetryPolicy
  /** Aborts the job; its reason is what the action rejects with. */
  readonly controller: AbortController
  /** Called once, when the job has ended. */
  readonly end: () => void
}

export class RunningJob implements OpenJob {
  readonly partitionCount: number
  readonly #options: RunningJobOptions
  readonly #reporter: JobReporter
  /** As it stands when the action starts; a worker's own changes stay there. */
  readonly #env = { ...process.env } as Record<string, string>
  readonly #count: CountTask
  #isEnded = false

  constructor(options: RunningJobOptions) {
    this.#options = options
    this.#count = openLedger(options.job.isInternal ? [] : options.prepared.accumulators)
    this.partitionCount = options.prepared.partitionCount
    this.#reporter = new JobReporter(options.events, options.id, options.job, options.prepared.program.id)
  }

  async run(partitions: readonly number[]): Promise<readonly Blocks[]> {
    const { prepared } = this.#options
    return this.#runStage(prepared.program, partitions, (partition) => prepared.inputOf(partition))
  }

  async merge(results: readonly Blocks[]): Promise<Blocks> {
    const program = this.#options.prepared.mergeProgram
    const blocks = results.flat()
    if (program === null) return blocks
    const [merged] = await this.#runStage(program, [0], () => ({ type: 'split', split: { type: 'rows', blocks } }))
    return merged ?? []
  }

  commit(): void {
    this.#options.output?.commit()
  }

  close(error?: unknown): void {
    if (this.#isEnded) return
    this.#isEnded = true
    const { output, executor, prepared, end } = this.#options
    if (error !== undefined) output?.abort()
    executor.release(prepared.program.id)
    if (prepared.mergeProgram !== null) executor.release(prepared.mergeProgram.id)
    this.#reporter.jobEnd(error)
    end()
  }

  /** Runs the tasks of a stage, as many at once as there are slots. The first failure cancels the others. */
  async #runStage(
    program: StageProgram,
    partitions: readonly number[],
    inputOf: (partition: number) => TaskInput,
  ): Promise<readonly Blocks[]> {
    const { executor, controller } = this.#options
    const results: Blocks[] = Array.from({ length: partitions.length })
    let next = 0
    const lane = async (): Promise<void> => {
      for (let i = next++; i < partitions.length; i = next++) {
        controller.signal.throwIfAborted()
        const partition = partitions[i] as number
        results[i] = await this.#runTask(program, partition, inputOf(partition))
      }
    }
    this.#reporter.stageStart(program.id, partitions.length)
    const lanes = Array.from({ length: Math.min(executor.slots, partitions.length) }, lane)
    try {
      await Promise.all(lanes)
    } catch (error) {
      controller.abort(error)
      // Nothing of the job runs any more when the action rejects, so that its output can be removed.
      await Promise.allSettled(lanes)
      throw error
    } finally {
      this.#reporter.stageEnd(program.id)
    }
    return results
  }

  async #runTask(program: StageProgram, partition: number, input: TaskInput): Promise<Blocks> {
    const { executor, retries, controller, output, job } = this.#options
    const { signal } = controller
    const extension = job.output?.compression === 'gzip' ? '.gz' : ''
    let lost = 0
    let failed = 0
    for (let attempt = 0; ; attempt++) {
      const file = output?.attemptFile(partition, attempt, extension) ?? null
      const task: Task = { stage: program.id, partition, attempt, input, output: file }
      this.#reporter.taskStart(task)
      const outcome = await executor.run(program, task, { signal, timeoutMs: retries.taskTimeoutMs, env: this.#env })
      this.#reporter.taskEnd(task, outcome)
      signal.throwIfAborted()
      if (outcome.ok) {
        output?.commitPart(partition, attempt, extension)
        this.#count(program.id, partition, outcome.accumulated)
        return outcome.blocks
      }
      const { failure } = outcome
      const mayRetry = failure.kind === 'lost' ? ++lost < retries.maxFailures : ++failed <= retries.taskRetries
      if (!mayRetry) throw this.#errorOf(failure, task)
    }
  }

  #errorOf(failure: TaskFailure, task: Task): Error {
    const { verb, at } = this.#options.prepared.originOf(failure.node)
    return failureError(failure, { verb, at, stage: task.stage, partition: task.partition, attempts: task.attempt + 1 })
  }
}

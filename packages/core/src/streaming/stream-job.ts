/** A streaming job that runs: mappers, then, if there is a reducer, the shuffle and the reducers. What is known of how it goes is here. */
import { DataError } from '../errors.ts'
import type { Events } from '../run/events.ts'
import {
  type AttemptOptions,
  attemptMap,
  attemptReduce,
  type Done,
  failedWith,
  type MapTask,
  NOTHING_DONE,
  type ReduceTask,
  type SortedFile,
} from './attempts.ts'
import { Counters, own } from './counters.ts'
import { type Attempt, type CrewOptions, runCrew } from './crew.ts'
import { JobEvents } from './job-events.ts'
import type { Part } from './output.ts'
import type { Failure, JobReport, StreamResult } from './result.ts'
import type { Programs } from './run-stream.ts'

export interface StreamJobOptions extends Omit<AttemptOptions, 'commands' | 'functions' | 'events'> {
  readonly programs: Programs
  readonly slots: number
  readonly events: Events
  readonly signal: AbortSignal
}

type Task = MapTask | ReduceTask

export class StreamJob {
  readonly #options: StreamJobOptions
  readonly #attempts: AttemptOptions
  readonly #events: JobEvents
  readonly #counters = new Counters()
  readonly #reports: JobReport[] = []
  readonly #failures: Failure[] = []
  /** How many programs there are to run; null when nobody knows. */
  #taskCount: number | null = null
  /** By the mapper's index: they end in any order. */
  readonly #sorted = new Map<number, SortedFile>()

  constructor(options: StreamJobOptions) {
    this.#options = options
    const { programs, work } = options
    const commands = {
      mapper: programs.mapper.commandIn(work),
      combiner: programs.combiner?.commandIn(work) ?? null,
      reducer: programs.reducer?.commandIn(work) ?? null,
    }
    this.#events = new JobEvents(options.events)
    const functions = {
      mapper: programs.mapper.fn,
      combiner: programs.combiner?.fn ?? null,
      reducer: programs.reducer?.fn ?? null,
    }
    this.#attempts = { ...options, commands, functions, events: this.#events }
  }

  /**
   * True when everything is done.
   * @param taskCount how many mappers there will be; null when nobody knows
   * @param parts the parts of reducers; empty when mappers write the output
   * @throws the reason of the signal
   */
  async run(
    tasks: Iterable<MapTask> | AsyncIterable<MapTask>,
    taskCount: number | null,
    parts: readonly Part[],
  ): Promise<boolean> {
    try {
      const isDone = await this.#runStages(tasks, taskCount, parts)
      this.#events.jobEnd(this.#failures[0]?.message ?? null)
      return isDone
    } catch (error) {
      this.#events.jobEnd(String(error))
      throw error
    }
  }

  result(): StreamResult {
    const jobs = this.#reports.toSorted((a, b) => a.seq - b.seq)
    return {
      jobs,
      failures: this.#failures.toSorted((a, b) => a.seq - b.seq),
      counters: this.#counters.groups,
      outputs: [...new Set(jobs.flatMap(({ output }) => output ?? []))],
      unfinished: Math.max(0, (this.#taskCount ?? jobs.length) - jobs.length),
      attempts: this.#events.attempts,
    }
  }

  async #runStages(
    tasks: Iterable<MapTask> | AsyncIterable<MapTask>,
    taskCount: number | null,
    parts: readonly Part[],
  ): Promise<boolean> {
    const { output } = this.#options
    const isShuffle = this.#attempts.commands.reducer !== null
    // All that reducers would write may be there from an earlier run.
    if (isShuffle && parts.every((part) => output.keptOf(part) !== null)) {
      for (const part of parts) this.#report(reduceTask(part, 0), NOTHING_DONE, output.keptOf(part), true)
      return true
    }
    this.#taskCount = taskCount === null ? null : taskCount + parts.length
    this.#events.stageStart(0, taskCount ?? 0)
    const isMapped = await runCrew<MapTask, Done>(tasks, {
      ...this.#crew(isShuffle),
      attempt: (task, slot, number, signal) =>
        this.#whole(task, attemptMap(this.#attempts, task, { slot, number, signal })),
    })
    this.#events.stageEnd(0)
    if (!isShuffle || !isMapped) return isMapped
    const sorted = [...this.#sorted].toSorted(([a], [b]) => a - b).map(([, file]) => file)
    this.#events.stageStart(1, parts.length)
    const isReduced = await runCrew<ReduceTask, Done>(
      parts.map((part) => reduceTask(part, sorted.length)),
      {
        ...this.#crew(isShuffle),
        attempt: (task, slot, number, signal) =>
          this.#whole(task, attemptReduce(this.#attempts, task, { slot, number, signal }, sorted)),
      },
    )
    this.#events.stageEnd(1)
    return isReduced
  }

  #crew(isShuffle: boolean): Omit<CrewOptions<Task, Done>, 'attempt'> {
    const { slots, signal, shared } = this.#options
    const { retries, onFailure = isShuffle ? 'kill' : 'continue' } = shared.settings
    return { slots, signal, retries, onFailure, settle: (task, attempt) => this.#settle(task, attempt) }
  }

  /** An attempt with its output committed. What the shuffle or the output could not write fails it for good. */
  async #whole(task: Task, attempt: Promise<Attempt<Done>>): Promise<Attempt<Done>> {
    try {
      const ended = await attempt
      if (ended.ok && ended.done.file !== null) await this.#options.output.commit(task, ended.done.file)
      return ended
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      return failedWith(error.message)
    }
  }

  async #settle(task: Task, attempt: Attempt<Done>): Promise<void> {
    const { output } = this.#options
    const isOutput = task.kind === 'reducer' || this.#attempts.commands.reducer === null
    if (!attempt.ok) {
      this.#failures.push({
        seq: task.seq,
        input: task.name,
        message: `${task.name}: ${attempt.failed.launched.failure}`,
      })
      this.#report(task, attempt.failed, null, false)
      if (isOutput) await output.skip(task)
      return
    }
    const kept = isOutput ? output.keptOf(task) : null
    if (kept !== null) return this.#report(task, attempt.done, kept, true)
    const { launched, sorted } = attempt.done
    const stage = task.kind === 'mapper' ? 'map' : 'reduce'
    const sizes = [own(`${stage} input bytes`, launched.bytesIn), own(`${stage} output bytes`, launched.bytesOut)]
    for (const count of [...launched.counts, ...sizes]) this.#counters.add(count)
    if (sorted !== null) this.#sorted.set(task.index, sorted)
    this.#report(task, attempt.done, isOutput ? output.nameOf(task) : null, false)
  }

  #report({ seq, kind, name }: Task, { launched, attempts }: Done, output: string | null, isKept: boolean): void {
    const { exitCode, signal, ms, bytesIn, bytesOut, failure } = launched
    const failedAttempts = failure === null ? attempts - 1 : attempts
    if (failedAttempts > 0) this.#counters.add(own('failed attempts', failedAttempts))
    this.#reports.push({ seq, kind, input: name, output, exitCode, signal, ms, bytesIn, bytesOut, attempts, isKept })
  }
}

/** Reducers are numbered on from the mappers. */
function reduceTask(part: Part, mapperCount: number): ReduceTask {
  return { ...part, kind: 'reducer', seq: mapperCount + part.index + 1, name: `reducer ${part.index}` }
}

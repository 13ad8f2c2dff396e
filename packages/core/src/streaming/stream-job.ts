/** A streaming job that runs: mappers, then, if there is a reducer, the shuffle and the reducers. Everything it knows of how it goes is here. */
import { createReadStream, createWriteStream, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Events } from '../run/events.ts'
import type { Command } from '../stream/command.ts'
import { Counters } from './counters.ts'
import { type Attempt, runCrew } from './crew.ts'
import type { ProgramInput } from './inputs.ts'
import type { JobLog } from './joblog.ts'
import { JobEvents } from './job-events.ts'
import { type Launched, type LaunchRequest, launch, type Surroundings } from './launch.ts'
import type { Run } from './line-files.ts'
import type { StreamSettings } from './options.ts'
import type { Output, Part } from './output.ts'
import { replayLine } from './replay.ts'
import type { Failure, JobReport, StreamResult } from './result.ts'
import type { Programs } from './run-stream.ts'
import type { Sorters } from './sorters.ts'
import { filledCommand, namesInput } from './template.ts'

export interface MapTask extends Part {
  readonly seq: number
  readonly input: ProgramInput
  readonly name: string
}

interface ReduceTask extends Part {
  readonly seq: number
  readonly name: string
}

export interface StreamJobOptions {
  readonly shared: Surroundings
  readonly programs: Programs
  readonly output: Output
  readonly work: string
  readonly slots: number
  /** 0: mappers write the output. */
  readonly reducerCount: number
  readonly sorters: Sorters
  readonly joblog: JobLog
  readonly events: Events
  readonly signal: AbortSignal
}

/** What an attempt leaves. */
interface Done {
  readonly launched: Launched
  readonly attempts: number
  /** The file to commit; null when there is none. */
  readonly file: string | null
  readonly run: Sorted | null
}

/** A mapper's lines, sorted. */
interface Sorted {
  readonly path: string
  readonly offsets: readonly number[]
}

export class StreamJob {
  readonly #options: StreamJobOptions
  readonly #settings: StreamSettings
  readonly #commands: { readonly mapper: Command; readonly combiner: Command; readonly reducer: Command }
  readonly #events: JobEvents
  readonly #counters = new Counters()
  readonly #reports: JobReport[] = []
  readonly #failures: Failure[] = []
  readonly #runs = new Map<number, Sorted>()
  #attempts = 0

  constructor(options: StreamJobOptions) {
    this.#options = options
    this.#settings = options.shared.settings
    const { programs, work } = options
    this.#commands = {
      mapper: programs.mapper.commandIn(work),
      combiner: programs.combiner?.commandIn(work) ?? [],
      reducer: programs.reducer?.commandIn(work) ?? [],
    }
    this.#events = new JobEvents(options.events)
  }

  /** True when everything is done. @throws the reason of the signal; what the shuffle or the output could not write */
  async run(
    tasks: Iterable<MapTask> | AsyncIterable<MapTask>,
    taskCount: number | null,
    parts: readonly Part[] | null,
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
    const outputs = jobs.flatMap(({ output, exitCode, isKept }) =>
      output !== null && (isKept || exitCode !== null) ? [output] : [],
    )
    return {
      jobs,
      failures: this.#failures.toSorted((a, b) => a.seq - b.seq),
      counters: this.#counters.groups,
      outputs: [...new Set(outputs)],
      attempts: this.#attempts,
    }
  }

  async #runStages(
    tasks: Iterable<MapTask> | AsyncIterable<MapTask>,
    taskCount: number | null,
    parts: readonly Part[] | null,
  ): Promise<boolean> {
    const { reducerCount, output } = this.#options
    const isShuffle = reducerCount > 0
    const wanted = (parts ?? []).filter((part) => output.keptOf(part) === null)
    // All that reducers would write is there from an earlier run.
    if (isShuffle && wanted.length === 0) {
      for (const part of parts ?? [])
        this.#keep({ ...part, seq: part.index + 1, name: `reducer ${part.index}` }, 'reducer')
      return true
    }
    this.#events.stageStart(0, taskCount ?? 0)
    const onFailure = this.#settings.onFailure ?? (isShuffle ? 'kill' : 'continue')
    const isMapped = await runCrew<MapTask, Done>(tasks, {
      ...this.#crew(onFailure),
      attempt: (task, slot, number, signal) => this.#map(task, slot, number, signal),
      settle: (task, attempt) => this.#settle(task, 'mapper', attempt, !isShuffle),
    })
    this.#events.stageEnd(0)
    if (!isShuffle || !isMapped) return isMapped
    const mapCount = this.#runs.size
    this.#events.stageStart(1, reducerCount)
    const reducers = (parts ?? []).map(
      (part): ReduceTask => ({ ...part, seq: mapCount + part.index + 1, name: `reducer ${part.index}` }),
    )
    const isReduced = await runCrew<ReduceTask, Done>(reducers, {
      ...this.#crew(onFailure),
      attempt: (task, slot, number, signal) => this.#reduce(task, slot, number, signal),
      settle: (task, attempt) => this.#settle(task, 'reducer', attempt, true),
    })
    this.#events.stageEnd(1)
    return isReduced
  }

  #crew(onFailure: NonNullable<StreamSettings['onFailure']>): {
    slots: number
    retries: number
    onFailure: NonNullable<StreamSettings['onFailure']>
    signal: AbortSignal
  } {
    const { slots, signal } = this.#options
    return { slots, retries: this.#settings.retries, onFailure, signal }
  }

  async #map(task: MapTask, slot: number, number: number, signal: AbortSignal): Promise<Attempt<Done>> {
    const { reducerCount, output, work } = this.#options
    if (reducerCount === 0 && output.keptOf(task) !== null) return { ok: true, done: kept() }
    const { input, seq, index } = task
    if (input.missing !== null) return missing(input.missing)
    const { pieces } = input
    const paths = this.#settings.files.length === 0 ? input.paths : pieces.map(({ path }) => path)
    const command = filledCommand(this.#commands.mapper, { paths, seq, slot })
    const file = join(work, `map-${index}-${number}`)
    const launched = await this.#launch(task, 0, number, signal, {
      command,
      facts: { isMap: true, partition: index, seq, slot, attempt: number, pieces, outputDirectory: work },
      source: this.#sourceOf(input),
      output: file,
      name: task.name,
      log: output.logOf(reducerCount === 0 ? task : { ...task, index }),
    })
    if (launched.failure !== null) return failed(launched, number, file)
    if (input.isBlock) rmSync(pieces[0]?.path ?? '')
    if (reducerCount === 0)
      return { ok: true, done: { launched, attempts: number + 1, file: await this.#compressed(file), run: null } }
    return this.#shuffled(task, slot, number, signal, file, launched)
  }

  #sourceOf({ paths, pieces }: ProgramInput): LaunchRequest['source'] {
    if (namesInput(this.#commands.mapper)) return null
    return this.#settings.inputFormat === 'path' ? paths.map((path) => `${path}\n`).join('') : pieces
  }

  /** Sorts what a mapper wrote; a combiner reads it sorted, and what it writes is sorted again, since it may be anything. */
  async #shuffled(
    task: MapTask,
    slot: number,
    number: number,
    signal: AbortSignal,
    file: string,
    launched: Launched,
  ): Promise<Attempt<Done>> {
    const { sorters, programs, work } = this.#options
    const path = `${file}.sorted`
    const first = await sorters.sort(file, path)
    rmSync(file)
    this.#counters.count('map output records', first.lineCount)
    if (programs.combiner === null)
      return { ok: true, done: { launched, attempts: number + 1, file: null, run: { path, ...first } } }
    const piece = wholeFile(path)
    const combined = await this.#launch(task, 0, number, signal, {
      command: this.#commands.combiner,
      facts: {
        isMap: true,
        partition: task.index,
        seq: task.seq,
        slot,
        attempt: number,
        pieces: [],
        outputDirectory: work,
      },
      source: [piece],
      output: `${file}.combined`,
      name: `${task.name} (combiner)`,
      log: null,
    })
    rmSync(path)
    if (combined.failure !== null) return failed(combined, number, `${file}.combined`)
    const second = await sorters.sort(`${file}.combined`, path)
    rmSync(`${file}.combined`)
    this.#counters.count('combine output records', second.lineCount)
    const counts = [...launched.counts, ...combined.counts]
    return {
      ok: true,
      done: { launched: { ...launched, counts }, attempts: number + 1, file: null, run: { path, ...second } },
    }
  }

  async #reduce(task: ReduceTask, slot: number, number: number, signal: AbortSignal): Promise<Attempt<Done>> {
    const { output, sorters, work } = this.#options
    if (output.keptOf(task) !== null) return { ok: true, done: kept() }
    const { index, seq, name } = task
    const merged = join(work, `reduce-${index}.in`)
    const runs = [...this.#runs].toSorted(([a], [b]) => a - b).map(([, run]) => sectionOf(run, index))
    const { lineCount, groupCount } = await sorters.merge(runs, merged)
    const file = join(work, `reduce-${index}-${number}`)
    // A program that sees no line could still print one; there is no key it could be about.
    if (lineCount === 0) {
      writeFileSync(file, '')
      return { ok: true, done: { ...kept(), file: await this.#compressed(file) } }
    }
    const launched = await this.#launch(task, 1, number, signal, {
      command: filledCommand(this.#commands.reducer, { paths: [], seq: index + 1, slot }),
      facts: { isMap: false, partition: index, seq, slot, attempt: number, pieces: [], outputDirectory: work },
      source: [wholeFile(merged)],
      output: file,
      name,
      log: output.logOf(task),
    })
    rmSync(merged)
    if (launched.failure !== null) return failed(launched, number, file)
    this.#counters.count('reduce input records', lineCount)
    this.#counters.count('reduce input groups', groupCount)
    return { ok: true, done: { launched, attempts: number + 1, file: await this.#compressed(file), run: null } }
  }

  async #launch(
    { seq, index }: MapTask | ReduceTask,
    stage: number,
    attempt: number,
    signal: AbortSignal,
    request: Omit<LaunchRequest, 'replay'>,
  ): Promise<Launched> {
    this.#attempts++
    this.#events.taskStart(stage, index, attempt)
    const replay = replayLine(request.command, request.source)
    const launched = await launch(this.#options.shared, { ...request, replay }, signal)
    const { startedAtMs, ms, bytesIn, bytesOut, exitCode, signal: endedBy } = launched
    this.#options.joblog.add({
      seq,
      startedAtMs,
      ms,
      bytesIn,
      bytesOut,
      exitCode,
      signal: endedBy,
      command: request.command,
    })
    this.#events.taskEnd(stage, index, attempt, launched)
    if (launched.failure !== null && !signal.aborted) this.#counters.count('failed attempts', 1)
    return launched
  }

  async #settle(
    task: MapTask | ReduceTask,
    kind: JobReport['kind'],
    attempt: Attempt<Done>,
    isOutput: boolean,
  ): Promise<void> {
    const { output } = this.#options
    if (!attempt.ok) {
      const { launched, attempts } = attempt.failed
      this.#failures.push({ seq: task.seq, input: task.name, message: `${task.name}: ${launched.failure ?? ''}` })
      this.#report(task, kind, launched, attempts, null)
      if (isOutput) await output.skip(task)
      return
    }
    const { launched, attempts, file, run } = attempt.done
    if (isOutput && output.keptOf(task) !== null) return this.#keep(task, kind)
    for (const count of launched.counts) this.#counters.add(count)
    const [inName, outName] =
      kind === 'mapper' ? ['map input bytes', 'map output bytes'] : ['reduce input bytes', 'reduce output bytes']
    this.#counters.count(inName, launched.bytesIn)
    this.#counters.count(outName, launched.bytesOut)
    if (run !== null) this.#runs.set(task.index, run)
    this.#report(task, kind, launched, attempts, isOutput ? output.nameOf(task) : null)
    if (file !== null) await output.commit(task, file)
  }

  #keep(task: MapTask | ReduceTask, kind: JobReport['kind']): void {
    const { launched } = kept()
    this.#reports.push({ ...reportOf(task, kind, launched, 0, this.#options.output.keptOf(task)), isKept: true })
  }

  #report(
    task: MapTask | ReduceTask,
    kind: JobReport['kind'],
    launched: Launched,
    attempts: number,
    output: string | null,
  ): void {
    this.#reports.push(reportOf(task, kind, launched, attempts, output))
  }

  async #compressed(file: string): Promise<string> {
    if (!this.#settings.compress || statSync(file).size === 0) return file
    await pipeline(createReadStream(file), createGzip(), createWriteStream(`${file}.gz`))
    rmSync(file)
    return `${file}.gz`
  }
}

function reportOf(
  { seq, name }: MapTask | ReduceTask,
  kind: JobReport['kind'],
  { exitCode, signal, ms, bytesIn, bytesOut }: Launched,
  attempts: number,
  output: string | null,
): JobReport {
  return { seq, kind, input: name, output, exitCode, signal, ms, bytesIn, bytesOut, attempts, isKept: false }
}

const NOTHING: Launched = {
  failure: null,
  isFinal: true,
  exitCode: 0,
  signal: null,
  startedAtMs: 0,
  ms: 0,
  bytesIn: 0,
  bytesOut: 0,
  counts: [],
}

/** Nothing ran, as nothing had to. */
function kept(): Done {
  return { launched: NOTHING, attempts: 0, file: null, run: null }
}

function missing(failure: string): Attempt<Done> {
  const launched = { ...NOTHING, failure, exitCode: null }
  return { ok: false, isFinal: true, failed: { launched, attempts: 0, file: null, run: null } }
}

function failed(launched: Launched, number: number, file: string): Attempt<Done> {
  rmSync(file, { force: true })
  return { ok: false, isFinal: launched.isFinal, failed: { launched, attempts: number + 1, file: null, run: null } }
}

function wholeFile(path: string): {
  path: string
  start: number
  end: number
  gzip: boolean
  stamp: { sizeBytes: number; modifiedMs: number }
} {
  const { size, mtimeMs } = statSync(path)
  return { path, start: 0, end: size, gzip: false, stamp: { sizeBytes: size, modifiedMs: mtimeMs } }
}

function sectionOf({ path, offsets }: Sorted, partition: number): Run {
  return { path, start: offsets[partition] ?? 0, end: offsets[partition + 1] ?? 0 }
}

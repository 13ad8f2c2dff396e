/** Attempts: what one mapper or one reducer does from its input to a file that can be committed, or to lines that are sorted for the reducers. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from '../stream/command.ts'
import { own } from './counters.ts'
import type { Attempt } from './crew.ts'
import type { TaskFacts } from './environment.ts'
import type { FunctionProgram } from './function-program.ts'
import { type ProgramInput, sourceOf } from './inputs.ts'
import type { JobEvents } from './job-events.ts'
import type { JobLog } from './joblog.ts'
import { type Launched, type LaunchRequest, launch, type Surroundings } from './launch.ts'
import type { Run } from './line-files.ts'
import type { Output, Part } from './output.ts'
import { type Piece, wholePieceOf } from './piece.ts'
import { recordsIn, recordsInFile } from './record-count.ts'
import { replayLine } from './replay.ts'
import type { Sorters } from './sorters.ts'
import { filledCommand } from './template.ts'

export interface MapTask extends Part {
  readonly kind: 'mapper'
  /** From 1. */
  readonly seq: number
  readonly input: ProgramInput
  readonly name: string
}

export interface ReduceTask extends Part {
  readonly kind: 'reducer'
  readonly seq: number
  readonly name: string
}

/** What an attempt leaves. */
export interface Done {
  readonly launched: Launched
  readonly attempts: number
  /** The file to commit; null when there is none. */
  readonly file: string | null
  /** A mapper's lines for the reducers; null when they are the output. */
  readonly sorted: SortedFile | null
}

export interface SortedFile {
  readonly path: string
  /** Where the lines of each reducer begin, and where the last end. */
  readonly offsets: readonly number[]
}

export interface AttemptOptions {
  readonly shared: Surroundings
  readonly commands: { readonly mapper: Command; readonly combiner: Command | null; readonly reducer: Command | null }
  /** Those of the commands that are functions. */
  readonly functions: Readonly<Record<'mapper' | 'combiner' | 'reducer', FunctionProgram | null>>
  readonly output: Output
  readonly work: string
  /** Where mappers write what reducers read. */
  readonly scratch: string
  readonly sorters: Sorters
  readonly joblog: JobLog
  readonly events: JobEvents
}

/** Which attempt it is, and where. */
export interface Round {
  /** From 1. */
  readonly slot: number
  /** From 0. */
  readonly number: number
  readonly signal: AbortSignal
}

export async function attemptMap(options: AttemptOptions, task: MapTask, round: Round): Promise<Attempt<Done>> {
  const { commands, output, shared } = options
  const isOutput = commands.reducer === null
  const work = isOutput ? options.work : options.scratch
  if (isOutput && output.keptOf(task) !== null) return { ok: true, done: NOTHING_DONE }
  const { input, seq, name, index } = task
  if (input.missing !== null) return failedWith(input.missing)
  const { settings } = shared
  // Programs that run elsewhere need paths that don't depend on where they are.
  const paths = settings.files.length === 0 ? input.paths : input.pieces.map(({ path }) => path)
  const command = filledCommand(commands.mapper, { paths, seq, slot: round.slot })
  const file = join(work, `map-${index}-${round.number}`)
  const facts = factsOf(task, round, input.pieces, work)
  const source = sourceOf(input, commands.mapper, settings.inputFormat)
  const log = isOutput ? output.logOf(task) : null
  const { mapper: fn } = options.functions
  // The file of a function, and a block of standard input, go with the job.
  const replay = fn === null && !input.isBlock ? replayLine(command, source) : null
  const request = { command, fn, replay, facts, source, output: file, name, log }
  const launched = await launchTold(options, task, round, request)
  if (launched.failure !== null) return failed(launched, round, file)
  const counts = [...launched.counts]
  if (settings.counters) counts.push(own('map input records', await recordsIn(source)))
  if (input.isBlock) rmSync(input.pieces[0]?.path ?? '')
  if (!isOutput) return attemptSort(options, task, round, file, { ...launched, counts })
  if (settings.counters) counts.push(own('map output records', await recordsInFile(file)))
  return succeeded({ ...launched, counts }, round, { file, sorted: null })
}

/** Sorts what a mapper wrote; a combiner reads it sorted, and what it writes is sorted again, since it may be anything. */
async function attemptSort(
  options: AttemptOptions,
  task: MapTask,
  round: Round,
  file: string,
  launched: Launched,
): Promise<Attempt<Done>> {
  const { sorters, commands, scratch } = options
  const path = `${file}.sorted`
  const first = await sorters.sort(file, path)
  rmSync(file)
  const counts = [...launched.counts, own('map output records', first.lineCount)]
  // A program that sees no line could still print one; there is no key it could be about.
  if (commands.combiner === null || first.lineCount === 0)
    return succeeded({ ...launched, counts }, round, { file: null, sorted: { path, ...first } })
  const combined = `${file}.combined`
  const ended = await launchTold(options, task, round, {
    command: commands.combiner,
    fn: options.functions.combiner,
    replay: null,
    facts: factsOf(task, round, [], scratch),
    source: [wholePieceOf(path)],
    output: combined,
    name: `${task.name} (combiner)`,
    log: null,
  })
  rmSync(path)
  if (ended.failure !== null) return failed(ended, round, combined)
  const second = await sorters.sort(combined, path)
  rmSync(combined)
  const combine = [own('combine input records', first.lineCount), own('combine output records', second.lineCount)]
  const all = [...counts, ...ended.counts, ...combine]
  return succeeded({ ...launched, counts: all }, round, { file: null, sorted: { path, ...second } })
}

/** @param sorted what the mappers left, in their order */
export async function attemptReduce(
  options: AttemptOptions,
  task: ReduceTask,
  round: Round,
  sorted: readonly SortedFile[],
): Promise<Attempt<Done>> {
  const { commands, output, sorters, work, scratch, shared } = options
  if (output.keptOf(task) !== null) return { ok: true, done: NOTHING_DONE }
  const { index, seq, name } = task
  const merged = join(scratch, `reduce-${index}.in`)
  const { lineCount, groupCount } = await sorters.merge(
    sorted.map((file) => sectionOf(file, index)),
    merged,
  )
  const file = join(work, `reduce-${index}-${round.number}`)
  if (lineCount === 0) writeFileSync(file, '')
  const launched =
    lineCount === 0
      ? NOTHING
      : await launchTold(options, task, round, {
          command: filledCommand(commands.reducer ?? [], { paths: [], seq, slot: round.slot }),
          fn: options.functions.reducer,
          replay: null,
          facts: factsOf(task, round, [], work),
          source: [wholePieceOf(merged)],
          output: file,
          name,
          log: output.logOf(task),
        })
  rmSync(merged)
  if (launched.failure !== null) return failed(launched, round, file)
  const counts = [...launched.counts, own('reduce input records', lineCount), own('reduce input groups', groupCount)]
  if (shared.settings.counters) counts.push(own('reduce output records', await recordsInFile(file)))
  return succeeded({ ...launched, counts }, round, { file, sorted: null })
}

async function launchTold(
  { shared, joblog, events }: AttemptOptions,
  task: MapTask | ReduceTask,
  { number, signal }: Round,
  request: LaunchRequest,
): Promise<Launched> {
  events.taskStart(task, number)
  const launched = await launch(shared, request, signal)
  joblog.add({ ...launched, seq: task.seq, command: request.command })
  events.taskEnd(task, number, launched)
  return launched
}

function factsOf(
  { kind, index, seq }: MapTask | ReduceTask,
  round: Round,
  pieces: readonly Piece[],
  work: string,
): TaskFacts {
  const { slot, number } = round
  return { isMap: kind === 'mapper', partition: index, seq, slot, attempt: number, pieces, outputDirectory: work }
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
export const NOTHING_DONE: Done = { launched: NOTHING, attempts: 0, file: null, sorted: null }

function succeeded(launched: Launched, { number }: Round, left: Pick<Done, 'file' | 'sorted'>): Attempt<Done> {
  return { ok: true, done: { launched, attempts: number + 1, ...left } }
}

function failed(launched: Launched, { number }: Round, file: string): Attempt<Done> {
  rmSync(file, { force: true })
  return { ok: false, isFinal: launched.isFinal, failed: { launched, attempts: number + 1, file: null, sorted: null } }
}

/** A failure of no program, which another attempt would not mend. */
export function failedWith(failure: string): Attempt<Done> {
  return { ok: false, isFinal: true, failed: { ...NOTHING_DONE, launched: { ...NOTHING, failure, exitCode: null } } }
}

function sectionOf({ path, offsets }: SortedFile, partition: number): Run {
  return { path, start: offsets[partition] ?? 0, end: offsets[partition + 1] ?? 0 }
}

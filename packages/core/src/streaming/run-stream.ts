/** Running a streaming job: its programs are made ready, its inputs cut, its output opened; then mappers, the shuffle and reducers run. */
import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { createEvents, type KindlingEvent } from '../run/events.ts'
import { brokenPipe, onInterrupt } from '../run/interrupt.ts'
import { showProgress } from '../run/progress.ts'
import { openLeash } from '../stream/leash.ts'
import type { MapTask } from './attempts.ts'
import { checkSettings, slotsOf } from './check-settings.ts'
import { type ReadyProgram, readyProgram } from './functions.ts'
import { inputsOf, nameOf, type ProgramInput } from './inputs.ts'
import { openJobLog } from './joblog.ts'
import { parseKeyParts } from './key-parts.ts'
import type { KeyRules } from './key-rules.ts'
import { workingDirectory } from './launch.ts'
import { openOutput } from './open-output.ts'
import type { StreamSettings } from './options.ts'
import { type Output, openWork, type Part } from './output.ts'
import type { StreamResult } from './result.ts'
import { openSorters } from './sorters.ts'
import { StreamJob } from './stream-job.ts'

/** What a caller may take a hand in while a job runs. */
export interface StreamHooks {
  /** Ends the job: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: KindlingEvent) => void
  /** Instead of the process's own. */
  readonly stdout?: Writable
  readonly stderr?: Writable
}

export interface Programs {
  readonly mapper: ReadyProgram
  readonly combiner: ReadyProgram | null
  readonly reducer: ReadyProgram | null
}

/** For options that were checked. A program that failed is in the result and no throw. */
export async function runStream(settings: StreamSettings, hooks: StreamHooks): Promise<StreamResult> {
  checkSettings(settings)
  hooks.signal?.throwIfAborted()
  const rules = rulesOf(settings)
  const slots = slotsOf(settings)
  const programs: Programs = {
    mapper: await readyProgram(settings.mapper ?? ['cat'], 'mapper', settings),
    combiner: settings.combiner === undefined ? null : await readyProgram(settings.combiner, 'combiner', settings),
    reducer: settings.reducer === undefined ? null : await readyProgram(settings.reducer, 'reducer', settings),
  }
  let work = ''
  const inputs = inputsOf(settings, () => work)
  const command = identityOf(settings, programs)
  const tasks = Symbol.asyncIterator in inputs ? numbered(inputs) : inputs.map((input, i) => taskOf(input, i, command))
  const reducerCount = programs.reducer === null ? 0 : (settings.reducers ?? slots)
  const known = Array.isArray(tasks) ? (tasks as readonly MapTask[]) : null
  const parts = programs.reducer === null ? known : reduceParts(known, reducerCount)
  const stdout = hooks.stdout ?? process.stdout
  const stderr = hooks.stderr ?? process.stderr
  const output = openOutput({ settings, parts, command, stdout })
  if (settings.dryRun) {
    const { dryRunLines } = await import('./dry-run.ts')
    for (const line of dryRunLines(settings, programs, known, parts ?? [], output)) stdout.write(`${line}\n`)
    return { jobs: [], failures: [], counters: new Map(), outputs: [], unfinished: 0, attempts: 0 }
  }
  const joblog = openJobLog(settings.joblog)
  return underway(hooks, settings, output, async (signal, events) => {
    work = output.begin()
    const away = settings.tmpDir === undefined || programs.reducer === null ? null : openWork(settings.tmpDir, true)
    const scratch = away?.path ?? work
    const leash = openLeash()
    const sorters = openSorters({
      slots,
      rules,
      partitionCount: reducerCount,
      separator: settings.reducerSeparator ?? null,
    })
    try {
      const shared = { settings, leash, cwd: workingDirectory(settings, work), stderr }
      const job = new StreamJob({
        shared,
        programs,
        output,
        work,
        scratch,
        slots,
        sorters,
        joblog,
        events,
        signal,
      })
      const isDone = await job.run(tasks, known?.length ?? null, programs.reducer === null ? [] : (parts ?? []))
      if (isDone) await output.finish()
      return job.result()
    } finally {
      await sorters.close()
      leash.close()
      away?.close()
    }
  })
}

/** Everything around the work that has to be undone however it ends: events, the progress line, interrupts, the work directory. */
async function underway<T>(
  { signal, onEvent, stdout = process.stdout }: StreamHooks,
  { progress }: StreamSettings,
  output: Output,
  run: (signal: AbortSignal, events: ReturnType<typeof createEvents>) => Promise<T>,
): Promise<T> {
  const events = createEvents()
  if (onEvent !== undefined) events.on('*', onEvent)
  const endProgress = progress ? showProgress(events) : (): void => {}
  const controller = new AbortController()
  const onAbort = (): void => controller.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  let settle = (): void => {}
  const ended = new Promise<void>((resolve) => {
    settle = resolve
  })
  const forget = onInterrupt((reason) => controller.abort(reason), ended)
  // A reader that has gone, as with `| head`, ends the job; without a listener Node would end the process with a stack.
  const onGone = (error: NodeJS.ErrnoException): void => {
    if (stdout === process.stdout && error.code === 'EPIPE') brokenPipe()
    else controller.abort(error)
  }
  stdout.on('error', onGone)
  try {
    return await run(controller.signal, events)
  } finally {
    output.close()
    signal?.removeEventListener('abort', onAbort)
    endProgress()
    stdout.off('error', onGone)
    forget()
    settle()
  }
}

function rulesOf({
  keySeparator,
  keyFieldSeparator = keySeparator,
  keyFields,
  sort,
  partitionKey,
}: StreamSettings): KeyRules {
  return {
    separator: keySeparator,
    keyFields,
    fieldSeparator: keyFieldSeparator,
    order: sort === undefined ? [] : parseKeyParts('sort', sort),
    partitionBy: partitionKey === undefined ? [] : parseKeyParts('partition key', partitionKey),
  }
}

/** What, besides its input, decides what a program writes. */
function identityOf(settings: StreamSettings, { mapper, combiner, reducer }: Programs): string {
  const { split, pack, filesPerJob, inputFormat, recordEnd, header } = settings
  const { output, compress, skipEmpty, env, jobconf, files, okExit } = settings
  const { keySeparator, keyFields, keyFieldSeparator, reducerSeparator, partitionKey, sort } = settings
  const identities = [mapper, combiner, reducer].map((program) => program?.identity ?? null)
  const inputs = [split, pack, filesPerJob, inputFormat, recordEnd, header]
  const outputs = [output, compress, skipEmpty, env, jobconf, files, okExit]
  const keys = [keySeparator, keyFields, keyFieldSeparator, reducerSeparator, partitionKey, sort]
  return hashOf([identities, inputs, outputs, keys])
}

function taskOf(input: ProgramInput, index: number, command: string): MapTask {
  const pieces = input.pieces.map(({ path, start, end, stamp }) => [
    path,
    start,
    end,
    stamp.sizeBytes,
    stamp.modifiedMs,
  ])
  const key = input.missing === null && !input.isBlock ? hashOf([command, pieces]) : ''
  return { kind: 'mapper', index, seq: index + 1, key, input, name: nameOf(input) }
}

async function* numbered(inputs: AsyncIterable<ProgramInput>): AsyncGenerator<MapTask> {
  let index = 0
  for await (const input of inputs) yield taskOf(input, index++, '')
}

/** A reducer's part is made from all inputs. */
function reduceParts(tasks: readonly MapTask[] | null, count: number): readonly Part[] {
  const isKnown = tasks?.every(({ key }) => key !== '') === true
  return Array.from({ length: count }, (_, index) => ({
    index,
    key: isKnown ? hashOf([tasks?.map(({ key }) => key), index, count]) : '',
    input: null,
  }))
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

/** A launch: one attempt of one program of a streaming job, judged. */
import { mkdirSync, openSync, statSync, symlinkSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Writable } from 'node:stream'
import { resolveStack } from '../closure/resolve-stack.ts'
import { DataError, PlanError } from '../errors.ts'
import { changed } from '../io/byte-feed.ts'
import { nearestName } from '../nearest.ts'
import { STAGE_CLOSED } from '../stream/child.ts'
import { exitError, saidOnStderr } from '../stream/child-errors.ts'
import type { Command } from '../stream/command.ts'
import type { SharedLeash } from '../stream/leash.ts'
import { type Feed, type ProgramEnd, runProgram } from '../stream/run-program.ts'
import { propertyVariables, type TaskFacts, taskVariables } from './environment.ts'
import { feedBytes, feedOf } from './feed.ts'
import type { FunctionProgram } from './function-program.ts'
import { type Count, createMessages } from './messages.ts'
import type { StreamSettings } from './options.ts'
import { isWhole, type Piece } from './piece.ts'
import { programsOnPath } from './programs-on-path.ts'
import { runInline } from './run-inline.ts'

/** What all programs of a job share. */
export interface Surroundings {
  readonly settings: StreamSettings
  readonly leash: SharedLeash
  readonly cwd: string
  readonly stderr: Writable
}

export interface LaunchRequest {
  readonly command: Command
  /** The function that the command runs, which may be called here instead; null for what is no function. */
  readonly fn: FunctionProgram | null
  readonly facts: TaskFacts
  /** What it reads: pieces, the text of a list, or nothing. */
  readonly source: readonly Piece[] | string | null
  /** The file that it writes. */
  readonly output: string
  /** Put before what it says; null for nothing. */
  readonly name: string | null
  readonly log: string | null
  /** Shown when it fails: how to run it again by hand. Null where what it needs does not outlive the job. */
  readonly replay: string | null
}

export interface Launched {
  /** Why it failed; null when it did not. */
  readonly failure: string | null
  /** Another attempt would fail as well. */
  readonly isFinal: boolean
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly startedAtMs: number
  readonly ms: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly counts: readonly Count[]
}

export async function launch(shared: Surroundings, request: LaunchRequest, signal: AbortSignal): Promise<Launched> {
  const { settings, leash, cwd } = shared
  const messages = createMessages({
    name: request.name,
    to: shared.stderr,
    log: request.log,
    // The process of a function knows scripts of this one by number.
    read: request.fn === null ? (line) => line : resolveStack,
  })
  const startedAtMs = Date.now()
  const startedMs = performance.now()
  const env = {
    ...process.env,
    ...propertyVariables(settings.jobconf),
    ...taskVariables(request.facts),
    ...settings.env,
  }
  let end: ProgramEnd
  let isRead: boolean
  try {
    const stdin = inputFor(request.source)
    isRead = typeof stdin === 'number'
    const onStderr = (bytes: Buffer): void => messages.write(bytes)
    const { command, fn, output } = request
    if (settings.inline && fn !== null) end = await runInline({ program: fn, stdin, output, env, onStderr })
    else {
      const timeoutMs = settings.timeout ?? null
      const stdout = openSync(output, 'w')
      end = await runProgram({ command, env, cwd, stdin, stdout, onStderr, timeoutMs, signal, leash })
    }
  } catch (error) {
    // The input could not be opened, or there was no room for the output.
    return unlaunched(error, startedAtMs, performance.now() - startedMs)
  }
  messages.end()
  const pieces = typeof request.source === 'object' ? (request.source ?? []) : []
  const failure = failureOf(end, request, settings, messages.tail(), isRead ? pieces : [])
  return {
    failure,
    isFinal: end.error !== null,
    exitCode: end.code,
    signal: end.signal,
    startedAtMs,
    ms: performance.now() - startedMs,
    bytesIn: isRead ? sizeOf(pieces) : end.bytesFed,
    bytesOut: statSync(request.output).size,
    counts: messages.counters,
  }
}

/** A whole file is the program's own standard input: its bytes never pass through here. */
function inputFor(source: LaunchRequest['source']): number | Feed | null {
  if (source === null) return null
  if (typeof source === 'string') return feedBytes(Buffer.from(source))
  const [only] = source
  if (source.length === 1 && only !== undefined && only.compression === 'none' && isWhole(only))
    return openSync(only.path, 'r')
  return feedOf(source)
}

function failureOf(
  end: ProgramEnd,
  { command, fn, replay }: LaunchRequest,
  { okExit, timeout = 0 }: StreamSettings,
  tail: readonly string[],
  read: readonly Piece[],
): string | null {
  const again = replay === null ? '' : ` Run it again with: ${replay} .`
  if (end.error !== null) return `${messageOf(end.error)}${nearestTo(command, end)}`
  if (end.endedBy === 'timeout')
    return `it ran longer than its timeout of ${timeout / 1000} s and was ended.${again} ${saidOnStderr(tail)}`
  const isWell =
    end.signal === null &&
    (okExit === 'any' || okExit.includes(end.code ?? -1) || (end.code === STAGE_CLOSED && end.isPipeline))
  if (!isWell)
    return fn === null
      ? exitError(command, end, tail, `${nearestTo(command, end)}${again}`).message
      : exitError(functionText(fn), end, tail).message
  for (const { path, stamp } of read) {
    const now = statSync(path, { throwIfNoEntry: false })
    if (now === undefined) return changed(path, 'it is gone').message
    if (now.size !== stamp.sizeBytes) return changed(path, `${stamp.sizeBytes} bytes then, ${now.size} now`).message
    if (now.mtimeMs !== stamp.modifiedMs) return changed(path, 'it was written to').message
  }
  return null
}

/** Instead of the process that it became. */
function functionText({ fn }: FunctionProgram): string {
  return fn === null ? 'aggregate' : `function ${fn.name}`.trim()
}

/** What a shell's exit code 127, or no program at all, calls for: the name that was meant. */
function nearestTo(command: Command, end: ProgramEnd): string {
  if (end.error === null && end.code !== 127) return ''
  const name = typeof command === 'string' ? (/^\s*([^\s|&;<>()$'"]+)/.exec(command)?.[1] ?? '') : (command[0] ?? '')
  if (name === '' || name.includes('/')) return ''
  const known = programsOnPath()
  const nearest = known.includes(name) ? null : nearestName(name, known)
  return nearest === null ? '' : ` Did you mean ${nearest}?`
}

function unlaunched(error: unknown, startedAtMs: number, ms: number): Launched {
  const { code, path } = error as NodeJS.ErrnoException
  if (code === undefined && !(error instanceof DataError)) throw error
  const hint = code === 'ENOSPC' ? ' The disk is full: make room, or choose another.' : ''
  const failure = error instanceof DataError ? error.message : `"${path ?? ''}" cannot be opened (${code}).${hint}`
  return { failure, isFinal: true, exitCode: null, signal: null, startedAtMs, ms, bytesIn: 0, bytesOut: 0, counts: [] }
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { start, end }) => sum + end - start, 0)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Where programs run: where the user is, or, when files are named, a directory that holds links to them. */
export function workingDirectory({ files }: StreamSettings, work: string): string {
  if (files.length === 0) return process.cwd()
  const directory = join(work, 'cwd')
  mkdirSync(directory)
  for (const file of files) {
    const [path = '', name = basename(path)] = file.replace(/^file:\/\//, '').split('#')
    if (statSync(path, { throwIfNoEntry: false }) === undefined)
      throw new PlanError(
        `stream: the file "${path}" does not exist (working directory: ${process.cwd()}). Check the path.`,
      )
    symlinkSync(resolve(path), join(directory, name))
  }
  return directory
}

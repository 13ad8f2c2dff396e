/**
 * One run of an unmodified program whose output goes straight into a file, and whose input comes straight from one, or is written to it
 * as bytes. Nothing of it is left when `runProgram` settles, nor soon after this process is gone.
 */
import type { SpawnOptions } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import type { DataError } from '../errors.ts'
import { childProcess } from '../io/on-demand.ts'
import { type Exit, startError } from './child-errors.ts'
import { type Command, invocationOf } from './command.ts'
import { GRACE_SECONDS, type SharedLeash, signalGroup } from './leash.ts'

/** Writes a program's input, and says how much it was. Back-pressure is its own; a program that reads no more is no error of it. */
export type Feed = (stdin: Writable) => Promise<number>

export interface ProgramRun {
  readonly command: Command
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
  /** A descriptor, which is closed here once the program has it; null is no input. */
  readonly stdin: number | Feed | null
  /** The descriptor of the file that it writes, closed here too. */
  readonly stdout: number
  /** Takes what it says on stderr, as it comes. */
  readonly onStderr: (bytes: Buffer) => void
  readonly timeoutMs: number | null
  readonly signal: AbortSignal
  readonly leash: SharedLeash
}

export interface ProgramEnd extends Exit {
  /** Why it was ended from here; null when it ended by itself. */
  readonly endedBy: 'timeout' | 'abort' | 'feed' | null
  /** What kept it from starting, or its input from coming. */
  readonly error: unknown
  /** Bytes fed; 0 when it read a file itself. */
  readonly bytesFed: number
  /** A shell ran it that notices when any stage of a pipeline fails. */
  readonly isPipeline: boolean
}

/** Never rejects: how it ended is the caller's to judge. */
export async function runProgram(run: ProgramRun): Promise<ProgramEnd> {
  const invocation = invocationOf(run.command, run.env['PATH'] ?? '')
  const { stdin } = run
  const options: SpawnOptions = {
    // A group of its own, so that all it starts can be ended with it.
    detached: true,
    env: run.env,
    cwd: run.cwd,
    stdio: [stdin === null ? 'ignore' : typeof stdin === 'number' ? stdin : 'pipe', run.stdout, 'pipe'],
  }
  const child = childProcess().spawn(invocation.file, invocation.args, options)
  run.leash.hold(child.pid)
  for (const descriptor of [stdin, run.stdout]) if (typeof descriptor === 'number') closeSync(descriptor)
  const exit = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.stderr?.on('data', run.onStderr)
  try {
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  } catch (error) {
    return notStarted(startError(run.command, invocation.file, error))
  }
  // An error after the start is a signal that could not be sent; the exit tells the rest.
  child.on('error', () => undefined)
  const group = child.pid ?? 0
  let endedBy: ProgramEnd['endedBy'] = null
  let killer: NodeJS.Timeout | undefined
  const end = (why: ProgramEnd['endedBy']): void => {
    if (endedBy !== null) return
    endedBy = why
    signalGroup(group, 'SIGTERM')
    killer = setTimeout(() => signalGroup(group, 'SIGKILL'), GRACE_SECONDS * 1000)
  }
  const timer = run.timeoutMs === null ? undefined : setTimeout(() => end('timeout'), run.timeoutMs)
  const onAbort = (): void => end('abort')
  run.signal.addEventListener('abort', onAbort, { once: true })
  if (run.signal.aborted) onAbort()
  let fedError: unknown = null
  const fed = (
    typeof stdin === 'function' && child.stdin !== null ? feed(child.stdin, stdin) : Promise.resolve(0)
  ).catch((error: unknown) => {
    fedError = error
    end('feed')
    return 0
  })
  const ended = await exit
  clearTimeout(timer)
  clearTimeout(killer)
  run.signal.removeEventListener('abort', onAbort)
  child.stdin?.destroy()
  await finish(group, child.stderr, closed)
  run.leash.free(group)
  return { ...ended, endedBy, error: fedError, bytesFed: await fed, isPipeline: invocation.isPipeline }
}

async function feed(stdin: Writable, write: Feed): Promise<number> {
  // EPIPE, ECONNRESET: the program closed its input. Whether that is an error, its exit code tells.
  stdin.on('error', () => undefined)
  const bytes = await write(stdin)
  stdin.end()
  return bytes
}

/** After its exit: ends what it left running in its group, which would keep stderr open, and reads the rest of that. */
async function finish(group: number, stderr: Readable | null, closed: Promise<void>): Promise<void> {
  signalGroup(group, 'SIGKILL')
  // A daemon that left the group may keep it; it isn't waited for.
  const timer = setTimeout(() => stderr?.destroy(), GRACE_SECONDS * 1000)
  await closed
  clearTimeout(timer)
}

function notStarted(error: DataError): ProgramEnd {
  return { code: null, signal: null, endedBy: null, error, bytesFed: 0, isPipeline: false }
}

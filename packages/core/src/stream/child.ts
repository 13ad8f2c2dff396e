/**
 * One child process per partition: an unmodified program that reads lines and prints lines.
 * Nothing of it is left when `pipeThrough` settles, nor soon after the thread that called it is gone.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { childProcess } from '../io/on-demand.ts'
import { type Exit, exitError, startError } from './child-errors.ts'
import { type Command, type Invocation, invocationOf } from './command.ts'
import { drained } from './drained.ts'
import { GRACE_SECONDS, openLeash, type SharedLeash, signalGroup } from './leash.ts'
import { createLineCutter } from './line-cutter.ts'
import { createStderrTail, type StderrTail } from './stderr-tail.ts'

export interface PipeOptions {
  readonly verb: string
  /** A list is started as it is; a string is a line for a shell. */
  readonly command: Command
  /** Added to the environment of this process. */
  readonly env: Readonly<Record<string, string>>
  readonly partition: number
  /** The next piece of input, with its line ends; null at the end. */
  readonly pull: () => string | null
  /** Takes one line of output; false when no more are wanted. */
  readonly push: (line: string) => boolean
  /** Where the child's own messages go, as they come; this process's stderr when absent. */
  readonly stderr?: Writable
}

interface Child {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Its pid, and the id of the process group that it leads. */
  readonly group: number
  readonly leash: SharedLeash
  readonly exit: Promise<Exit>
  /** Exited, and its output closed. */
  readonly closed: Promise<void>
  hasExited(): boolean
}

/** Characters written at a time: pieces are joined up to this, since each write is a system call. */
const WRITE_CHARACTERS = 65_536

/**
 * How bash reports a stage of a pipeline that was stopped by SIGPIPE (128 + 13). It is the last failure of the line only when
 * the stages behind it ended well without reading all, as in `sort | head -1`.
 */
export const STAGE_CLOSED = 141

/**
 * Runs the command, feeding it what `pull` gives and handing each line it prints to `push`.
 * A child that ends well before it has read everything is fine, as `head` does; its input is pulled to the end all the same,
 * so that what the user's functions do upstream doesn't depend on how fast the child is.
 * @throws DataError when the command cannot be started, ends with an exit code other than 0, or is ended by a signal;
 * whatever `pull` or `push` throws.
 */
export async function pipeThrough(options: PipeOptions): Promise<void> {
  const invocation = invocationOf(options.command, { ...process.env, ...options.env }['PATH'] ?? '')
  const child = await start(options, invocation)
  const tail = createStderrTail(child.stderr, options.stderr ?? process.stderr)
  const over = new AbortController()
  const noMore = Symbol('no more lines are wanted')
  try {
    await Promise.all([
      readLines(child.stdout, options.push).then((isWanted) => (isWanted ? undefined : Promise.reject(noMore))),
      feed(child.stdin, options.pull, over.signal),
      checkExit(child, invocation, options, tail),
    ])
  } catch (reason) {
    if (reason !== noMore) throw reason
  } finally {
    over.abort()
    await end(child)
  }
}

async function start(options: PipeOptions, invocation: Invocation): Promise<Child> {
  const { verb, command, env, partition } = options
  if (invocation.isFallback && partition === 0) {
    process.emitWarning(
      `${verb}: there is no bash here, so sh runs the command, and a failing stage of a pipeline is not noticed`,
    )
  }
  // Before the child: this thread may be ended at any moment, and starting a leash takes longer than telling it of a child.
  const leash = openLeash()
  try {
    const child: ChildProcessWithoutNullStreams = childProcess().spawn(invocation.file, invocation.args, {
      // A group of its own, so that all it starts can be ended with it.
      detached: true,
      env: { ...process.env, ...taskVariables(partition), ...env },
      stdio: 'pipe',
    })
    leash.hold(child.pid)
    const { stdin, stdout, stderr } = child
    const exit = new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    // An error after the start is a signal that could not be sent; the exit tells the rest.
    child.on('error', () => undefined)
    const hasExited = (): boolean => child.exitCode !== null || child.signalCode !== null
    return { stdin, stdout, stderr, group: child.pid ?? 0, leash, exit, closed, hasExited }
  } catch (error) {
    leash.close()
    throw startError(command, invocation.file, error)
  }
}

/** What Hadoop Streaming and GNU Parallel tell their programs, as far as it is known here. */
function taskVariables(partition: number): Record<string, string> {
  return {
    mapreduce_task_partition: String(partition),
    mapreduce_task_ismap: 'true',
    PARALLEL_SEQ: String(partition + 1),
  }
}

/** Reads to the end, giving true, or until a line is refused. Lines are handed on as they come: `push` is the back-pressure. */
function readLines(stdout: Readable, push: (line: string) => boolean): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const lines = createLineCutter(push)
    const guarded = (step: () => boolean): void => {
      try {
        if (step()) return
        resolve(false)
      } catch (error) {
        reject(error)
      }
      stdout.destroy()
    }
    stdout.on('data', (bytes: Buffer) => guarded(() => lines.write(bytes)))
    stdout.on('end', () => {
      guarded(() => lines.end())
      resolve(true)
    })
    stdout.on('error', reject)
  })
}

/** Writes what `pull` gives as fast as the child reads it. Once the child reads no more, the rest is pulled and dropped. */
async function feed(stdin: Writable, pull: () => string | null, over: AbortSignal): Promise<void> {
  // EPIPE, ECONNRESET: the child closed its input. Whether that is an error, its exit code tells.
  stdin.on('error', () => undefined)
  for (let text = nextText(pull); text !== null; text = nextText(pull)) {
    if (!stdin.writable) await nextTurn()
    else if (!stdin.write(text)) await drained(stdin)
    if (over.aborted) return
  }
  stdin.end()
}

function nextText(pull: () => string | null): string | null {
  let text = pull()
  if (text === null) return null
  while (text.length < WRITE_CHARACTERS) {
    const more = pull()
    if (more === null) break
    text += more
  }
  return text
}

async function checkExit(child: Child, invocation: Invocation, options: PipeOptions, tail: StderrTail): Promise<void> {
  const exit = await child.exit
  if (exit.code === 0 || (exit.code === STAGE_CLOSED && invocation.isPipeline)) return
  await finish(child)
  throw exitError(options.command, exit, tail.lines())
}

/** Ends the child if it runs, politely first, and whatever it left running. */
async function end(child: Child): Promise<void> {
  if (!child.hasExited()) {
    child.stdout.destroy()
    signalGroup(child.group, 'SIGTERM')
    const timer = setTimeout(() => signalGroup(child.group, 'SIGKILL'), GRACE_SECONDS * 1000)
    await child.exit
    clearTimeout(timer)
  }
  await finish(child)
}

/** After its exit: ends what it left running in its group, which would keep its pipes open, and reads the rest of stderr. */
async function finish({ stderr, group, leash, closed }: Child): Promise<void> {
  signalGroup(group, 'SIGKILL')
  leash.close()
  // A daemon that left the group may keep the pipes; it isn't waited for.
  const timer = setTimeout(() => stderr.destroy(), GRACE_SECONDS * 1000)
  await closed
  clearTimeout(timer)
}

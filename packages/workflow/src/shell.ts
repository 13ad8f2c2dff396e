/**
 * Shell commands of a task: a line for bash in which values are quoted as words. Nothing of it is left when the promise settles, nor
 * soon after this process is gone.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  createStderrTail,
  exitError,
  GRACE_SECONDS,
  invocationOf,
  leash,
  signalGroup,
  startError,
} from 'kindling/programs'

export interface Ran {
  /** What it printed, as text. For much, redirect it to a file. */
  readonly stdout: string
  /** The same by lines, without the end of the last. */
  readonly lines: readonly string[]
}

/** A value in a command: quoted as one word, a list as one word each. */
export type Word = string | number | boolean | readonly (string | number | boolean)[]

export interface Shell {
  /** @throws DataError when the command ends with an exit code other than 0, with the end of its stderr */
  (line: TemplateStringsArray, ...words: readonly Word[]): Promise<Ran>
}

export interface ShellOptions {
  readonly cwd: string
  readonly signal: AbortSignal
  readonly env?: Readonly<Record<string, string>>
}

export function createShell(options: ShellOptions): Shell {
  return (parts, ...words) => runLine(commandLine(parts, words), options)
}

/** The line with each value quoted, so that the shell takes none of it for its own. */
function commandLine(parts: readonly string[], words: readonly Word[]): string {
  return parts
    .map((part, index) => part + (index < words.length ? quoted(words[index] ?? '') : ''))
    .join('')
    .trim()
}

function quoted(word: Word): string {
  if (typeof word === 'object') return word.map(quoted).join(' ')
  const text = String(word)
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

async function runLine(line: string, { cwd, signal, env = {} }: ShellOptions): Promise<Ran> {
  signal.throwIfAborted()
  const environment = { ...process.env, ...env }
  const { file, args } = invocationOf(line, environment['PATH'] ?? '')
  // A group of its own, so that all it starts can be ended with it.
  const child = spawn(file, args, { cwd, env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const hold = leash(child.pid)
  const group = child.pid ?? 0
  let timer: NodeJS.Timeout | undefined
  const end = (): void => {
    signalGroup(group, 'SIGTERM')
    timer = setTimeout(() => signalGroup(group, 'SIGKILL'), GRACE_SECONDS * 1000)
  }
  try {
    const exited = once(child, 'exit')
    const closed = once(child, 'close')
    closed.catch(() => undefined)
    await once(child, 'spawn').catch((error: unknown) => {
      exited.catch(() => undefined)
      throw startError(line, file, error)
    })
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
    const tail = createStderrTail(child.stderr, process.stderr)
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    const [code, by] = (await exited) as [number | null, NodeJS.Signals | null]
    // What it left running would keep its pipes open.
    signalGroup(group, 'SIGKILL')
    await closed
    signal.throwIfAborted()
    if (code !== 0) throw exitError(line, { code, signal: by }, tail.lines())
    return ranOf(Buffer.concat(chunks).toString('utf8'))
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    hold.release()
  }
}

function ranOf(stdout: string): Ran {
  const lines = stdout.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return { stdout, lines }
}

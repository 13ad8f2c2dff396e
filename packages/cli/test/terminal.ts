/** `kindling` in a real terminal, made by python3: keys are typed, what appears is waited for. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFailed, onTestFinished } from 'vitest'
import { KINDLING, plainEnvironment } from './command.ts'

const TERMINAL = fileURLToPath(new URL('../../core/test/run/fixtures/terminal.py', import.meta.url))

/** Sequences that move the cursor and erase. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
// oxlint-disable-next-line eslint/no-control-regex -- likewise
const CONTROL = /\x1b\[[\d;?]*[A-Za-z]|\r/g

export const KEY = { enter: '\r', tab: '\t', up: '\x1b[A', ctrlC: '\x03', ctrlD: '\x04', ctrlU: '\x15' } as const

export interface Terminal {
  /** Types keys, as they are. */
  type(keys: string): void
  /** Waits for text that appears after all that was waited for before; what appeared up to it. */
  sees(text: string | RegExp): Promise<string>
  /** Waits for the end; how it ended: `code 0`, `signal 9`. */
  ended(): Promise<string>
}

/** A session of `kindling repl`. */
export interface Session extends Terminal {
  /** Types a line at the prompt, and waits for what appears up to the next prompt. */
  answer(line: string): Promise<string>
}

/** Whether there can be a terminal here. */
export function hasTerminal(): boolean {
  return spawnSync('python3', ['-c', 'import pty']).status === 0
}

const PROMPT = '\n> '

export async function openSession(folder: string, env: NodeJS.ProcessEnv = {}): Promise<Session> {
  const terminal = openTerminal(folder, ['repl', '--master', 'local[2]'], env)
  const session: Session = {
    ...terminal,
    async answer(line) {
      terminal.type(`${line}${KEY.enter}`)
      return (await terminal.sees(PROMPT)).slice(0, -PROMPT.length)
    },
  }
  await session.sees(PROMPT)
  return session
}

/** `kindling` with some arguments. */
export function openTerminal(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Terminal {
  const command = ['python3', TERMINAL, process.execPath, KINDLING, ...args]
  const child = spawn(command[0] ?? '', command.slice(1), { cwd: folder, env: plainEnvironment(folder, env) })
  const closed = once(child, 'close')
  let shown = ''
  let how = ''
  let wake = (): void => {}
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text.replaceAll(CONTROL, '')
    wake()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (how += text))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
  })
  onTestFailed(() => console.error(`what the session showed last: ${JSON.stringify(shown)} ${how}`))
  const gone = closed.then(() => Promise.reject(new Error(`the session ended (${how}) and showed: ${shown}`)))
  gone.catch(() => {})

  const sees = async (text: string | RegExp): Promise<string> => {
    for (;;) {
      const found = typeof text === 'string' ? shown.indexOf(text) : shown.search(text)
      if (found >= 0) {
        const end = found + (typeof text === 'string' ? text.length : (text.exec(shown)?.[0].length ?? 0))
        const before = shown.slice(0, end)
        shown = shown.slice(end)
        return before
      }
      await Promise.race([new Promise<void>((resolve) => (wake = resolve)), gone])
    }
  }
  return {
    type: (keys) => void child.stdin.write(keys),
    sees,
    async ended() {
      await closed
      return how
    },
  }
}

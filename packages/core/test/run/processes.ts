/** Scripts in processes of their own, for what happens to a whole process or its terminal. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** The compiled library: what a plain script can import. */
const DIST = new URL('../../dist/', import.meta.url)
const TERMINAL = fileURLToPath(new URL('fixtures/terminal.py', import.meta.url))

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly folder: string
  /** Resolves when the text has been printed to stdout. */
  printed(text: string): Promise<void>
  ended(): Promise<{
    readonly code: number | null
    readonly signal: NodeJS.Signals | null
    readonly stdout: string
    readonly stderr: string
  }>
}

/** Whether scripts can be run in a terminal here. */
export function hasTerminal(): boolean {
  return spawnSync('python3', ['-c', 'import pty']).status === 0
}

/** Runs a script in a fresh folder. `DIST/` in its imports is the compiled library. `mostFiles` is how many files it may have open. */
export function runScript(script: string, options: { inTerminal?: boolean; mostFiles?: number } = {}): Running {
  const folder = mkdtempSync(join(tmpdir(), 'kindling-run-'))
  writeFileSync(join(folder, 'job.mjs'), script.replaceAll('DIST/', DIST.href))
  const job = [process.execPath, 'job.mjs']
  const { mostFiles } = options
  const command = mostFiles === undefined ? job : ['sh', '-c', `ulimit -n ${mostFiles}; exec "$0" "$@"`, ...job]
  const [file = '', ...args] = options.inTerminal === true ? ['python3', TERMINAL, ...command] : command
  const { CI: _, TERM: __, ...env } = process.env
  const child = spawn(file, args, { cwd: folder, env: { ...env, TERM: 'xterm' } })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (data) => (texts[name] += data))
  const closed = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await closed
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    child,
    folder,
    printed(text) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          if (texts.stdout.includes(text)) resolve()
        }
        child.stdout.on('data', look)
        child.on('close', () => reject(new Error(`it ended without printing ${text}: ${texts.stdout}${texts.stderr}`)))
        look()
      })
    },
    async ended() {
      const [code, signal] = await closed
      return { code, signal, ...texts }
    },
  }
}

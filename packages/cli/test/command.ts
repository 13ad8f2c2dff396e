/** The compiled command as a user runs it: in a fresh folder, which need not be a project. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

export const KINDLING: string = fileURLToPath(new URL('../bin/kindling.js', import.meta.url))

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A fresh folder with these files. */
export function folderWith(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kindling-cli-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

/** The environment without what a test runner adds to it, and without a home where a history could be. */
export function plainEnvironment(folder: string, extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { CI: _, NODE_OPTIONS: __, FORCE_COLOR: ___, VITEST: ____, ...env } = process.env
  return { ...env, NO_COLOR: '1', TERM: 'xterm', HOME: folder, XDG_STATE_HOME: join(folder, 'state'), ...extra }
}

export interface RunOptions {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Sends SIGINT when this has been printed. */
  readonly interruptAt?: string
}

/** `kindling` with some arguments in a folder. */
export async function kindling(folder: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [KINDLING, ...args], {
    cwd: folder,
    env: plainEnvironment(folder, options.env),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (data: string) => {
      texts[name] += data
      if (options.interruptAt !== undefined && data.includes(options.interruptAt)) child.kill('SIGINT')
    })
  child.stdin.end(options.input ?? '')
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...texts }
}

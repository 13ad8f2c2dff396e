/** Programs in processes of their own, for what happens to a whole process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { freshFolder } from './fresh.ts'

/** A folder in which the packages are installed. */
const MODULES = fileURLToPath(new URL('../../../test/node_modules', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A fresh folder with a program in it, `tasks.mjs`, on the compiled packages. */
export function programFolder(program: string): string {
  const folder = freshFolder()
  symlinkSync(MODULES, join(folder, 'node_modules'))
  writeFileSync(join(folder, 'tasks.mjs'), program)
  return folder
}

export function start(
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, ['tasks.mjs', ...args], { cwd: folder, env: { ...process.env, ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

export async function end(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (texts[name] += text))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, ...texts }
}

/** Resolves when the text has been printed, to either stream. */
export async function printed(child: ChildProcess, text: string): Promise<void> {
  let all = ''
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (bytes: Buffer) => {
        all += String(bytes)
        if (all.includes(text)) resolve()
      })
    child.on('close', () => reject(new Error(`it ended without printing ${text}:\n${all}`)))
  })
}

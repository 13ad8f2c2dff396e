/** Runs `kindling stream` as a user does, in a fresh folder: files, arguments, exit code, what it prints. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const STREAM = fileURLToPath(new URL('fixtures/stream.mjs', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A folder with these files, gone after the test. */
export function folderWith(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kindling-stream-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

export function start(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(process.execPath, [STREAM, ...args], { cwd: folder, env: { ...process.env, ...env } })
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('latin1').on('data', (text: string) => (texts[name] += text))
  const [code, signal] = await once(child, 'close')
  return { code, signal, ...texts }
}

/** Runs it to its end, with `input` as its standard input. */
export function run(folder: string, args: readonly string[], input: string = ''): Promise<Ended> {
  const child = start(folder, args)
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  return ended(child)
}

/** Runs another program in the folder; what it prints. */
export function shell(folder: string, line: string): string {
  return spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'latin1' }).stdout
}

export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
}

/** Each file below a folder that a reader of data would see, with its content. */
export function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !name.split('/').some((part) => /^[_.]/.test(part)))
  return Object.fromEntries(names.toSorted().map((name) => [name, readFileSync(join(folder, name), 'latin1')]))
}

/** Every name in a folder, hidden ones too. */
export function everything(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted()
}

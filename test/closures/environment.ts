/**
 * An environment: an empty project of a user, with the packages installed, in which the cases run as one child process.
 * The library is there as compiled, under node_modules, as a user has it.
 */
import { execFile } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { CaseReport } from './fixtures/harness.ts'

export const FIXTURES: string = fileURLToPath(new URL('fixtures', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const execute = promisify(execFile)

/** Where the tools of the workspace are. */
export const TOOL = {
  kindling: join(ROOT, 'packages/cli/bin/kindling.js'),
  tsc: join(ROOT, 'node_modules/typescript/bin/tsc'),
  tsx: join(ROOT, 'node_modules/tsx/dist/cli.mjs'),
  vitest: join(ROOT, 'node_modules/vitest/vitest.mjs'),
} as const

/** A fixture holds cases, but for these, which every project gets. */
const COMMON_FILES = ['harness.ts', 'helpers.ts', 'reexports.ts', 'table.json']

export interface Project {
  readonly folder: string
  write(name: string, text: string): void
  read(name: string): string
  /** Runs a program in the folder; what it printed. A failure shows it all. */
  run(command: string, ...args: string[]): Promise<string>
  /** What the cases wrote. */
  report(): CaseReport[]
  readonly env: NodeJS.ProcessEnv
}

/** Makes a project with the fixtures of these names, and removes it when `use` has ended. */
export async function withProject<T>(
  type: 'module' | 'commonjs',
  fixtures: readonly string[],
  use: (project: Project) => Promise<T>,
): Promise<T> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kindling-closures-')))
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'matrix', private: true, type }))
    for (const name of [...COMMON_FILES, ...fixtures]) cpSync(join(FIXTURES, name), join(folder, name))
    installPackages(join(folder, 'node_modules'))
    return await use(openProject(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function openProject(folder: string): Project {
  const env: NodeJS.ProcessEnv = { ...process.env, MATRIX_REPORT: join(folder, 'report.json'), NO_COLOR: '1' }
  // What vitest and its workers are told by their environment is not for a child that is the user's own process.
  for (const name of [
    'VITEST',
    'VITEST_POOL_ID',
    'VITEST_WORKER_ID',
    'NODE_ENV',
    'NODE_OPTIONS',
    'FORCE_COLOR',
    'TEST',
  ])
    delete env[name]
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return {
    folder,
    env,
    read,
    write: (name, text) => writeFileSync(join(folder, name), text),
    report: () => JSON.parse(read('report.json')) as CaseReport[],
    async run(command, ...args) {
      try {
        return (await execute(command, args, { cwd: folder, env })).stdout
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string }
        throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
      }
    },
  }
}

/** The library copied, its dependencies and the tools linked, the packages of the fixtures copied. */
function installPackages(modules: string): void {
  const core = join(ROOT, 'packages/core')
  mkdirSync(modules)
  for (const part of ['package.json', 'dist'])
    cpSync(join(core, part), join(modules, 'kindling', part), { recursive: true })
  cpSync(join(FIXTURES, 'packages'), modules, { recursive: true })
  const { dependencies } = JSON.parse(readFileSync(join(core, 'package.json'), 'utf8')) as { dependencies: object }
  const links = [...Object.keys(dependencies).map((name) => join(core, 'node_modules', name)), dirname(TOOL.vitest)]
  for (const link of links) symlinkSync(realpathSync(link), join(modules, link.slice(link.lastIndexOf('/') + 1)))
}

/** Compiles the project in place, as a user of tsc does. */
export async function compile(project: Project): Promise<void> {
  const options = [
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--sourceMap',
    '--rewriteRelativeImportExtensions',
    '--noCheck',
    '--types',
    '',
  ]
  const sources = readdirSync(project.folder).filter((name) => /\.[cm]?ts$/.test(name))
  await project.run(process.execPath, TOOL.tsc, ...options, ...sources)
}

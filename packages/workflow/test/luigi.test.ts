/**
 * Luigi itself beside us: the same tasks, as it has them, leave the same files, as many of each outcome, and end with the same exit code
 * (Luigi's own are all 0 until they are configured, which they are here).
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { filesIn, freshFolder } from './fresh.ts'
import { programFolder } from './scripts.ts'

/** Where Luigi is; scripts/install-luigi.sh installs it. */
const LUIGI = process.env['TEST_LUIGI']
const FIXTURES = fileURLToPath(new URL('fixtures', import.meta.url))
const CONFIG = `[retcode]
already_running = 5
missing_data = 3
not_run = 6
task_failed = 1
scheduling_error = 4
unhandled_exception = 7
`

interface Result {
  readonly code: number
  readonly counts: Readonly<Record<string, number>>
  readonly files: Readonly<Record<string, string>>
}

interface Scenario {
  readonly name: string
  /** Files that are there, by their paths. */
  readonly files?: Readonly<Record<string, string>>
  /** One run after the other, in the same folder. */
  readonly runs: readonly (readonly string[])[]
}

const SCENARIOS: readonly Scenario[] = [
  { name: 'one task with a parameter', runs: [['TestTask', '--bob', 'bob']] },
  { name: 'a complete task', files: { 'out/bob.txt': 'old' }, runs: [['TestTask', '--bob', 'bob']] },
  { name: 'ten tasks', runs: [['LotsOTasks']] },
  { name: 'ten tasks, then two more', runs: [['LotsOTasks'], ['LotsOTasks', '--n', '12']] },
  { name: 'a missing external target', runs: [['Copy']] },
  { name: 'an external target', files: { 'raw.txt': 'raw\n' }, runs: [['Copy']] },
  { name: 'a failure below', runs: [['Down']] },
  { name: 'a failure that is there again', runs: [['Down'], ['Down']] },
  { name: 'requirements that throw', runs: [['Beside']] },
  { name: 'dynamic dependencies', runs: [['Dynamic']] },
  { name: 'a diamond', runs: [['Diamond']] },
]

function execute(
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: cwd }
    execFile(file, args, { cwd, env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      if (typeof code === 'number') resolve({ code, stdout, stderr })
      else reject(error ?? new Error('it ended without an exit code'))
    })
  })
}

function put(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, 'out'), { recursive: true })
  for (const [path, content] of Object.entries(files)) writeFileSync(join(folder, path), content)
}

function filesOf(folder: string): Readonly<Record<string, string>> {
  const paths = filesIn(folder).filter((path) => path.startsWith('out/'))
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]))
}

async function runLuigi({ files = {}, runs }: Scenario): Promise<readonly Result[]> {
  const folder = freshFolder()
  cpSync(join(FIXTURES, 'luigi_tasks.py'), join(folder, 'luigi_tasks.py'))
  writeFileSync(join(folder, 'luigi.cfg'), CONFIG)
  put(folder, files)
  const results: Result[] = []
  for (const args of runs) {
    const command = ['--module', 'luigi_tasks', ...args, '--local-scheduler', '--workers', '2']
    const { code, stderr } = await execute(LUIGI ?? '', command, folder)
    const of = (text: string): number => Number(new RegExp(`\\* (\\d+) ${text}`).exec(stderr)?.[1] ?? 0)
    const counts = {
      ran: of('ran successfully'),
      upToDate: of('complete ones were encountered'),
      failed: of('failed:'),
      invalid: of('failed scheduling'),
      missing: of('were missing external dependencies'),
      blocked:
        of('had missing dependencies') + of('had failed dependencies') + of('had dependencies whose scheduling failed'),
    }
    results.push({ code, counts, files: filesOf(folder) })
  }
  return results
}

async function runOurs({ files = {}, runs }: Scenario): Promise<readonly Result[]> {
  const folder = programFolder(readFileSync(join(FIXTURES, 'luigi-tasks.mjs'), 'utf8'))
  put(folder, files)
  const results: Result[] = []
  for (const args of runs) {
    const command = ['tasks.mjs', ...args, '--workers', '2', '--json', '--quiet']
    const { code, stdout } = await execute(process.execPath, command, folder)
    const { ran, upToDate, failed, invalid, missing, blocked } = (JSON.parse(stdout) as Result).counts
    const counts = Object.fromEntries(
      Object.entries({ ran, upToDate, failed, invalid, missing, blocked }).map(([k, v]) => [k, v ?? 0]),
    )
    results.push({ code, counts, files: filesOf(folder) })
  }
  return results
}

describe.skipIf(LUIGI === undefined)('beside Luigi (needs TEST_LUIGI, see scripts/install-luigi.sh)', () => {
  test.each(SCENARIOS)('$name', async (scenario) => {
    const [luigi, ours] = await Promise.all([runLuigi(scenario), runOurs(scenario)])
    expect(ours).toEqual(luigi)
    // Both said something: an empty comparison would hold as well.
    expect(Object.values(luigi.at(-1)?.counts ?? {}).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  })
})

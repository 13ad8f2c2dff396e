/** The examples with tasks, run as a stranger would. */
import { execFile, execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TSX = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
const execute = promisify(execFile)

function freshFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kindling-examples-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function dataFiles(folder: string): readonly string[] {
  return readdirSync(join(folder, 'data')).filter((name) => /^[^.].*\.json$/.test(name))
}

async function example(name: string, cwd: string, ...args: string[]): Promise<string> {
  return (await execute(process.execPath, [TSX, join(ROOT, 'examples', name), ...args], { cwd })).stderr
}

test('ten tasks write ten lines each, and a second run finds nothing to do', async () => {
  const folder = freshFolder()
  const args = ['LotsOTasks', '--workers', '4', '--TestTask.pause-ms', '1']
  expect(await example('10-tasks.ts', folder, ...args)).toMatch(/^11 tasks: 11 ran/m)
  expect(readdirSync(join(folder, 'out'))).toHaveLength(10)
  const lines = Array.from({ length: 10 }, (_, line) => `3 ${line}\n`)
  expect(readFileSync(join(folder, 'out/3.txt'), 'utf8')).toBe(lines.join(''))
  expect(await example('10-tasks.ts', folder, ...args)).toMatch(/^11 tasks: 11 up to date/m)
})

test('the pipeline gives what the data holds, and again when they change', async () => {
  const folder = freshFolder()
  const sample = ['--directory', join(folder, 'data'), '--rows', '2000']
  execFileSync(process.execPath, [join(ROOT, 'scripts/sample-data.mjs'), ...sample])
  const report = (): string => readFileSync(join(folder, 'pipeline_out/report-1.5.txt'), 'utf8')
  const expected = (): string => {
    const names = dataFiles(folder)
    const lines = names.flatMap((name) =>
      readFileSync(join(folder, 'data', name), 'utf8')
        .split('\n')
        .filter(Boolean),
    )
    const rows = lines.map((line) => JSON.parse(line) as { index: number; total: number })
    const kept = rows.filter(({ index, total }) => index + total > 1.5)
    return `${kept.length} readings above 1.5, the largest total is ${Math.max(...kept.map(({ total }) => total))}\n`
  }
  const run = (): Promise<string> => example('11-pipeline.ts', folder, 'Report', '--threshold', '1.5')
  expect(await run()).toMatch(/^3 tasks: 2 ran, 1 up to date/m)
  expect(report()).toBe(expected())
  expect(await run()).toMatch(/^3 tasks: 3 up to date/m)
  const [first = ''] = dataFiles(folder)
  appendFileSync(join(folder, 'data', first), '{"index":1,"total":7}\n')
  const again = await run()
  expect(again).toContain(`start   Filtered(threshold=1.5)  data/${first} changed`)
  expect(again).toMatch(/^3 tasks: 2 ran, 1 up to date/m)
  expect(report()).toBe(expected())
  expect(report()).toContain('the largest total is 7\n')
})

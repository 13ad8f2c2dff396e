/** The command as strangers get it: packed with what it depends on, installed by plain npm into an empty project, run from there. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PNPM = 'pnpm@12.20.0'

let folder: string
let project: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindling-command-'))
  for (const name of ['core', 'workflow', 'cli'])
    execFileSync('npx', ['--yes', PNPM, 'pack', '--pack-destination', folder], { cwd: join(ROOT, 'packages', name) })
  project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true }))
  const tarballs = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
  execFileSync(
    'npm',
    ['install', '--silent', '--no-audit', '--no-fund', ...tarballs.map((name) => join(folder, name))],
    {
      cwd: project,
    },
  )
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function kindling(...args: string[]): Promise<string> {
  return (await promisify(execFile)('npx', ['kindling', ...args], { cwd: project })).stdout
}

test('it runs programs and tasks in TypeScript with what is installed beside it', async () => {
  writeFileSync(
    join(project, 'job.ts'),
    "import { range } from 'kindling'\nenum Factor { Two = 2 }\nconsole.log(await range(3).map((n: number) => n * Factor.Two).collect())\n",
  )
  writeFileSync(
    join(project, 'tasks.ts'),
    "import { file, task } from '@kindling/workflow'\nexport const One = task('One', { output: () => file('one.txt'), run: ({ output }) => output.write('1') })\n",
  )
  expect(await kindling('--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(await kindling('script', 'job.ts')).toBe('[ 0, 2, 4 ]\n')
  await kindling('run', 'tasks.ts', 'One')
  expect(readdirSync(project)).toContain('one.txt')
})

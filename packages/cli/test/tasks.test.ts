/** `kindling run` and `kindling tree`: what the command adds to the package of tasks, from the file to the exit code. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith, KINDLING, kindling } from './command.ts'

const TASKS = `import { file, task } from '@kindling/workflow'
import { z } from 'zod'
enum Ending { Text = 'txt' }
export const Lines = task('Lines', {
  description: 'Some lines in a file',
  params: z.object({ bob: z.string().describe('name of the file'), count: z.int().default(2) }),
  output: ({ bob }) => file(\`out/\${bob}.\${Ending.Text}\`),
  async run({ params, output }) {
    if (params.bob === 'wrong') throw new RangeError('this one fails')
    await output.write(async (writer) => {
      for (let i = 0; i < params.count; i++) await writer.write(\`\${params.bob} \${i}\\n\`)
    })
  },
})
export const Lots = task('Lots', {
  params: z.object({ n: z.int().default(3) }),
  requires: ({ n }) => Array.from({ length: n }, (_, i) => Lines({ bob: String(i) })),
})
// A file that leaves something open does not keep the command from ending.
setInterval(() => {}, 1000)
`

test('a task runs with what it requires, once, and what it made is left', async () => {
  const folder = folderWith({ 'tasks.ts': TASKS })
  const first = await kindling(folder, ['run', 'tasks.ts', 'Lots', '--n', '2'])
  expect([first.code, first.stdout]).toEqual([0, ''])
  expect(first.stderr).toMatch(/3 tasks: 3 ran/)
  expect(readFileSync(join(folder, 'out/1.txt'), 'utf8')).toBe('1 0\n1 1\n')
  const second = await kindling(folder, ['run', 'tasks.ts', 'Lots', '--n', '3', '--json'])
  expect(second.code).toBe(0)
  const summary = JSON.parse(second.stdout) as { counts: { ran: number; upToDate: number } }
  expect(summary.counts).toMatchObject({ ran: 2, upToDate: 2 })
})

test('a task that fails gives exit code 1 and its place in the TypeScript', async () => {
  const { code, stderr } = await kindling(folderWith({ 'tasks.ts': TASKS }), [
    'run',
    'tasks.ts',
    'Lines',
    '--bob',
    'wrong',
  ])
  expect(code).toBe(1)
  expect(stderr).toContain('RangeError: this one fails')
  expect(stderr).toMatch(/tasks\.ts:9/)
})

test.each([
  [['run', 'tasks.ts', 'Lotz'], /^unknown task Lotz\. Did you mean Lots\?\n$/],
  [['run', 'tasks.ts', 'Lines', '--bobb', 'x'], /unknown parameter --bobb\. Did you mean --bob\?/],
  [['run', 'tasks.ts', 'Lines', '--bob', 'x', '--count', 'many'], /--count: expected a whole number, got "many"/],
  [['run', 'tsks.ts', 'Lots'], /^kindling: run: there is no file tsks\.ts\. Did you mean tasks\.ts\?\n$/],
  [['tree', 'tasks.ts', 'Lotz'], /Did you mean Lots\?/],
  [['run'], /^kindling: missing required argument 'file'\n$/],
])('kindling %j is refused with exit code 2', async (args, message) => {
  const folder = folderWith({ 'tasks.ts': TASKS })
  const { code, stdout, stderr } = await kindling(folder, args)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(message)
  expect(existsSync(join(folder, 'out'))).toBe(false)
})

test('tree shows what a task requires and runs nothing', async () => {
  const folder = folderWith({ 'tasks.ts': TASKS })
  const { code, stdout } = await kindling(folder, ['tree', 'tasks.ts', 'Lots', '--n', '2'])
  expect(code).toBe(0)
  expect(
    stdout
      .split('\n')
      .slice(0, 3)
      .map((line) => line.replace(/^\W+/, '').split('  ')[0]),
  ).toEqual(['Lots(n=2)', 'Lines(bob=0, count=2)', 'Lines(bob=1, count=2)'])
  expect(existsSync(join(folder, 'out'))).toBe(false)
})

test('Ctrl-C ends a run in order: exit code 130, and nothing half-written', async () => {
  const slow = `import { file, task } from '@kindling/workflow'
export const Slow = task('Slow', {
  output: () => file('slow.txt'),
  run: ({ output, log, signal }) =>
    output.write(async (writer) => {
      await writer.write('half')
      log('waiting now')
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    }),
})
setInterval(() => {}, 1000)
`
  const folder = folderWith({ 'tasks.ts': slow })
  const { code, stderr } = await kindling(folder, ['run', 'tasks.ts', 'Slow'], { interruptAt: 'waiting now' })
  expect(stderr).toContain('INTERRUPTED by SIGINT')
  expect(code).toBe(130)
  expect(readdirSync(folder).filter((name) => name.includes('slow.txt'))).toEqual([])
})

test('help comes from the schemas of the tasks', async () => {
  const folder = folderWith({ 'tasks.ts': TASKS })
  const file = await kindling(folder, ['run', 'tasks.ts', '--help'])
  expect([file.code, file.stderr]).toEqual([0, ''])
  expect(file.stdout).toMatch(/Lines +Some lines in a file/)
  const task = await kindling(folder, ['run', 'tasks.ts', 'Lines', '--help'])
  expect(task.stdout).toMatch(/--bob <string> +name of the file; required/)
  expect(task.stdout).toMatch(/--count <integer> +default 2/)
  const command = await kindling(folder, ['run', '--help'])
  expect(command.stdout).toContain('Usage: kindling run <file> <Task> [parameters] [options]')
})

test('clean removes what a task made, and nothing else', async () => {
  const folder = folderWith({ 'tasks.ts': TASKS, 'out/mine.txt': 'kept' })
  expect((await kindling(folder, ['run', 'tasks.ts', 'Lots', '--n', '2'])).code).toBe(0)
  const dry = await kindling(folder, ['clean', 'tasks.ts', 'Lots', '--n', '2', '--dry-run'])
  expect([dry.code, dry.stdout, dry.stderr]).toEqual([0, 'would remove out/0.txt\nwould remove out/1.txt\n', ''])
  const cleaned = await kindling(folder, ['clean', 'tasks.ts', 'Lots', '--n', '2'])
  expect([cleaned.code, cleaned.stdout, cleaned.stderr]).toEqual([0, 'removed out/0.txt\nremoved out/1.txt\n', ''])
  expect(readdirSync(join(folder, 'out'))).toEqual(['mine.txt'])
  const again = await kindling(folder, ['run', 'tasks.ts', 'Lots', '--n', '2', '--json', '--quiet'])
  expect((JSON.parse(again.stdout) as { counts: object }).counts).toMatchObject({ ran: 3 })
  expect((await kindling(folder, ['clean', 'tasks.ts', 'Lotz'])).code).toBe(2)
})

const OUTCOMES = `import { file, task } from '@kindling/workflow'
export const Liar = task('Liar', { output: () => file('promised.txt'), run: () => undefined })
export const Raw = task('Raw', { output: () => file('raw.txt') })
export const Copy = task('Copy', { requires: () => Raw(), output: () => file('copy.txt'), run: () => undefined })
export const Self = task('Self', { requires: () => Self(), run: () => undefined })
export const Thrower = task('Thrower', { requires: () => { throw new Error('no way') }, run: () => undefined })
export const Flaky = task('Flaky', {
  retries: 1,
  run: ({ attempt }) => { if (attempt < 2) throw new Error('not yet') },
})
`

test.each([
  ['Flaky', 0, /ran +Flaky\(\) .*2 attempts/],
  ['Liar', 1, /failed +Liar\(\) +Liar: run ended without making promised\.txt/],
  ['Copy', 3, /missing +Raw\(\) +raw\.txt is not there, and no task makes it/],
  ['Self', 4, /circle: Self\(\) -> Self\(\)/],
  ['Thrower', 4, /invalid +Thrower\(\) +no way/],
])('%s ends with exit code %i, and says why', async (name, expected, message) => {
  const { code, stdout, stderr } = await kindling(folderWith({ 'tasks.ts': OUTCOMES }), ['run', 'tasks.ts', name])
  expect([code, stdout]).toEqual([expected, ''])
  expect(stderr).toMatch(message)
})

test('tasks go on when nobody reads about them any more', () => {
  const folder = folderWith({ 'tasks.ts': TASKS })
  const line = `'${process.execPath}' '${KINDLING}' run tasks.ts Lots --workers 1 2>&1 | head -1; echo \${PIPESTATUS[0]}`
  const { stdout } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' })
  expect(stdout).toMatch(/^start .*\n0\n$/)
  expect(readdirSync(join(folder, 'out')).sort()).toEqual(['0.txt', '1.txt', '2.txt'])
})

test.runIf(process.platform === 'linux')(
  'a target where no directory can be made fails its task, and nothing hangs',
  async () => {
    const folder = folderWith({ 'tasks.ts': TASKS.replace('out/', '/proc/none/') })
    const { code, stderr } = await kindling(folder, ['run', 'tasks.ts', 'Lines', '--bob', 'a'])
    expect(code).toBe(1)
    expect(stderr).toContain('ENOENT')
  },
)

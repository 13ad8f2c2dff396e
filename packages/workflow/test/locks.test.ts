/** Locks: two runs never make one target at once, and the lock of a dead run is in nobody's way. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { file, run, task } from '@kindling/workflow'
import { ownerName } from 'kindling/files'
import { expect, test } from 'vitest'
import { filesIn, fresh, gate, statuses } from './fresh.ts'
import { end, printed, programFolder, start } from './scripts.ts'

const PROGRAM = `
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { file, main, task } from '@kindling/workflow'
const Slow = task('Slow', {
  output: () => file('out/slow'),
  run: ({ output, log }) => output.tempPath(async (path) => {
    appendFileSync('starts', 'x')
    writeFileSync(path, 'done')
    log('I am at it')
    while (!existsSync('go')) await sleep(10)
  }),
})
await main({ Slow })
`

test('a second process finds the task locked and fails with exit code 5; the first one is not disturbed', async () => {
  const folder = programFolder(PROGRAM)
  const first = start(folder, ['Slow'])
  await printed(first, 'I am at it')
  const second = await end(start(folder, ['Slow']))
  expect(second.code).toBe(5)
  expect(second.stderr).toMatch(
    new RegExp(`locked +Slow\\(\\) +it is made by process ${first.pid} \\(.*\\.slow\\.kindling-lock\\)`),
  )
  writeFileSync(join(folder, 'go'), '')
  expect((await end(first)).code).toBe(0)
  expect(filesIn(join(folder, 'out'))).toEqual(['slow'])
  expect(readFileSync(join(folder, 'starts'), 'utf8')).toBe('x')
})

test('a second process that waits finds the work done', async () => {
  const folder = programFolder(PROGRAM)
  const first = start(folder, ['Slow'])
  await printed(first, 'I am at it')
  const second = start(folder, ['Slow', '--wait', '--verbose'])
  const ends = Promise.all([end(first), end(second)])
  await printed(second, 'start')
  writeFileSync(join(folder, 'go'), '')
  const [{ code }, ended] = await ends
  expect(code).toBe(0)
  expect(ended.code).toBe(0)
  expect(ended.stderr).toContain('1 up to date')
  expect(readFileSync(join(folder, 'starts'), 'utf8')).toBe('x')
})

test('another run in this process is another owner too', async () => {
  const { cwd } = fresh()
  const [started, go] = [gate(), gate()]
  const Slow = task('Slow', {
    output: () => file('slow'),
    async run({ output }) {
      started.open()
      await go.opened
      await output.write('x')
    },
  })
  const first = run(Slow(), { cwd, signals: 'ignore' })
  await started.opened
  const second = await run(Slow(), { cwd, signals: 'ignore' })
  expect([second.code, statuses(second)]).toEqual([5, { 'Slow()': 'locked' }])
  go.open()
  expect((await first).code).toBe(0)
  expect(filesIn(cwd)).toEqual(['slow'])
})

test('locks and half-written files of a killed run are swept by the next one', async () => {
  const folder = programFolder(PROGRAM)
  const killed = start(folder, ['Slow'])
  await printed(killed, 'I am at it')
  killed.kill('SIGKILL')
  await end(killed)
  expect(existsSync(join(folder, 'out/slow'))).toBe(false)
  expect(readdirSync(join(folder, 'out')).filter((name) => name.startsWith('.slow.kindling-'))).toHaveLength(2)
  writeFileSync(join(folder, 'go'), '')
  expect((await end(start(folder, ['Slow']))).code).toBe(0)
  expect(filesIn(join(folder, 'out'))).toEqual(['slow'])
})

test('a lock that a killed run left beside a finished target is swept, though nothing runs', async () => {
  const { run, cwd } = fresh()
  const Done = task('Done', { output: () => file('done'), run: ({ output }) => output.write('x') })
  await run(Done())
  writeFileSync(join(cwd, '.done.kindling-lock'), `${deadOwner()}-0a0b0c0d`)
  expect(statuses(await run(Done(), { dryRun: true }))).toEqual({ 'Done()': 'upToDate' })
  expect(filesIn(cwd)).toEqual(['.done.kindling-lock', 'done'])
  expect(statuses(await run(Done()))).toEqual({ 'Done()': 'upToDate' })
  expect(filesIn(cwd)).toEqual(['done'])
})

/** An owner that is one no more. */
function deadOwner(): string {
  const pid = spawnSync(process.execPath, ['-p', 'process.pid']).stdout.toString().trim()
  return ownerName().replace(/^\d+/, pid)
}

test('of many runs that find a dead lock at once, one takes it over', async () => {
  const { cwd } = fresh()
  const dead = deadOwner()
  const runs: string[] = []
  const One = task('One', {
    output: () => file('one'),
    async run({ output }) {
      runs.push('start')
      await output.write('x')
    },
  })
  for (let round = 0; round < 10; round++) {
    writeFileSync(join(cwd, '.one.kindling-lock'), `${dead}-0a0b0c0d`)
    const options = { cwd, signals: 'ignore', wait: true, force: false } as const
    const summaries = await Promise.all(Array.from({ length: 5 }, () => run(One(), options)))
    expect(summaries.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0])
    expect(filesIn(cwd)).toEqual(['one'])
    await file(join(cwd, 'one')).remove()
  }
  expect(runs).toHaveLength(10)
})

/** Freshness: what makes a complete task run again, what doesn't, and that the reason is said. */
import { appendFileSync, existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { file, glob, memory, task } from '@kindling/workflow'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { filesIn, fresh, statuses } from './fresh.ts'

/** raw → upper → report, where upper drops what follows a `#`. */
const Raw = task('Raw', { output: () => file('raw') })
const Upper = task('Upper', {
  requires: () => Raw(),
  output: () => file('upper'),
  run: async ({ input, output }) => output.write((await input.text()).replace(/#.*/, '').toUpperCase()),
})
const Report = task('Report', {
  requires: () => ({ upper: Upper() }),
  output: () => file('report'),
  run: async ({ input, output }) => output.write(`report: ${await input.upper.text()}`),
})

async function made() {
  const folder = fresh()
  writeFileSync(join(folder.cwd, 'raw'), 'one')
  expect((await folder.run(Report())).code).toBe(0)
  return { ...folder, path: (name: string) => join(folder.cwd, name) }
}

test('nothing runs again while nothing has changed', async () => {
  const { run } = await made()
  expect(statuses(await run(Report()))).toEqual({ 'Raw()': 'upToDate', 'Upper()': 'upToDate', 'Report()': 'upToDate' })
})

test('what changed far below makes all above run again, and each says why', async () => {
  const { run, path } = await made()
  writeFileSync(path('raw'), 'three')
  const dry = await run(Report(), { dryRun: true })
  expect(dry.byStatus.wouldRun.map(({ task, reason }) => `${task}: ${reason}`)).toEqual([
    `Upper(): ${path('raw')} changed`,
    'Report(): Upper() runs first',
  ])
  const summary = await run(Report())
  expect(summary.byStatus.ran.map(({ task, reason }) => `${task}: ${reason}`)).toEqual([
    `Upper(): ${path('raw')} changed`,
    `Report(): ${path('upper')} changed`,
  ])
  expect(readFileSync(path('report'), 'utf8')).toBe('report: THREE')
})

test('a change that leaves the output as it was goes no further', async () => {
  const { run, path } = await made()
  appendFileSync(path('raw'), '#comment')
  const summary = await run(Report())
  expect(statuses(summary)).toEqual({ 'Raw()': 'upToDate', 'Upper()': 'ran', 'Report()': 'upToDate' })
  expect(summary.rows.find(({ name }) => name === 'Report')?.reason).toBe('its inputs came out the same')
})

test('a file that was touched but has the same content has not changed; one of the same size with another content has', async () => {
  const { run, path } = await made()
  utimesSync(path('raw'), new Date(1), new Date(1))
  expect((await run(Report())).byStatus.ran).toEqual([])
  writeFileSync(path('raw'), 'two')
  expect((await run(Report())).byStatus.ran).toHaveLength(2)
})

test('a missing file in the middle is not made again while what it served stands', async () => {
  const { run, path } = await made()
  rmSync(path('upper'))
  expect(statuses(await run(Report()))).toEqual({ 'Report()': 'upToDate' })
  rmSync(path('report'))
  expect(statuses(await run(Report()))).toEqual({ 'Raw()': 'upToDate', 'Upper()': 'ran', 'Report()': 'ran' })
})

test('without records, what exists is complete', async () => {
  const { run, path } = await made()
  rmSync(path('.kindling'), { recursive: true })
  writeFileSync(path('raw'), 'three')
  expect(statuses(await run(Report()))).toEqual({ 'Report()': 'upToDate' })
})

test('a record that cannot be read counts as none', async () => {
  const { run, path } = await made()
  for (const name of filesInRecords(path('.kindling/tasks'))) writeFileSync(name, '{"half": ')
  writeFileSync(path('raw'), 'three')
  expect(statuses(await run(Report()))).toEqual({ 'Report()': 'upToDate' })
})

test('rerunOn none ignores changes', async () => {
  const { run, path } = await made()
  writeFileSync(path('raw'), 'three')
  expect(statuses(await run(Report(), { rerunOn: 'none' }))).toEqual({ 'Report()': 'upToDate' })
})

test('a new file that a glob matches is a change, and so is one that is gone', async () => {
  const { run, cwd } = fresh()
  const All = task('All', { output: () => glob('*.in') })
  const Count = task('Count', {
    requires: () => All(),
    output: () => file('count'),
    run: ({ input, output }) => output.write(String(input.files().length)),
  })
  writeFileSync(join(cwd, 'a.in'), '')
  await run(Count())
  writeFileSync(join(cwd, 'b.in'), '')
  expect((await run(Count())).byStatus.ran[0]?.reason).toBe(`${join(cwd, 'b.in')} is new`)
  rmSync(join(cwd, 'a.in'))
  expect((await run(Count())).byStatus.ran[0]?.reason).toBe(`${join(cwd, 'a.in')} is gone`)
  expect(readFileSync(join(cwd, 'count'), 'utf8')).toBe('1')
})

test('another set of inputs is a change', async () => {
  const { run, cwd } = fresh()
  for (const name of ['a', 'b']) writeFileSync(join(cwd, name), name)
  let names = ['a']
  const In = task('In', { params: z.object({ name: z.string() }), output: ({ name }) => file(name) })
  const Join = task('Join', {
    requires: () => names.map((name) => In({ name })),
    output: () => file('joined'),
    run: async ({ input, output }) => output.write((await Promise.all(input.map((one) => one.text()))).join('')),
  })
  await run(Join())
  names = ['a', 'b']
  expect((await run(Join())).byStatus.ran[0]?.reason).toBe(`${join(cwd, 'b')} is a new input`)
  names = ['b']
  expect((await run(Join())).byStatus.ran[0]?.reason).toBe(`${join(cwd, 'a')} is no input any more`)
  expect(readFileSync(join(cwd, 'joined'), 'utf8')).toBe('b')
})

test('inputs behind a wrapper count', async () => {
  const { run, cwd } = fresh()
  const In = task('In', { output: () => file('in') })
  const Wrap = task('Wrap', { requires: () => [In()] })
  const Out = task('Out', { requires: () => Wrap(), output: () => file('out'), run: ({ output }) => output.write('x') })
  writeFileSync(join(cwd, 'in'), '1')
  await run(Out())
  writeFileSync(join(cwd, 'in'), '22')
  expect(statuses(await run(Out()))['Out()']).toBe('ran')
})

test('what need gave is compared too', async () => {
  const { run, cwd } = fresh()
  const In = task('In', { output: () => file('in') })
  const Out = task('Out', {
    output: () => file('out'),
    run: async ({ need, output }) => output.write(await (await need(In())).text()),
  })
  writeFileSync(join(cwd, 'in'), '1')
  await run(Out())
  expect(statuses(await run(Out()))).toEqual({ 'Out()': 'upToDate' })
  writeFileSync(join(cwd, 'in'), '22')
  expect((await run(Out())).byStatus.ran[0]?.reason).toBe(`${join(cwd, 'in')} changed`)
  expect(readFileSync(join(cwd, 'out'), 'utf8')).toBe('22')
})

test('a fingerprint of one’s own is compared as it is', async () => {
  const { run } = fresh()
  let version = 'v1'
  const Table = task('Table', {
    output: () => ({ exists: () => true, describe: () => 'table', fingerprint: () => version }),
  })
  const Out = task('Out', {
    requires: () => Table(),
    output: () => file('out'),
    run: ({ output }) => output.write('x'),
  })
  await run(Out())
  expect((await run(Out())).byStatus.ran).toEqual([])
  version = 'v2'
  expect((await run(Out())).byStatus.ran[0]?.reason).toBe('table changed')
})

test('changed code is reported, and a reason to run only when asked', async () => {
  const { run } = fresh()
  const before = task('Code', { output: () => file('code'), run: ({ output }) => output.write('1') })
  const after = task('Code', { output: () => file('code'), run: ({ output }) => output.write('2') })
  await run(before())
  expect((await run(before())).rows[0]?.isCodeChanged).toBe(false)
  const reported = await run(after())
  expect(reported.rows[0]).toMatchObject({ status: 'upToDate', isCodeChanged: true })
  expect((await run(after(), { rerunOn: 'code' })).rows[0]).toMatchObject({ status: 'ran', reason: 'its code changed' })
  expect((await run(after(), { rerunOn: 'code' })).rows[0]).toMatchObject({ status: 'upToDate', isCodeChanged: false })
})

test('force runs the task asked for, those of a name, or all', async () => {
  const { run } = await made()
  const ran = async (force: boolean | 'all' | string[]) =>
    (await run(Report(), { force })).byStatus.ran.map(({ name }) => name)
  expect(await ran(false)).toEqual([])
  expect(await ran(true)).toEqual(['Report'])
  expect(await ran(['Upper'])).toEqual(['Upper'])
  expect(await ran('all')).toEqual(['Upper', 'Report'])
})

test('forcing a wrapper means what it requires', async () => {
  const { run } = fresh()
  const A = task('A', { output: () => file('a'), run: ({ output }) => output.write('a') })
  const All = task('All', { requires: () => [A()] })
  await run(All())
  expect((await run(All(), { force: true })).byStatus.ran.map(({ name }) => name)).toContain('A')
})

test('a dry run changes no file, not even those of the records', async () => {
  const { run, cwd } = fresh()
  const A = task('A', { output: () => file('sub/a'), run: ({ output }) => output.write('a') })
  const B = task('B', { requires: () => A(), output: () => memory('b'), run: () => undefined })
  const Missing = task('Missing', { output: () => file('nothing') })
  const summary = await run(B(), { dryRun: true })
  expect(summary.code).toBe(0)
  expect(statuses(summary)).toEqual({ 'A()': 'wouldRun', 'B()': 'wouldRun' })
  expect((await run(Missing(), { dryRun: true })).code).toBe(3)
  expect(filesIn(cwd)).toEqual([])
  expect(existsSync(join(cwd, '.kindling'))).toBe(false)
})

test('each run is logged, with those that did nothing', async () => {
  const { run, path } = await made()
  await run(Report())
  const lines = readFileSync(path('.kindling/runs.jsonl'), 'utf8').split('\n').filter(Boolean)
  const rows = lines.map((line) => JSON.parse(line) as { run: string; task: string; status: string })
  expect(rows.map(({ task, status }) => `${task} ${status}`)).toEqual([
    ...['Raw() upToDate', 'Upper() ran', 'Report() ran'],
    ...['Raw() upToDate', 'Upper() upToDate', 'Report() upToDate'],
  ])
  expect(new Set(rows.map((row) => row.run)).size).toBe(2)
})

test('a secret is nowhere: not in the summary, nor in the records, nor in the log', async () => {
  const { run, cwd } = fresh()
  const Login = task('Login', {
    params: z.object({ token: z.string(), fail: z.boolean() }),
    secret: ['token'],
    output: ({ fail }) => file(`login-${fail}`),
    async run({ params, output }) {
      if (params.fail) throw new Error(`cannot log in with ${params.token}`)
      await output.write('ok')
    },
  })
  const events: unknown[] = []
  for (const fail of [false, true]) {
    const summary = await run(Login({ token: 'hunter2', fail }), { on: (event) => events.push(event) })
    expect(JSON.stringify([summary, summary.rows.map(({ error }) => error?.stack)])).not.toContain('hunter2')
  }
  expect(JSON.stringify(events)).not.toContain('hunter2')
  const stored = filesInRecords(join(cwd, '.kindling')).map((path) => readFileSync(path, 'utf8'))
  expect(stored.join()).toContain('cannot log in with ***')
  expect(stored.join()).not.toContain('hunter2')
})

function filesInRecords(folder: string): readonly string[] {
  return filesIn(folder).map((path) => join(folder, path))
}

/** What a run does with tasks: what it runs, in which order, how often, and what it says became of each. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import {
  file,
  type MemoryTarget,
  memory,
  run,
  summaryText,
  type Target,
  type Task,
  type TaskFactory,
  task,
  type WorkflowEvent,
} from '@kindling/workflow'
import { createContext } from 'kindling'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { filesIn, fresh, gate, statuses } from './fresh.ts'
import { end, programFolder, start } from './scripts.ts'

const N = z.object({ n: z.number() })
/** The type of a task that comes to refer to itself has to be given. */
type Plain = () => Task

test('a task that two others require runs once', async () => {
  const { run } = fresh()
  const ran: string[] = []
  const A = task('A', {
    params: N,
    output: ({ n }) => file(`a${n}`),
    run: ({ output }) => (ran.push('A'), output.write('a')),
  })
  const B = task('B', { requires: () => A({ n: 1 }), run: () => ran.push('B') })
  const C = task('C', { requires: () => A({ n: 1 }), run: () => ran.push('C') })
  const All = task('All', { requires: () => [B(), C()] })
  const summary = await run(All())
  expect(ran.toSorted()).toEqual(['A', 'B', 'C'])
  expect(ran[0]).toBe('A')
  expect(summary.code).toBe(0)
  expect(statuses(summary)).toEqual({ 'A(n=1)': 'ran', 'B()': 'ran', 'C()': 'ran', 'All()': 'ran' })
})

test('input has the arrangement of requires', async () => {
  const { run } = fresh()
  const A = task('A', {
    params: N,
    output: ({ n }) => memory<number>(`a${n}`),
    run: ({ params, output }) => output.set(params.n),
  })
  const seen = memory<unknown>('seen')
  const B = task('B', {
    requires: () => ({ one: A({ n: 1 }), list: [A({ n: 2 }), A({ n: 3 })], deep: { in: [{ side: A({ n: 4 }) }] } }),
    output: () => seen,
    run({ input, output }) {
      output.set([input.one.get(), input.list.map((a) => a.get()), input.deep.in.map(({ side }) => side.get())])
    },
  })
  expect((await run(B())).code).toBe(0)
  expect(seen.get()).toEqual([1, [2, 3], [4]])
})

test('a complete task does not run; one that lost one of two outputs does', async () => {
  const { run, cwd } = fresh()
  const Two = task('Two', {
    output: () => [file('one'), file('two')] as const,
    async run({ output: [one, two] }) {
      await one.write('1')
      await two.write('2')
    },
  })
  expect(statuses(await run(Two()))).toEqual({ 'Two()': 'ran' })
  expect(statuses(await run(Two()))).toEqual({ 'Two()': 'upToDate' })
  rmSync(join(cwd, 'two'))
  const again = await run(Two())
  expect(statuses(again)).toEqual({ 'Two()': 'ran' })
  expect(again.rows[0]?.reason).toBe(`${join(cwd, 'two')} is missing`)
})

test('a run that makes nothing fails, naming what is missing', async () => {
  const { run, cwd } = fresh()
  const Liar = task('Liar', { output: () => file('promised'), run: () => undefined })
  const summary = await run(Liar())
  expect(summary.code).toBe(1)
  expect(summary.rows[0]?.error?.message).toBe(
    `Liar: run ended without making ${join(cwd, 'promised')}. Write it in run, or correct output.`,
  )
})

test('a task without output runs in every run, once', async () => {
  const { run } = fresh()
  let count = 0
  const Tick = task('Tick', { run: () => count++ })
  const All = task('All', { requires: () => [Tick(), Tick()] })
  await run(All())
  await run(All())
  expect(count).toBe(2)
})

test('a wrapper is complete when what it requires is', async () => {
  const { run } = fresh()
  const A = task('A', { params: N, output: ({ n }) => file(`a${n}`), run: ({ output }) => output.write('a') })
  const All = task('All', { requires: () => [A({ n: 1 }), A({ n: 2 })] })
  expect(statuses(await run(All()))['All()']).toBe('ran')
  expect(statuses(await run(All()))).toEqual({ 'A(n=1)': 'upToDate', 'A(n=2)': 'upToDate', 'All()': 'upToDate' })
})

test('an external target that is missing blocks what needs it: exit code 3; once it is there, all runs', async () => {
  const { run, cwd } = fresh()
  const Raw = task('Raw', { output: () => file('raw.txt') })
  const Copy = task('Copy', {
    requires: () => Raw(),
    output: () => file('copy.txt'),
    run: async ({ input, output }) => output.write(await input.text()),
  })
  const without = await run(Copy())
  expect(without.code).toBe(3)
  expect(statuses(without)).toEqual({ 'Raw()': 'missing', 'Copy()': 'blocked' })
  expect(without.byStatus.blocked[0]?.reason).toBe('needs Raw()')
  writeFileSync(join(cwd, 'raw.txt'), 'raw')
  expect((await run(Copy())).code).toBe(0)
  expect(readFileSync(join(cwd, 'copy.txt'), 'utf8')).toBe('raw')
})

test('a failure blocks what needs it and nothing else: exit code 1, with the error and its line', async () => {
  const { run } = fresh()
  const Boom = task('Boom', {
    run() {
      throw new RangeError('boom')
    },
  })
  const Fine = task('Fine', { run: () => undefined })
  const Down = task('Down', { requires: () => Boom(), run: () => undefined })
  const All = task('All', { requires: () => [Down(), Fine()] })
  const summary = await run(All())
  expect(summary.code).toBe(1)
  expect(statuses(summary)).toEqual({ 'Boom()': 'failed', 'Down()': 'blocked', 'Fine()': 'ran', 'All()': 'blocked' })
  const { error } = summary.byStatus.failed[0] ?? {}
  expect(error).toBeInstanceOf(RangeError)
  expect(error?.stack).toMatch(/run\.test\.ts:\d+/)
  expect(summaryText(summary)).toMatch(/failed {6}Boom\(\) {2}boom {2}.*run\.test\.ts:\d+/)
})

test('a root that can do without what failed is complete: exit code 0', async () => {
  const { run } = fresh()
  const Boom = task('Boom', { run: () => Promise.reject(new Error('boom')) })
  const Robust = task('Robust', {
    output: () => memory<string>('robust'),
    run: async ({ need, output }) => output.set(await need(Boom()).then(String, (error: Error) => error.message)),
  })
  const summary = await run(Robust())
  expect(summary.code).toBe(0)
  expect(statuses(summary)).toEqual({ 'Robust()': 'ran', 'Boom()': 'failed' })
})

test('a circle is named, nothing runs: exit code 4', async () => {
  const { run } = fresh()
  let ran = 0
  const A: Plain = task('A', { requires: () => B(), run: () => ran++ })
  const B: Plain = task('B', { requires: () => C({ n: 1 }), run: () => ran++ })
  const C: TaskFactory<typeof N, undefined> = task('C', { params: N, requires: () => A(), run: () => ran++ })
  const summary = await run(A())
  expect(summary.code).toBe(4)
  expect(summary.problem?.message).toBe(
    'plan: tasks require each other in a circle: A() -> B() -> C(n=1) -> A(). Take out one of these steps.',
  )
  expect(ran).toBe(0)
})

test('a task that requires itself is a circle', async () => {
  const Self: Plain = task('Self', { requires: () => Self(), run: () => undefined })
  expect((await fresh().run(Self())).problem?.message).toContain('Self() -> Self()')
})

test('two tasks that make one target are refused by name: exit code 4', async () => {
  const { run, files } = fresh()
  const A = task('A', { params: N, output: () => file('same'), run: ({ output }) => output.write('a') })
  const All = task('All', { requires: () => [A({ n: 1 }), A({ n: 2 })] })
  const summary = await run(All())
  expect(summary.code).toBe(4)
  expect(summary.problem?.message).toMatch(/A\(n=1\) and A\(n=2\) both make .*same/)
  expect(files()).toEqual([])
})

test('two definitions of one name are refused', async () => {
  const [A, B] = [task('A', { run: () => 1 }), task('A', { run: () => 2 })]
  const All = task('All', { requires: () => [A(), B()] })
  expect((await fresh().run(All())).problem?.message).toContain('two definitions are named A')
})

test('requires, output or complete that throws is invalid: exit code 4, the others run', async () => {
  const { run } = fresh()
  const thrower = (): never => {
    throw new Error('no way')
  }
  const A = task('A', { requires: thrower, run: () => undefined })
  const B = task('B', { output: thrower, run: () => undefined })
  const C = task('C', { complete: thrower, run: () => undefined })
  const Fine = task('Fine', { run: () => undefined })
  const All = task('All', { requires: () => [A(), B(), C(), Fine()] })
  const summary = await run(All())
  expect(summary.code).toBe(4)
  expect(statuses(summary)).toEqual({
    'A()': 'invalid',
    'B()': 'invalid',
    'C()': 'invalid',
    'Fine()': 'ran',
    'All()': 'blocked',
  })
  expect(summary.byStatus.invalid.map(({ error }) => error?.message)).toEqual(['no way', 'no way', 'no way'])
})

test('complete decides in the place of targets, also after run', async () => {
  const { run } = fresh()
  let stock = 0
  const Fill = task('Fill', { complete: () => stock >= 2, run: () => stock++ })
  const first = await run(Fill())
  expect(first.code).toBe(1)
  expect(first.rows[0]?.error?.message).toContain('complete still says no')
  expect((await run(Fill())).code).toBe(0)
  expect(statuses(await run(Fill()))).toEqual({ 'Fill()': 'upToDate' })
  expect(stock).toBe(2)
})

test('need runs other tasks in the middle: run is not started again, and one worker is enough', async () => {
  const { run, cwd } = fresh()
  let starts = 0
  const A = task('A', {
    params: N,
    output: ({ n }) => file(`a${n}`),
    run: ({ params, output }) => output.write(String(params.n)),
  })
  const Outer = task('Outer', {
    output: () => file('outer'),
    async run({ need, output }) {
      starts++
      const one = await need(A({ n: 1 }))
      const { more } = await need({ more: [A({ n: 2 }), A({ n: 3 })] })
      const texts = await Promise.all([one, ...more].map((target) => target.text()))
      await output.write(texts.join(','))
    },
  })
  const summary = await run(Outer(), { workers: 1 })
  expect(summary.code).toBe(0)
  expect(starts).toBe(1)
  expect(summary.byStatus.ran).toHaveLength(4)
  expect(readFileSync(join(cwd, 'outer'), 'utf8')).toBe('1,2,3')
})

test('needs in needs, with one worker and a resource that all hold, go on', async () => {
  const { run } = fresh()
  const Nested: TaskFactory<typeof N, MemoryTarget<number>> = task('Nested', {
    params: N,
    resources: { db: 1 },
    output: ({ n }) => memory<number>(`nested ${n}`),
    async run({ params: { n }, need, output }) {
      const below = n === 0 ? [] : await need([Nested({ n: n - 1 }), Nested({ n: Math.max(0, n - 2) })])
      output.set(1 + below.reduce((sum, target) => sum + target.get(), 0))
    },
  })
  const root = Nested({ n: 6 })
  const summary = await run(root, { workers: 1, resources: { db: 1 } })
  expect(summary.code).toBe(0)
  expect(summary.byStatus.ran).toHaveLength(7)
})

test('a task that comes to need itself is told so, by way of what', async () => {
  const { run } = fresh()
  const A: Plain = task('A', { run: ({ need }) => need(B()) })
  const B: Plain = task('B', { requires: () => C(), run: () => undefined })
  const C: Plain = task('C', { run: ({ need }) => need(A()) })
  const summary = await run(A(), { workers: 1 })
  expect(summary.code).toBe(1)
  expect(summary.byStatus.failed[0]?.error?.message).toContain(
    'tasks require each other in a circle: C() -> A() -> B() -> C()',
  )
})

test('need of a failing task blocks the one that needs it', async () => {
  const Boom = task('Boom', { run: () => Promise.reject(new Error('boom')) })
  const Outer = task('Outer', { run: ({ need }) => need(Boom()) })
  const summary = await fresh().run(Outer())
  expect(statuses(summary)).toEqual({ 'Outer()': 'blocked', 'Boom()': 'failed' })
  expect(summary.byStatus.blocked[0]?.reason).toBe('needs Boom()')
})

test('a need that nobody waits for takes no place, and its failure ends nothing', async () => {
  const Boom = task('Boom', { params: N, run: () => Promise.reject(new Error('boom')) })
  const Careless = task('Careless', {
    params: N,
    run({ need, params }) {
      void need(Boom(params))
    },
  })
  const All = task('All', { requires: () => [1, 2, 3].map((n) => Careless({ n })) })
  const summary = await fresh().run(All(), { workers: 1 })
  expect(summary.code).toBe(0)
  expect(summary.byStatus.ran).toHaveLength(4)
})

test('a target that is written after its task has ended does not appear', async () => {
  const { run, files } = fresh()
  const [go, done] = [gate(), gate()]
  let outcome: unknown
  const Careless = task('Careless', {
    output: () => ({ now: memory<boolean>('now'), late: file('late') }),
    complete: ({ output }) => output.now.exists(),
    run({ output }) {
      output.now.set(true)
      const writing = output.late.write(() => go.opened)
      void writing.catch((error: unknown) => (outcome = error)).then(done.open)
    },
  })
  expect((await run(Careless())).code).toBe(1)
  go.open()
  await done.opened
  expect(String(outcome)).toBe('Error: Careless() has ended')
  expect(files()).toEqual([])
})

test.each([
  [{ retryDelay: 'soon' }, 'A: retryDelay: expected milliseconds or a duration like 500ms, 30s, 5m, 1h, got "soon".'],
  [
    { timeout: '5 parsecs' },
    'A: timeout: expected milliseconds or a duration like 500ms, 30s, 5m, 1h, got "5 parsecs".',
  ],
  [{ retries: 1.5 }, 'A: retries must be a whole number of 0 or more, got 1.5.'],
  [{ priority: Number.NaN }, 'A: priority must be a number, got NaN.'],
])('%j is refused before it runs', async (wrong, message) => {
  const summary = await fresh().run(task('A', { ...wrong, run: () => undefined })())
  expect([summary.code, summary.rows[0]?.error?.message]).toEqual([4, message])
})

test('as many tasks run at once as there are workers, and no more', async () => {
  const { run } = fresh()
  const full = gate()
  let now = 0
  let most = 0
  const Wait = task('Wait', {
    params: N,
    async run() {
      most = Math.max(most, ++now)
      if (now === 3) full.open()
      await full.opened
      now--
    },
  })
  const All = task('All', { requires: () => [1, 2, 3, 4, 5, 6].map((n) => Wait({ n })) })
  expect((await run(All(), { workers: 3 })).code).toBe(0)
  expect(most).toBe(3)
})

test('those of higher priority start first, and otherwise those that were found first', async () => {
  const order: number[] = []
  const P = task('P', {
    params: N,
    priority: ({ n }) => (n === 5 ? 10 : n === 4 ? 5 : 0),
    run: ({ params }) => order.push(params.n),
  })
  const All = task('All', { requires: () => [1, 2, 3, 4, 5].map((n) => P({ n })) })
  await fresh().run(All(), { workers: 1 })
  expect(order).toEqual([5, 4, 1, 2, 3])
})

test('resources bound how many of their holders run at once, while others go on', async () => {
  const { run } = fresh()
  let now = 0
  let most = 0
  const others = gate()
  let free = 0
  const Db = task('Db', {
    params: N,
    resources: { db: 1 },
    async run() {
      most = Math.max(most, ++now)
      await others.opened
      now--
    },
  })
  const Free = task('Free', { params: N, run: () => (++free === 3 ? others.open() : undefined) })
  const All = task('All', {
    requires: () => [...[1, 2, 3].map((n) => Db({ n })), ...[1, 2, 3].map((n) => Free({ n }))],
  })
  expect((await run(All(), { workers: 4, resources: { db: 1 } })).code).toBe(0)
  expect(most).toBe(1)
})

test.each([
  [{}, 'needs 1 of the resource "db", but the run has none'],
  [{ db: 0 }, 'needs 1 of the resource "db", but the run has 0'],
])('a resource that the run lacks is an error', async (resources, message) => {
  const Db = task('Db', { resources: { db: 1 }, run: () => undefined })
  const summary = await fresh().run(Db(), { resources })
  expect(summary.code).toBe(4)
  expect(summary.rows[0]?.error?.message).toContain(message)
})

test('retries try again, and count', async () => {
  const { run } = fresh()
  const attempts: number[] = []
  const Flaky = task('Flaky', {
    retries: 2,
    retryDelay: 1,
    output: () => memory<boolean>('done'),
    run({ attempt, output }) {
      attempts.push(attempt)
      if (attempt < 3) throw new Error('not yet')
      output.set(true)
    },
  })
  const summary = await run(Flaky())
  expect(summary.code).toBe(0)
  expect(attempts).toEqual([1, 2, 3])
  expect(summary.rows[0]?.attempts).toBe(3)
})

test('retries end, with the last error', async () => {
  const Broken = task('Broken', { retries: 1, run: ({ attempt }) => Promise.reject(new Error(`attempt ${attempt}`)) })
  const summary = await fresh().run(Broken())
  expect(summary.code).toBe(1)
  expect(summary.rows[0]).toMatchObject({ status: 'failed', attempts: 2, error: { message: 'attempt 2' } })
})

test('a timeout ends an attempt, aborts its signal, and is tried again', async () => {
  const { run, files } = fresh()
  const aborted: unknown[] = []
  const Slow = task('Slow', {
    timeout: '20ms',
    retries: 1,
    output: () => file('slow'),
    run: ({ signal, output }) =>
      output.write(async (writer) => {
        await writer.write('half')
        await new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(aborted.push(signal.reason)))
        })
      }),
  })
  const summary = await run(Slow())
  expect(summary.code).toBe(1)
  expect(summary.rows[0]?.attempts).toBe(2)
  expect(summary.rows[0]?.error).toMatchObject({
    name: 'TimeoutError',
    message: expect.stringContaining('longer than 20 ms'),
  })
  expect(aborted).toHaveLength(2)
  expect(files()).toEqual([])
})

test('an attempt that does not end when it is told to cannot write its target afterwards', async () => {
  const { run, files, cwd } = fresh()
  const late = gate()
  const written = gate()
  let outcome: unknown
  const Stubborn = task('Stubborn', {
    timeout: 10,
    output: () => file('stubborn'),
    async run({ output }) {
      outcome = await output.write(() => late.opened).catch((error: unknown) => error)
      written.open()
    },
  })
  expect((await run(Stubborn())).code).toBe(1)
  late.open()
  await written.opened
  expect(outcome).toMatchObject({ name: 'TimeoutError' })
  expect(files()).toEqual([])
  expect(existsSync(join(cwd, 'stubborn'))).toBe(false)
})

test('process.exit in a task fails this task, and the run goes on', async () => {
  const { run } = fresh()
  const Quit = task('Quit', {
    async run() {
      await Promise.resolve()
      process.exit(9)
    },
  })
  const Fine = task('Fine', { requires: () => [], run: () => undefined })
  const All = task('All', { requires: () => [Quit(), Fine()] })
  const exit = Object.getOwnPropertyDescriptor(process, 'exit')
  const summary = await run(All())
  expect(statuses(summary)).toMatchObject({ 'Quit()': 'failed', 'Fine()': 'ran' })
  expect(summary.byStatus.failed[0]?.error?.message).toContain('process.exit(9) was called')
  expect(Object.getOwnPropertyDescriptor(process, 'exit')).toEqual(exit)
})

test('an error in a callback, or in a promise that nobody waits for, fails its task, and the run goes on', async () => {
  const program = `
    import { createReadStream } from 'node:fs'
    import { main, task } from '@kindling/workflow'
    const until = (signal) => new Promise((resolve) => signal.addEventListener('abort', resolve))
    const Callback = task('Callback', { run: ({ signal }) => (setTimeout(() => { throw new Error('in a callback') }), until(signal)) })
    const Floating = task('Floating', { run: ({ signal }) => (void Promise.reject(new Error('nobody waits')), until(signal)) })
    const Stream = task('Stream', { run: ({ signal }) => (createReadStream('/no/such/file'), until(signal)) })
    const Fine = task('Fine', { requires: () => [], run: () => undefined })
    const Late = task('Late', { run: () => void setTimeout(() => { throw new Error('after the end') }) })
    const Wait = task('Wait', { requires: () => Late(), run: () => new Promise((resolve) => setTimeout(resolve, 50)) })
    const All = task('All', { requires: () => [Callback(), Floating(), Stream(), Fine(), Wait()] })
    await main({ All }, ['All', '--workers', '1'])`
  const { code, stderr } = await end(start(programFolder(program)))
  expect(code).toBe(1)
  expect(stderr).toContain('7 tasks: 3 ran, 3 failed, 1 blocked')
  for (const text of ['in a callback', 'nobody waits', '/no/such/file'])
    expect(stderr).toMatch(new RegExp(`^failed .*${text}`, 'm'))
  expect(stderr).toContain('Late() has ended, but what it left running threw: after the end')
})

test('a task that waits for what never comes fails, and the others are done', async () => {
  const program = `
    import { file, main, task } from '@kindling/workflow'
    const Never = task('Never', { output: () => file('never'), run: () => new Promise(() => {}) })
    const Needs = task('Needs', { output: () => file('needs'), run: ({ need }) => need(Never()) })
    const Fine = task('Fine', { output: () => file('fine'), run: ({ output }) => output.write('x') })
    const All = task('All', { requires: () => [Needs(), Fine()] })
    const Unsure = task('Unsure', { complete: () => new Promise(() => {}), run: () => undefined })
    await main({ All, Unsure }, [process.argv[2], '--workers', '1'])`
  const folder = programFolder(program)
  const { code, stderr } = await end(start(folder, ['All']))
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^failed {2}Never\(\) {2}DataError: Never\(\): run waits for something that never comes: .*\n(start|4 tasks)/m,
  )
  expect(stderr).toContain('4 tasks: 1 ran, 1 failed, 2 blocked')
  expect(filesIn(folder).filter((path) => path !== 'tasks.mjs' && !path.startsWith('node_modules'))).toEqual(['fine'])
  const unsure = await end(start(folder, ['Unsure']))
  expect(unsure.code).toBe(4)
  expect(unsure.stderr).toMatch(/^plan: requires, output, complete or a target waits for something that never comes: /)
})

test('an error from elsewhere ends the process, as it does without a run', async () => {
  const program = `
    import { file, main, task } from '@kindling/workflow'
    setTimeout(() => { throw new Error('from elsewhere') }, 100)
    const Wait = task('Wait', { output: () => file('out'), run: ({ output }) => output.write(() => new Promise((resolve) => setTimeout(resolve, 60_000))) })
    await main({ Wait }, ['Wait'])`
  const folder = programFolder(program)
  const { code, stderr } = await end(start(folder))
  expect(code).toBe(1)
  expect(stderr).toContain('Error: from elsewhere')
  expect(filesIn(folder).filter((path) => path.includes('.out.kindling-') && !path.endsWith('-lock'))).toEqual([])
})

test.each([
  ['no-new', { 'Boom()': 'failed', 'Long()': 'ran', 'Late()': 'cancelled', 'All()': 'blocked' }],
  ['kill', { 'Boom()': 'failed', 'Long()': 'cancelled', 'Late()': 'cancelled', 'All()': 'blocked' }],
  ['continue', { 'Boom()': 'failed', 'Long()': 'ran', 'Late()': 'ran', 'All()': 'blocked' }],
] as const)('after a failure, onFailure %s', async (onFailure, expected) => {
  const started = gate()
  const failed = gate()
  const Boom = task('Boom', {
    async run() {
      await started.opened
      throw new Error('boom')
    },
  })
  const Long = task('Long', {
    async run({ signal }) {
      started.open()
      const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve))
      await Promise.race([failed.opened, aborted])
    },
  })
  const Late = task('Late', { run: () => undefined })
  const All = task('All', { requires: () => [Boom(), Long(), Late()] })
  const on = (event: WorkflowEvent): void => {
    // With `kill` the abort has to end it.
    if (event.type === 'taskEnd' && event.row.status === 'failed' && onFailure !== 'kill') failed.open()
  }
  const summary = await fresh().run(All(), { onFailure, on })
  expect(statuses(summary)).toEqual(expected)
  expect(summary.code).toBe(1)
})

test('an aborted run ends what runs, starts nothing, and says so', async () => {
  const { run, files } = fresh()
  const controller = new AbortController()
  const Slow = task('Slow', {
    params: N,
    output: ({ n }) => file(`slow${n}`),
    run: ({ output, signal }) =>
      output.write(async (writer) => {
        await writer.write('half')
        controller.abort()
        await new Promise((resolve) => (signal.aborted ? resolve(null) : signal.addEventListener('abort', resolve)))
      }),
  })
  const All = task('All', { requires: () => [1, 2, 3, 4].map((n) => Slow({ n })) })
  const summary = await run(All(), { workers: 1, signal: controller.signal })
  expect(summary.code).toBe(1)
  expect(summary.byStatus.cancelled).toHaveLength(5)
  expect(files()).toEqual([])
})

test('events tell what happens, in order', async () => {
  const seen: string[] = []
  const Flaky = task('Flaky', {
    retries: 1,
    run({ attempt, progress, log }) {
      progress(0.5, 'half')
      log('hello')
      if (attempt === 1) throw new Error('not yet')
    },
  })
  await fresh().run(Flaky(), { on: (event) => seen.push(event.type) })
  expect(seen).toEqual([
    'runStart',
    ...['taskStart', 'taskProgress', 'taskLog', 'taskRetry'],
    ...['taskStart', 'taskProgress', 'taskLog', 'taskEnd'],
    'runEnd',
  ])
})

test('a run that computes on the thread of all is told of, by name', async () => {
  const stalls: (readonly string[])[] = []
  const Busy = task('Busy', {
    async run() {
      for (const end = Date.now() + 1600; Date.now() < end; );
      // Long enough for the beat that finds it.
      await new Promise((resolve) => setTimeout(resolve, 50))
    },
  })
  await fresh().run(Busy(), { on: (event) => event.type === 'stall' && stalls.push(event.running) })
  expect(stalls).toEqual([['Busy()']])
})

test('a task runs a dataset job, and computes in a worker thread', async () => {
  const { run, cwd } = fresh()
  const context = await createContext({ master: 'local[1]', progress: false })
  onTestFinished(() => context.stop())
  const Count = task('Count', {
    output: () => file('count'),
    async run({ ctx, compute, output }) {
      const rows = await ctx
        .range(10)
        .filter((n) => n % 2 === 0)
        .count()
      const { path } = output
      const [isThere, there] = await compute(() => [isMainThread, path] as const)
      await output.write(`${rows} ${isThere} ${there === path}`)
    },
  })
  const summary = await run(Count(), { context })
  expect(summary.rows[0]?.error).toBe(null)
  expect(readFileSync(join(cwd, 'count'), 'utf8')).toBe('5 false true')
})

test('compute is stopped by the timeout, even in an endless loop, and a process.exit there is an error', async () => {
  const context = await createContext({ master: 'local[1]', progress: false, maxFailures: 1 })
  onTestFinished(() => context.stop())
  const Endless = task('Endless', {
    timeout: 500,
    run: ({ compute }) =>
      compute(() => {
        for (;;);
      }),
  })
  const Quit = task('Quit', { run: ({ compute }) => compute(() => process.exit(3)) })
  const All = task('All', { requires: () => [Endless(), Quit()] })
  const summary = await fresh().run(All(), { context, workers: 1 })
  const messages = Object.fromEntries(summary.byStatus.failed.map(({ name, error }) => [name, error?.message]))
  expect(messages['Endless']).toContain('longer than 500 ms')
  expect(messages['Quit']).toContain('process.exit(3)')
})

test('a target of one’s own is as good as any', async () => {
  const rows = new Map<string, number>()
  const row = (key: string): Target & { readonly set: (value: number) => void } => ({
    exists: () => rows.has(key),
    describe: () => `row ${key}`,
    set: (value) => void rows.set(key, value),
  })
  const Put = task('Put', { output: () => row('a'), run: ({ output }) => output.set(1) })
  expect(statuses(await fresh().run(Put()))).toEqual({ 'Put()': 'ran' })
  expect(statuses(await fresh().run(Put()))).toEqual({ 'Put()': 'upToDate' })
})

test('targets are looked at side by side, but not all at once', async () => {
  const many = gate()
  let now = 0
  let most = 0
  const slow = (n: number): Target => ({
    async exists() {
      most = Math.max(most, ++now)
      if (now === 20) many.open()
      await many.opened
      now--
      return true
    },
    describe: () => `slow ${n}`,
  })
  const Slow = task('Slow', { params: N, output: ({ n }) => slow(n), run: () => undefined })
  const All = task('All', { requires: () => Array.from({ length: 500 }, (_, n) => Slow({ n })) })
  expect((await fresh().run(All())).byStatus.upToDate).toHaveLength(501)
  expect(most).toBeGreaterThanOrEqual(20)
  expect(most).toBeLessThan(100)
})

test('ten thousand tasks, wide, in a chain, and needed one after the other', async () => {
  const { run } = fresh()
  const count = 10_000
  const Noop = task('Noop', { params: N, run: () => undefined })
  const Wide = task('Wide', { requires: () => Array.from({ length: count }, (_, n) => Noop({ n })) })
  const Chain: TaskFactory<typeof N, undefined> = task('Chain', {
    params: N,
    requires: ({ n }) => (n > 0 ? [Chain({ n: n - 1 })] : []),
    run: () => undefined,
  })
  const Dynamic = task('Dynamic', {
    async run({ need }) {
      for (let n = 0; n < count; n++) await need(Noop({ n }))
    },
  })
  for (const root of [Wide(), Chain({ n: count }), Dynamic()]) {
    const summary = await run(root, { workers: 4 })
    expect(summary.code).toBe(0)
    expect(summary.byStatus.ran).toHaveLength(count + 1)
  }
})

test('unknown options and impossible values are refused', async () => {
  const Noop = task('Noop', { run: () => undefined })
  // The compiler refuses them as well; programs without types get this far.
  const wrong = (options: object) => run(Noop(), options)
  await expect(wrong({ worker: 2 })).rejects.toThrow('run: unknown option worker. Did you mean workers?')
  await expect(wrong({ workers: 0 })).rejects.toThrow('run: workers must be a whole number of 1 or more, got 0.')
  await expect(wrong({ onFailure: 'panic' })).rejects.toThrow(
    'onFailure must be one of continue, no-new, kill, got "panic"',
  )
})

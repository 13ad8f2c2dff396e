import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread, threadId } from 'node:worker_threads'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { TaskOutcome } from '../../src/plan/task.ts'
import type { Executor } from '../../src/run/executor.ts'
import { openPool } from '../../src/run/pool.ts'
import { openProcesses } from '../../src/run/process-host.ts'
import { openThreads } from '../../src/run/thread-host.ts'
import type { HostOptions } from '../../src/run/worker-host.ts'
import { freshDirectory, freshFile } from '../io/fresh.ts'
import { failureOf, mapping, optionsOf, programOf, rowsOf, taskOf, workspaceOf } from './stage.ts'

const pools: Executor[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})

const endless = (): Promise<Awaited<ReturnType<typeof mapping>>> =>
  mapping(() => {
    console.log('running')
    for (;;);
  })

/** Resolves when a task prints `running`. */
function whenRunning(): Promise<void> {
  return new Promise((resolve) => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      if (String(text).includes('running')) resolve()
      return true
    })
  })
}

describe.each([
  ['threads', openThreads],
  ['processes', openProcesses],
])('a pool of %s', (_name, openHost) => {
  function poolOf(options: Partial<HostOptions & { slots: number }> = {}): Executor {
    const { slots = 1, workerMemoryMb = null } = options
    const host = openHost({ ...options, workerMemoryMb })
    const pool = openPool({ slots, workerMemoryMb, workspace: workspaceOf(host.sharesMemory), host })
    pools.push(pool)
    return pool
  }

  test('a task runs elsewhere and gives its rows and what it measured', async () => {
    const program = await mapping((row: number) => [row * 2, `${process.pid} ${threadId}`])
    const outcome = await poolOf().run(program, taskOf(program, [1, 2, 3]), optionsOf())
    const rows = rowsOf(outcome) as [number, string][]
    expect(rows.map(([row]) => row)).toEqual([2, 4, 6])
    expect(rows[0]?.[1]).toMatch(/^\d+ \d+$/)
    expect(rows[0]?.[1]).not.toBe(`${process.pid} ${threadId}`)
    expect(outcome).toMatchObject({ ok: true, metrics: { rowsRead: 3, rowsOut: 3 } })
  })

  test('two slots are two workers, and both are used', async () => {
    const program = await mapping(() => `${process.pid} ${threadId}`)
    const pool = poolOf({ slots: 2 })
    const outcomes = await Promise.all([0, 1].map((p) => pool.run(program, taskOf(program, [p], p), optionsOf())))
    expect(new Set(outcomes.flatMap(rowsOf)).size).toBe(2)
  })

  test('a program is loaded once by a worker, and again after it was released', async () => {
    let calls = 0
    const program = await mapping(() => ++calls)
    const pool = poolOf()
    const call = async (): Promise<unknown> => rowsOf(await pool.run(program, taskOf(program), optionsOf()))
    expect([await call(), await call(), await call()]).toEqual([[1], [2], [3]])
    pool.release(program.id)
    expect(await call()).toEqual([1])
    expect(calls).toBe(0)
  })

  test('tasks that wait for a slot get it in their order', async () => {
    const seen: number[] = []
    const program = await mapping((row: number) => row)
    const pool = poolOf()
    const runs = [0, 1, 2, 3, 4].map(async (row) => {
      const rows = rowsOf(await pool.run(program, taskOf(program, [row]), optionsOf()))
      seen.push(...(rows as number[]))
    })
    await Promise.all(runs)
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })

  test.each([0, 3])(
    'process.exit(%i) in user code loses the task, says so, and the next has a new worker',
    async (code) => {
      const exits = await mapping((row: number) => process.exit(row))
      const program = await mapping(() => 'fine')
      const pool = poolOf()
      const failure = failureOf(await pool.run(exits, taskOf(exits, [code]), optionsOf()))
      expect(failure.kind).toBe('lost')
      expect(failure.error.message).toBe(
        `user code called process.exit(${code}), which ended the worker. Throw an error instead`,
      )
      expect(rowsOf(await pool.run(program, taskOf(program), optionsOf()))).toEqual(['fine'])
    },
  )

  test('a worker that runs out of memory loses the task and says at which limit', async () => {
    const grows = await mapping(() => {
      // A chain of small objects: one array that grows can end the whole process, which is V8's way.
      let chain: object | null = null
      for (;;) chain = { chain, list: [chain] }
    })
    const program = await mapping(() => 'fine')
    const pool = poolOf({ workerMemoryMb: 32 })
    const failure = failureOf(await pool.run(grows, taskOf(grows), optionsOf()))
    expect(failure.kind).toBe('lost')
    expect(failure.error.message).toContain('the worker ran out of memory (limit 32 MB). Make the partitions smaller')
    expect(rowsOf(await pool.run(program, taskOf(program), optionsOf()))).toEqual(['fine'])
  })

  test('an abort ends code that never returns', async () => {
    const loop = await endless()
    const program = await mapping(() => 'fine')
    const pool = poolOf()
    const controller = new AbortController()
    const running = whenRunning()
    const run = pool.run(loop, taskOf(loop), optionsOf({ signal: controller.signal }))
    await running
    controller.abort(new Error('no longer wanted'))
    const failure = failureOf(await run)
    expect(failure).toMatchObject({
      kind: 'lost',
      error: { name: 'AbortError', message: 'the task was cancelled: no longer wanted' },
    })
    expect(rowsOf(await pool.run(program, taskOf(program), optionsOf()))).toEqual(['fine'])
  })

  test('an aborted task that waits for a slot settles while the slot stays taken', async () => {
    const loop = await endless()
    const pool = poolOf()
    const running = whenRunning()
    void pool.run(loop, taskOf(loop), optionsOf())
    await running
    const controller = new AbortController()
    const run = pool.run(loop, taskOf(loop), optionsOf({ signal: controller.signal }))
    controller.abort(new Error('tired of waiting'))
    expect(failureOf(await run).error.message).toBe('the task was cancelled: tired of waiting')
  })

  test('a task whose signal was aborted before does not start', async () => {
    const program = await mapping(() => process.exit(1))
    const signal = AbortSignal.abort(new Error('too late'))
    const failure = failureOf(await poolOf().run(program, taskOf(program), optionsOf({ signal })))
    expect(failure.error).toMatchObject({ name: 'AbortError', message: 'the task was cancelled: too late' })
  })

  test('a task that takes too long is a timeout, whether it computes or waits', async () => {
    const loop = await mapping(() => {
      for (;;);
    })
    const waits = await programOf([{ op: 'mapAsync', fn: () => new Promise(() => {}), concurrency: 1 }])
    const pool = poolOf()
    for (const program of [loop, waits]) {
      const failure = failureOf(await pool.run(program, taskOf(program), optionsOf({ timeoutMs: 200 })))
      expect(failure.kind).toBe('timeout')
      expect(failure.error.name).toBe('TimeoutError')
      expect(failure.error.message).toBe(
        'the task ran longer than 200 ms and was stopped. Raise taskTimeout, or make the partitions smaller',
      )
    }
  })

  test('a limit longer than a timer can hold does not fire at once', async () => {
    const program = await mapping(() => 'fine')
    expect(rowsOf(await poolOf().run(program, taskOf(program), optionsOf({ timeoutMs: 1e12 })))).toEqual(['fine'])
  })

  test('a worker that is held by a system call is given up, and its task settles', async () => {
    const fifo = join(freshDirectory(), 'fifo')
    execFileSync('mkfifo', [fifo])
    const program = await mapping((path: string) => {
      console.log('running')
      // Blocks until somebody opens the other end.
      return readFileSync(path).length
    })
    const controller = new AbortController()
    const pool = poolOf()
    const running = whenRunning()
    const run = pool.run(program, taskOf(program, [fifo]), optionsOf({ signal: controller.signal }))
    await running
    controller.abort(new Error('stuck'))
    expect(failureOf(await run).error.message).toBe('the task was cancelled: stuck')
    // Only now can the worker end; a pool that waited for it would never come here. Both ends are opened, which never blocks.
    closeSync(openSync(fifo, 'r+'))
  })

  test('a rejection that nobody handles fails the task, although it returned', async () => {
    const program = await mapping((row: number) => {
      void Promise.reject(new TypeError('floating'))
      return row
    })
    const failure = failureOf(await poolOf().run(program, taskOf(program), optionsOf()))
    expect(failure).toMatchObject({ kind: 'user', error: { name: 'TypeError', message: 'floating' } })
  })

  test('an exception that nobody catches fails a task that would wait for ever, and its worker goes', async () => {
    const fails = await programOf([
      {
        op: 'mapAsync',
        fn: () => {
          setTimeout(() => {
            throw new RangeError('in a timer')
          }, 0)
          return new Promise(() => {})
        },
        concurrency: 1,
      },
    ])
    const where = await mapping(() => `${process.pid} ${threadId}`)
    const pool = poolOf()
    const worker = async (): Promise<unknown> => rowsOf(await pool.run(where, taskOf(where), optionsOf()))[0]
    const before = await worker()
    const failure = failureOf(await pool.run(fails, taskOf(fails), optionsOf()))
    expect(failure).toMatchObject({ kind: 'user', error: { name: 'RangeError', message: 'in a timer' } })
    // What still ran would write on beside the next task.
    expect(await worker()).not.toBe(before)
  })

  test('an error that the task itself throws costs no worker', async () => {
    const fails = await mapping(() => {
      throw Object.assign(new TypeError('no'), { code: 'E_NO', cause: new Error('deep') })
    })
    const where = await mapping(() => `${process.pid} ${threadId}`)
    const pool = poolOf()
    const worker = async (): Promise<unknown> => rowsOf(await pool.run(where, taskOf(where), optionsOf()))[0]
    const before = await worker()
    const failure = failureOf(await pool.run(fails, taskOf(fails), optionsOf()))
    expect(failure).toMatchObject({
      kind: 'user',
      node: 1,
      error: { name: 'TypeError', message: 'no', code: 'E_NO', cause: { name: 'Error', message: 'deep' } },
    })
    expect(await worker()).toBe(before)
  })

  test('workers that cannot start say why, one for each attempt', async () => {
    const program = await mapping(() => 1)
    const pool = poolOf({ workerUrl: new URL('./fixtures/throws-at-start.mjs', import.meta.url) })
    pool.warm(1)
    const failure = failureOf(await pool.run(program, taskOf(program), optionsOf()))
    expect(failure.kind).toBe('lost')
    expect(failure.error.message).toMatch(/^the worker could not start: .*node:no-such-module/)
    const exits = poolOf({ workerUrl: new URL('./fixtures/exits-at-start.mjs', import.meta.url) })
    expect(failureOf(await exits.run(program, taskOf(program), optionsOf())).error.message).toBe(
      'the worker could not start: it ended with exit code 7',
    )
  })

  test('workers that can never start are not started over and over', async () => {
    const program = await mapping(() => 1)
    const log = freshFile('starts', '')
    process.env['STARTS_LOG'] = log
    onTestFinished(() => void delete process.env['STARTS_LOG'])
    const pool = poolOf({ slots: 2, workerUrl: new URL('./fixtures/throws-at-start.mjs', import.meta.url) })
    const runs = Array.from({ length: 40 }, () => pool.run(program, taskOf(program), optionsOf()))
    for (const outcome of await Promise.all(runs)) {
      expect(failureOf(outcome).error.message).toMatch(/^the worker could not start: /)
    }
    const starts = readFileSync(log, 'utf8').split('\n').length - 1
    expect(starts).toBeGreaterThan(0)
    expect(starts).toBeLessThan(10)
  })

  test('an idle worker holds no result of a task that ended', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const program = await mapping((row: number) => row)
    const pool = poolOf()
    const run = async (): Promise<WeakRef<TaskOutcome>> =>
      new WeakRef(await pool.run(program, taskOf(program), optionsOf()))
    const first = await run()
    await run()
    // A weak reference holds its target until the turn in which it was made or read is over.
    await new Promise((resolve) => setImmediate(resolve))
    // V8's reader of a process's message holds what it has read, and goes a round before it.
    for (let round = 0; round < 2; round++) collectGarbage()
    expect(first.deref()).toBe(undefined)
  })

  test('user code sees the arguments of its script', async () => {
    const { length } = process.argv
    process.argv.push('--sample', '3')
    onTestFinished(() => void process.argv.splice(length))
    const program = await mapping(() => process.argv.slice(2))
    const [seen] = rowsOf(await poolOf().run(program, taskOf(program), optionsOf()))
    expect(seen).toEqual(process.argv.slice(2))
  })

  test('closing settles what runs and what waits, and what comes later', async () => {
    const loop = await endless()
    const pool = poolOf()
    const running = whenRunning()
    const runs = [0, 1, 2].map(() => pool.run(loop, taskOf(loop), optionsOf()))
    await running
    await pool.close()
    runs.push(pool.run(loop, taskOf(loop), optionsOf()))
    for (const outcome of await Promise.all(runs)) {
      expect(failureOf(outcome).error).toMatchObject({
        name: 'AbortError',
        message: 'the task was cancelled: the context was stopped',
      })
    }
    pool.warm(1)
    await pool.close()
  })

  test('user code sees the environment of its job, not what the last one left', async () => {
    const program = await mapping((name: string) => {
      const { [name]: value = null } = process.env
      process.env[name] = 'left over'
      return value
    })
    const pool = poolOf()
    const see = async (name: string, env: Record<string, string>): Promise<unknown> =>
      rowsOf(await pool.run(program, taskOf(program, [name]), optionsOf({ env })))[0]
    expect(await see('COLOUR', { COLOUR: 'red' })).toBe('red')
    expect(await see('COLOUR', { COLOUR: 'blue' })).toBe('blue')
    expect(await see('COLOUR', {})).toBe(null)
    expect(await see('NODE_OPTIONS', { NODE_OPTIONS: '--no-warnings' })).toBe('--no-warnings')
  })

  test('user code sees the working directory of the driver as it is now, not where the last task went', async () => {
    const before = process.cwd()
    onTestFinished(() => process.chdir(before))
    const program = await mapping(() => {
      const here = process.cwd()
      // Threads may not; a process may, for as long as its task runs.
      if (isMainThread) process.chdir('/')
      return here
    })
    const pool = poolOf()
    for (const directory of [freshDirectory(), freshDirectory()]) {
      process.chdir(directory)
      for (let task = 0; task < 2; task++) {
        expect(rowsOf(await pool.run(program, taskOf(program), optionsOf()))).toEqual([directory])
      }
    }
  })

  test('a working directory that is gone is an error, or none, and no worker is lost', async () => {
    const before = process.cwd()
    onTestFinished(() => process.chdir(before))
    const program = await mapping(() => 'fine')
    const pool = poolOf()
    const run = (): Promise<TaskOutcome> => pool.run(program, taskOf(program), optionsOf())
    expect(rowsOf(await run())).toEqual(['fine'])
    const directory = freshDirectory()
    process.chdir(directory)
    rmSync(directory, { recursive: true })
    const outcome = await run()
    if (pool.sharesMemory) expect(rowsOf(outcome)).toEqual(['fine'])
    else expect(failureOf(outcome)).toMatchObject({ kind: 'data', error: { code: 'ENOENT' } })
    process.chdir(before)
    expect(rowsOf(await run())).toEqual(['fine'])
  })

  test('workers are marked as such', async () => {
    const program = await mapping(() => Reflect.get(globalThis, Symbol.for('kindling.worker')))
    expect(rowsOf(await poolOf().run(program, taskOf(program), optionsOf()))).toEqual([true])
    expect(Reflect.has(globalThis, Symbol.for('kindling.worker'))).toBe(false)
  })

  test('user code that breaks the globals of its worker does not break the worker', async () => {
    const breaks = await mapping(() => {
      for (const name of ['setImmediate', 'setTimeout', 'postMessage']) Reflect.set(globalThis, name, undefined)
      console.log('broken')
      return 'fine'
    })
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const pool = poolOf()
    for (let i = 0; i < 2; i++) expect(rowsOf(await pool.run(breaks, taskOf(breaks), optionsOf()))).toEqual(['fine'])
    expect(write.mock.calls.map(([text]) => text).join('')).toBe('broken\nbroken\n')
  })

  test('many tasks under one signal are no leak to warn of', async () => {
    const warnings: string[] = []
    const onWarning = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', onWarning)
    const program = await mapping((row: number) => row)
    const pool = poolOf()
    const options = optionsOf()
    const runs = Array.from({ length: 30 }, (_, i) => pool.run(program, taskOf(program, [i]), options))
    await Promise.all(runs)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })
})

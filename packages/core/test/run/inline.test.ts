import { threadId } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { openInline } from '../../src/run/inline.ts'
import { failureOf, mapping, optionsOf, programOf, rowsOf, taskOf, workspaceOf } from './stage.ts'

const waits = (): ReturnType<typeof programOf> =>
  programOf([{ op: 'mapAsync', fn: () => new Promise(() => {}), concurrency: 1 }])

test('tasks run in this thread, with functions that were rebuilt as a worker does', async () => {
  let calls = 0
  const program = await mapping(() => [threadId, ++calls])
  const executor = openInline(workspaceOf())
  expect(rowsOf(await executor.run(program, taskOf(program, [1, 2]), optionsOf()))).toEqual([
    [threadId, 1],
    [threadId, 2],
  ])
  expect(calls).toBe(0)
})

test('tasks run one after another, also those that wait', async () => {
  const log: string[] = []
  const program = await programOf([
    {
      op: 'mapAsync',
      fn: async (row: number) => {
        const running: Set<number> = Reflect.get(globalThis, 'kindlingTestRunning')
        running.add(row)
        await new Promise((resolve) => setImmediate(resolve))
        const count = running.size
        running.delete(row)
        return count
      },
      concurrency: 1,
    },
  ])
  Reflect.set(globalThis, 'kindlingTestRunning', new Set())
  const executor = openInline(workspaceOf())
  const runs = [0, 1, 2].map(async (row) => {
    const [running] = rowsOf(await executor.run(program, taskOf(program, [row]), optionsOf()))
    log.push(`${row}: ${String(running)} running`)
  })
  await Promise.all(runs)
  Reflect.deleteProperty(globalThis, 'kindlingTestRunning')
  expect(log).toEqual(['0: 1 running', '1: 1 running', '2: 1 running'])
})

test('a program that is not well-formed is a failure that names the place, and harms no other', async () => {
  const program = await mapping((row: number) => row)
  const malformed = { ...program, id: -1 }
  const executor = openInline(workspaceOf())
  const [bad, good] = await Promise.all([
    executor.run(malformed, taskOf(program), optionsOf()),
    executor.run(program, taskOf(program), optionsOf()),
  ])
  expect(failureOf(bad).error.message).toMatch(/^stage program: .* at \.id\./)
  expect(rowsOf(good)).toEqual([1])
})

test('a program is loaded once until it is released', async () => {
  let calls = 0
  const program = await mapping(() => ++calls)
  const executor = openInline(workspaceOf())
  const call = async (): Promise<unknown> => rowsOf(await executor.run(program, taskOf(program), optionsOf()))
  expect([await call(), await call()]).toEqual([[1], [2]])
  executor.release(program.id)
  expect(await call()).toEqual([1])
})

test('an abort is seen between tasks', async () => {
  const program = await mapping(() => Reflect.get(globalThis, 'kindlingTestAbort')())
  const controller = new AbortController()
  Reflect.set(globalThis, 'kindlingTestAbort', () => controller.abort(new Error('enough')))
  const executor = openInline(workspaceOf())
  const options = optionsOf({ signal: controller.signal })
  const [first, second] = await Promise.all([0, 1].map((row) => executor.run(program, taskOf(program, [row]), options)))
  Reflect.deleteProperty(globalThis, 'kindlingTestAbort')
  for (const outcome of [first, second]) {
    expect(outcome && failureOf(outcome).error.message).toBe('the task was cancelled: enough')
  }
})

test('an async function that never settles is stopped by a timeout, an abort and a close', async () => {
  const program = await waits()
  const executor = openInline(workspaceOf())
  const timedOut = await executor.run(program, taskOf(program), optionsOf({ timeoutMs: 10 }))
  expect(failureOf(timedOut)).toMatchObject({ kind: 'timeout', error: { name: 'TimeoutError' } })
  const controller = new AbortController()
  const aborted = executor.run(program, taskOf(program), optionsOf({ signal: controller.signal }))
  setImmediate(() => controller.abort(new Error('enough')))
  expect(failureOf(await aborted).error.message).toBe('the task was cancelled: enough')
  const closed = executor.run(program, taskOf(program), optionsOf())
  setImmediate(() => void executor.close())
  expect(failureOf(await closed).error.message).toBe('the task was cancelled: the context was stopped')
  const late = await executor.run(program, taskOf(program), optionsOf())
  expect(failureOf(late).error.message).toBe('the task was cancelled: the context was stopped')
})

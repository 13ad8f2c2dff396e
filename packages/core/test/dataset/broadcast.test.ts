/** The life of a broadcast: sent once to each worker, gone when nobody can read it any more. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { type Context, createContext } from '../../src/dataset/context.ts'

afterEach(() => void vi.restoreAllMocks())

async function freshContext(master = 'local[1]'): Promise<Context> {
  const context = await createContext({ master, progress: false })
  onTestFinished(() => context.stop())
  return context
}

interface Message {
  readonly argumentList?: readonly {
    readonly value?: { readonly program?: { readonly broadcasts: unknown[] } | null }
  }[]
}

/** Gives how many values of broadcasts each message with a program has brought since. */
function watchMessages(): () => readonly number[] {
  const post = vi.spyOn(Worker.prototype, 'postMessage')
  return () =>
    post.mock.calls.flatMap(([message]) => {
      const program = (message as Message).argumentList?.[0]?.value?.program
      return program ? [program.broadcasts.length] : []
    })
}

test('it is sent once to a worker, however many functions, tasks and actions read it', async () => {
  const ctx = await freshContext()
  const words = ctx.broadcast(['a', 'b', 'c'])
  const brought = watchMessages()
  const rows = ctx
    .range(0, 3, 1, 3)
    .map((n) => words.value[n])
    .filter((word) => words.value.includes(word ?? ''))
  expect(await rows.collect()).toEqual(['a', 'b', 'c'])
  expect(await rows.map((word) => `${word}${words.value.length}`).collect()).toEqual(['a3', 'b3', 'c3'])
  expect(brought()).toEqual([1, 0])
  await words.unpersist()
  await rows.count()
  expect(brought()).toEqual([1, 0, 1])
})

test('a large typed array in it is one memory for the driver and all threads', async () => {
  const ctx = await freshContext('local[2]')
  const shared = ctx.broadcast({ numbers: new Float64Array(100_000), small: new Float64Array(4) })
  // Only a test may do so: a broadcast is read-only by convention.
  await ctx.range(0, 4, 1, 4).forEach((n) => {
    shared.value.numbers[n] = n + 0.5
    shared.value.small[n] = n + 0.5
  })
  const { numbers, small } = shared.value
  expect([...numbers.subarray(0, 5)]).toEqual([0.5, 1.5, 2.5, 3.5, 0])
  expect(numbers.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect([...small]).toEqual([0, 0, 0, 0])
})

test('what it holds in the workers is freed when nobody can read it any more', async () => {
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  const ctx = await freshContext()
  const kept = ctx.broadcast('kept')
  const dropped = vi.spyOn(await ctx.engine(), 'dropBroadcast')
  const use = async (): Promise<void> => {
    const words = ctx.broadcast(['a'])
    expect(
      await ctx
        .range(1)
        .map((n) => [words.value[n], kept.value])
        .collect(),
    ).toEqual([['a', 'kept']])
  }
  await use()
  expect(dropped).not.toHaveBeenCalled()
  while (dropped.mock.calls.length === 0) {
    collectGarbage()
    await nextTurn()
  }
  expect(dropped).toHaveBeenCalledTimes(1)
  expect(kept.value).toBe('kept')
})

/** What happens when a user's function misbehaves in a worker: one clear error, a whole pool, nothing half-written. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, TaskError } from 'kindling'
import { describe, expect, test, vi } from 'vitest'
import { everythingIn, freshContext, freshFolder, rejection } from './fresh.ts'

/** Paths and positions of this file say nothing here. */
function withoutPlace(message: string): string {
  return message.replace(/ \(\S+functions\.test\.ts:\d+:\d+\)/g, ' (here)')
}

describe('an error thrown by a function', () => {
  test('names the verb, its place, the partition and the original', async () => {
    const ctx = await freshContext()
    const action = ctx.range(10).map((n) => {
      if (n === 7) throw Object.assign(new RangeError('seven'), { code: 'E_SEVEN', cause: new Error('bad luck') })
      return n
    })
    const error = await rejection(action.collect())
    expect(error).toBeInstanceOf(TaskError)
    expect(withoutPlace(error.message)).toBe('map (here): RangeError: seven [partition 1]')
    expect(error).toMatchObject({ stage: 0, partition: 1, attempts: 1 })
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(error.cause).toMatchObject({ message: 'seven', code: 'E_SEVEN', cause: { message: 'bad luck' } })
    expect((error.cause as Error).stack).toMatch(/functions\.test\.ts:\d+:\d+/)
    expect(error.stack).toMatch(/at collect \(\S*functions\.test\.ts:\d+:\d+\)/)
  })

  test('tells the file, line and byte of the record', async () => {
    const file = join(freshFolder(), 'rows.txt')
    writeFileSync(file, 'a\nbb\nccc\nbad\n')
    const ctx = await freshContext()
    const fail = (line: string): string => {
      if (line === 'bad') throw new Error('no good')
      return line
    }
    const error = await rejection(ctx.textFile(file, { minPartitions: 1 }).map(fail).count())
    expect(withoutPlace(error.message)).toBe(`map (here): no good [${file}:4 (byte 9), partition 0]`)
  })

  test.each([
    ['a string', 'boom', 'threw boom, which is not an Error'],
    ['undefined', undefined, 'threw undefined, which is not an Error'],
    ['null', null, 'threw null, which is not an Error'],
    ['an object', { why: 'because' }, 'threw {"why":"because"}, which is not an Error'],
  ])('may be %s', async (_what, thrown, text) => {
    const ctx = await freshContext()
    const error = await rejection(
      ctx
        .range(1, 2, 1, 1)
        .map(() => {
          throw thrown
        })
        .collect(),
    )
    expect(withoutPlace(error.message)).toBe(`map (here): ${text} [partition 0]`)
  })

  test('may be frozen, carry functions or have getters that throw', async () => {
    const ctx = await freshContext()
    const frozen = ctx.range(1).map(() => {
      throw Object.freeze(new Error('frozen'))
    })
    expect((await rejection(frozen.collect())).message).toContain('frozen')
    const withFunction = ctx.range(1).map(() => {
      throw Object.assign(new Error('with a function'), { retry: () => 1 })
    })
    expect((await rejection(withFunction.collect())).message).toContain('with a function')
    const hostile = ctx.range(1).map(() => {
      throw Object.defineProperty(new Error('hidden'), 'message', {
        get() {
          throw new Error('no')
        },
      })
    })
    expect(await rejection(hostile.collect())).toBeInstanceOf(TaskError)
  })

  test('leaves nothing of the output, and the context works on', async () => {
    const folder = freshFolder()
    const ctx = await freshContext()
    const rows = ctx.range(0, 1000, 1, 8).map((n) => {
      if (n === 900) throw new Error('late')
      return n
    })
    await rejection(rows.saveAsTextFile(join(folder, 'out')))
    expect(everythingIn(folder)).toEqual([])
    expect(await ctx.range(10).sum()).toBe(45)
  })

  test('is tried again as often as taskRetries says', async () => {
    const folder = freshFolder()
    const ctx = await freshContext({ taskRetries: 1 })
    const attempts: number[] = []
    ctx.on('taskEnd', ({ attempt, error }) => attempts.push(error === null ? attempt : -1))
    const { existsSync: exists, writeFileSync: write } = await import('node:fs')
    const marker = join(folder, 'tried')
    const rows = ctx.range(0, 3, 1, 1).map((n) => {
      if (!exists(marker)) {
        write(marker, '')
        throw new Error('the first time')
      }
      return n
    })
    expect(await rows.collect()).toEqual([0, 1, 2])
    expect(attempts).toEqual([-1, 1])
  })

  test('in an async function, or long after it was started, fails the task', async () => {
    const ctx = await freshContext()
    const rejected = ctx.range(3).mapAsync(async (n) => {
      if (n === 2) throw new Error('async boom')
      return n
    })
    expect((await rejection(rejected.collect())).message).toContain('async boom')
    const stray = ctx.range(1).map((n) => {
      void Promise.reject(new Error('nobody awaits this'))
      return n
    })
    expect((await rejection(stray.collect())).message).toContain('nobody awaits this')
  })

  test('of the stack itself is a RangeError', async () => {
    const ctx = await freshContext()
    const deep = (n: number): number => 1 + deep(n + 1)
    expect((await rejection(ctx.range(1).map(deep).collect())).message).toContain('Maximum call stack size exceeded')
  })
})

describe('a value that cannot leave its worker', () => {
  class Account {
    owner = 'me'
  }
  test.each([
    ['a promise from map', (n: number) => Promise.resolve(n), /mapAsync/],
    ['a function', () => () => 1, /function/],
    ['a symbol', () => Symbol('s'), /symbol/i],
    ['a class instance', () => new Account(), /Account/],
    ['a WeakMap', () => new WeakMap(), /WeakMap/],
    ['a proxy', () => new Proxy({}, {}), /Proxy/i],
  ])('%s is refused by name', async (_what, fn: (n: number) => unknown, expected) => {
    const ctx = await freshContext()
    const error = await rejection(ctx.range(1).map(fn).collect())
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toMatch(expected)
  })
})

describe('a worker that dies', () => {
  test.each([0, 3])(
    'by process.exit(%i) is replaced, its task tried four times, and the job fails by name',
    async (code) => {
      const ctx = await freshContext()
      let attempts = 0
      ctx.on('taskStart', ({ partition }) => (attempts += partition === 1 ? 1 : 0))
      const rows = ctx.range(0, 4, 1, 4).map((n) => {
        if (n === 1) process.exit(code)
        return n
      })
      const error = await rejection(rows.collect())
      expect(error).toBeInstanceOf(TaskError)
      expect(error.message).toContain(`process.exit(${code})`)
      expect(error).toMatchObject({ partition: 1, attempts: 4 })
      expect(attempts).toBe(4)
      expect(await ctx.range(10).count()).toBe(10)
    },
  )

  test('once is not noticed in the answer', async () => {
    const marker = join(freshFolder(), 'died')
    const ctx = await freshContext()
    const { existsSync: exists, writeFileSync: write } = await import('node:fs')
    const rows = ctx.range(0, 100, 1, 4).map((n) => {
      if (n === 60 && !exists(marker)) {
        write(marker, '')
        process.exit(1)
      }
      return n
    })
    expect(await rows.sum()).toBe(4950)
    expect(existsSync(marker)).toBe(true)
  })

  test('out of memory is named with its limit, and the process lives', async () => {
    const ctx = await freshContext({ workerMemoryMb: 48, maxFailures: 1 })
    const rows = ctx.range(1).map(() => {
      // Small objects in a chain. One array that grows would not do: V8 ends the whole process when it can't.
      let held: object | null = null
      for (;;) held = { held, text: [held] }
    })
    const error = await rejection(rows.collect())
    expect(error.message).toMatch(/ran out of memory.*48 MB/)
    expect(await ctx.range(10).count()).toBe(10)
  })
})

describe('a function that never returns', () => {
  test('ends with its AbortSignal, and the context works on', async () => {
    const folder = freshFolder()
    const ctx = await freshContext()
    const controller = new AbortController()
    ctx.on('taskStart', () => controller.abort(new Error('enough')))
    const endless = ctx.range(2).map(() => {
      for (;;);
    })
    const error = await rejection(endless.saveAsTextFile(join(folder, 'out'), { signal: controller.signal }))
    expect(error.message).toBe('enough')
    expect(everythingIn(folder)).toEqual([])
    expect(await ctx.range(10).count()).toBe(10)
  })

  test('ends at taskTimeout', async () => {
    const ctx = await freshContext({ taskTimeout: '1s' })
    const endless = ctx.range(1).map(() => {
      for (;;);
    })
    expect((await rejection(endless.collect())).message).toMatch(/1000 ms/)
  })

  test('ends when the context stops', async () => {
    const ctx = await freshContext()
    const started = new Promise<void>((resolve) => ctx.on('taskStart', () => resolve()))
    const endless = ctx.range(1).map(() => {
      for (;;);
    })
    const rejected = rejection(endless.collect())
    await started
    await ctx.stop()
    expect((await rejected).message).toContain('stop')
  })
})

test('a dataset used inside a function is refused with that very explanation', async () => {
  const ctx = await freshContext()
  const other = ctx.range(3)
  const error = await rejection(
    ctx
      .range(3)
      .map(() => other)
      .collect(),
  )
  expect(error.name).toBe('ClosureError')
  expect(error.message).toContain('A dataset cannot be used inside a function that runs on a dataset')
})

test('what functions print arrives before the action resolves, line by line', async () => {
  const ctx = await freshContext({ master: 'local[1]' })
  const printed: string[] = []
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed.push(Buffer.from(chunk).toString())
    return true
  })
  try {
    await ctx.range(0, 2000, 1, 2).forEach((n) => console.log(`row ${n}`))
  } finally {
    spy.mockRestore()
  }
  expect(printed.join('')).toBe(Array.from({ length: 2000 }, (_, n) => `row ${n}\n`).join(''))
})

test('changes to built-ins, the environment and captured variables stay in the worker', async () => {
  const ctx = await freshContext()
  let counter = 0
  await ctx.range(10).forEach(() => {
    counter++
    process.env['LEAK'] = 'yes'
    Object.assign(Array.prototype, { leak: true })
  })
  expect(counter).toBe(0)
  expect(process.env['LEAK']).toBeUndefined()
  expect('leak' in []).toBe(false)
})

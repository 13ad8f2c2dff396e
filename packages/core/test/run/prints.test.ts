import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Executor } from '../../src/run/executor.ts'
import { openPool } from '../../src/run/pool.ts'
import { openProcesses } from '../../src/run/process-host.ts'
import { openThreads } from '../../src/run/thread-host.ts'
import { failureOf, mapping, optionsOf, programOf, rowsOf, taskOf, workspaceOf } from './stage.ts'

const pools: Executor[] = []

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
  vi.restoreAllMocks()
})

/** What is printed to both streams, in order. */
function recordPrints(): string[] {
  const prints: string[] = []
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((data) => {
      prints.push(`${name} ${typeof data === 'string' ? data : Buffer.from(data).toString('latin1')}`)
      return true
    })
  }
  return prints
}

/** A stdout that takes a piece only when `next` says so. */
function fakeStdout(next: (taken: () => void) => void): Writable {
  const stream = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => next(done) })
  vi.spyOn(process, 'stdout', 'get').mockReturnValue(stream as unknown as typeof process.stdout)
  return stream
}

describe.each([
  ['threads', openThreads],
  ['processes', openProcesses],
])('in %s', (_name, openHost) => {
  function poolOf(): Executor {
    const host = openHost({ workerMemoryMb: null })
    const pool = openPool({ slots: 1, workerMemoryMb: null, workspace: workspaceOf(host.sharesMemory), host })
    pools.push(pool)
    return pool
  }

  test('all that a task prints is there before its outcome, in order', async () => {
    const prints = recordPrints()
    const program = await mapping((row: number) => {
      for (let i = 0; i < 20_000; i++) console.log(row, i)
      return row
    })
    const outcome = await poolOf().run(program, taskOf(program, [1, 2]), optionsOf())
    const printed = prints.map((print) => print.replace(/^stdout /, '')).join('')
    expect(rowsOf(outcome)).toEqual([1, 2])
    expect(printed).toBe([1, 2].flatMap((row) => Array.from({ length: 20_000 }, (_, i) => `${row} ${i}\n`)).join(''))
  })

  test('stdout, stderr and bytes keep their order among each other', async () => {
    const prints = recordPrints()
    const program = await mapping(() => {
      const bytes = Buffer.from([0xff, 0x0a])
      console.log('one')
      console.error('two')
      process.stdout.write(bytes)
      // Filled again before it is sent.
      bytes.fill(0)
      process.stdout.write('dGhyZWU=', 'base64')
      console.log('four')
    })
    await poolOf().run(program, taskOf(program), optionsOf())
    expect(prints).toEqual(['stdout one\n', 'stderr two\n', 'stdout \u00ff\n', 'stdout three', 'stdout four\n'])
  })

  test('what was printed before process.exit is not lost', async () => {
    const prints = recordPrints()
    const program = await mapping(() => {
      console.log('first words')
      console.log('last words')
      process.exit(1)
    })
    failureOf(await poolOf().run(program, taskOf(program), optionsOf()))
    expect(prints.join('')).toContain('last words')
  })

  test('the last line of a task that awaits is seen while it waits', async () => {
    const program = await programOf([
      {
        op: 'mapAsync',
        fn: () => {
          console.log('asking')
          console.log('waiting')
          return new Promise(() => {})
        },
        concurrency: 1,
      },
    ])
    const controller = new AbortController()
    vi.spyOn(process.stdout, 'write').mockImplementation((data) => {
      if (String(data).includes('waiting')) controller.abort(new Error('seen'))
      return true
    })
    const outcome = await poolOf().run(program, taskOf(program), optionsOf({ signal: controller.signal }))
    expect(failureOf(outcome).error.message).toBe('the task was cancelled: seen')
  })

  test('a worker ahead of a slow terminal waits, and its outcome comes when all is taken', async () => {
    const program = await mapping((row: number) => {
      const line = 'x'.repeat(999)
      for (let i = 0; i < row; i++) console.log(line)
      return 'fine'
    })
    let taken = 0
    let mostHeld = 0
    const stdout: Writable = fakeStdout((done) => {
      mostHeld = Math.max(mostHeld, stdout.writableLength)
      // Slower than any worker: each piece takes a thousand turns of the event loop.
      let turns = 1000
      const turn = (): void => void (turns-- > 0 ? setImmediate(turn) : done())
      turn()
    })
    stdout.on('drain', () => taken++)
    const outcome = await poolOf().run(program, taskOf(program, [5000]), optionsOf())
    expect(rowsOf(outcome)).toEqual(['fine'])
    expect(taken).toBeGreaterThan(0)
    expect(stdout.writableLength).toBe(0)
    // A mebibyte, and the piece that went over it.
    expect(mostHeld).toBeLessThan(2 ** 20 + 2 ** 17)
  })

  test.each([
    ['ran ahead of it', 5000],
    ['has ended', 100],
  ])('an abort settles a task that %s while the terminal takes nothing', async (_, lines) => {
    const program = await mapping((row: number) => {
      const line = 'x'.repeat(999)
      for (let i = 0; i < row; i++) console.log(line)
    })
    const controller = new AbortController()
    fakeStdout(() => setImmediate(() => controller.abort(new Error('blocked'))))
    const outcome = await poolOf().run(program, taskOf(program, [lines]), optionsOf({ signal: controller.signal }))
    expect(failureOf(outcome).error.message).toBe('the task was cancelled: blocked')
  })
})

describe.each(['thread', 'process'])('with a %s for each worker', (isolation) => {
  test('a script that prints much into a pipe prints all of it, in the order of each worker', async () => {
    const child = start(isolation, 'prints.mjs', '200000')
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    const lines = output.trimEnd().split('\n')
    expect(code).toBe(0)
    expect(lines.pop()).toBe('done')
    const numbers = lines.map((line) => Number(line.slice('line '.length)))
    const [low, high] = [numbers.filter((n) => n < 100_000), numbers.filter((n) => n >= 100_000)]
    expect([low.length, high.length]).toEqual([100_000, 100_000])
    expect(low.every((n, i) => n === i)).toBe(true)
    expect(high.every((n, i) => n === 100_000 + i)).toBe(true)
  })

  test('a script whose reader has gone ends quietly, as one that SIGPIPE ends', async () => {
    const child = start(isolation, 'prints.mjs', '100000000')
    child.stdout.once('data', () => child.stdout.destroy())
    const [errors, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    expect(errors).toBe('')
    expect(code).toBe(141)
  })

  test('idle workers let a script end, working ones keep it', async () => {
    const child = start(isolation, 'leaves.mjs')
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    expect(output).toBe('45\n')
    expect(code).toBe(0)
  })
})

function start(
  isolation: string,
  script: string,
  ...args: string[]
): ReturnType<typeof spawn> & { stdout: NodeJS.ReadableStream & { destroy(): void }; stderr: NodeJS.ReadableStream } {
  const path = fileURLToPath(new URL(`./fixtures/${script}`, import.meta.url))
  return spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, KINDLING_ISOLATION: isolation },
  })
}

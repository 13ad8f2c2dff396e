/** Workers that are processes: what ends one in the middle of a task, and that none is left when its driver is done or gone. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, existsSync, openSync, readFileSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Context, type ContextOptions, TaskError } from 'kindling'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freshContext, freshFolder, rejection } from './fresh.ts'

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))

function freshProcesses(options: ContextOptions = {}): Promise<Context> {
  return freshContext({ ...options, isolation: 'process' })
}

/** Counts the attempts of a context's tasks that ended, by what was wrong with them. */
function countLost(ctx: Context): { lost: number } {
  const count = { lost: 0 }
  ctx.on('taskEnd', ({ failure }) => (count.lost += failure === 'lost' ? 1 : 0))
  return count
}

/** Calls `listener` with each line that user code prints. */
function onLine(listener: (line: string) => void): void {
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    for (const line of Buffer.from(chunk).toString().trimEnd().split('\n')) listener(line)
    return true
  })
  onTestFinished(() => spy.mockRestore())
}

/** A pipe in a folder that ends when the last process that has opened it for writing is gone, whatever becomes of that process. */
function tellTale(folder: string): { readonly path: string; readonly allGone: Promise<unknown> } {
  const path = join(folder, 'tell-tale')
  execFileSync('mkfifo', [path])
  return { path, allGone: once(createReadStream(path).resume(), 'close') }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const DEATHS: readonly (readonly [what: string, die: () => unknown, says: RegExp])[] = [
  [
    'a Map that grows past the heap',
    () => {
      const map = new Map<number, number>()
      for (let i = 0; ; i++) map.set(i, i)
    },
    /the worker ran out of memory \(limit 64 MB\)\. Make the partitions smaller, .*raise workerMemoryMb/,
  ],
  [
    'one array that grows past the heap',
    () => {
      for (const list: number[] = []; ; ) list.push(1.5)
    },
    /the worker ran out of memory \(limit 64 MB\)/,
  ],
  [
    'process.abort()',
    () => process.abort(),
    /the worker was aborted \(SIGABRT\)\. User code called process\.abort\(\)/,
  ],
  ['SIGSEGV', () => process.kill(process.pid, 'SIGSEGV'), /the worker crashed \(SIGSEGV\)\. Look for a native add-on/],
  ['SIGKILL', () => process.kill(process.pid, 'SIGKILL'), /the worker was killed \(SIGKILL\), .*use fewer workers/],
  [
    'SIGTERM',
    () => process.kill(process.pid, 'SIGTERM'),
    /the worker was ended by SIGTERM, which kindling did not send/,
  ],
]

describe.each(DEATHS)('%s', (_what, die, says) => {
  test('every time: the task is tried four times, the job fails by name, and the context lives on', async () => {
    const printed: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => printed.push(String(chunk)) > 0)
    const ctx = await freshProcesses({ workerMemoryMb: 64 })
    const count = countLost(ctx)
    const rows = ctx.range(0, 4, 1, 4).map((n) => {
      if (n === 1) {
        die()
        // A signal to itself may take a moment.
        for (;;);
      }
      return n
    })
    const error = await rejection(rows.collect())
    vi.restoreAllMocks()
    expect(error).toBeInstanceOf(TaskError)
    expect(error).toMatchObject({ partition: 1, attempts: 4 })
    expect(error.message).toMatch(says)
    expect(count.lost).toBeGreaterThanOrEqual(4)
    expect(await ctx.range(10).sum()).toBe(45)
    // The runtime's own report of it, pages long, is no output of the user's.
    expect(printed.join('')).toBe('')
  })

  test('once: it is not noticed in the answer', async () => {
    const marker = join(freshFolder(), 'died')
    const ctx = await freshProcesses({ workerMemoryMb: 64 })
    const count = countLost(ctx)
    const rows = ctx.range(0, 100, 1, 4).map((n) => {
      if (n === 60 && !existsSync(marker)) {
        writeFileSync(marker, '')
        die()
        for (;;);
      }
      return n
    })
    expect(await rows.sum()).toBe(4950)
    expect(count.lost).toBe(1)
  })
})

test('a worker that is killed from outside in the middle of a task is replaced, and the answer is right', async () => {
  const folder = freshFolder()
  const ctx = await freshProcesses()
  const count = countLost(ctx)
  onLine((line) => {
    const [, pid] = /^runs in (\d+)$/.exec(line) ?? []
    if (pid !== undefined) process.kill(Number(pid), 'SIGKILL')
  })
  const rows = ctx.range(0, 1000, 1, 4).map((n) => {
    const marker = join(folder, `${n}`)
    if (n % 250 === 17 && !existsSync(marker)) {
      writeFileSync(marker, '')
      console.log(`runs in ${process.pid}`)
      for (;;);
    }
    return n
  })
  expect(await rows.sum()).toBe(499_500)
  expect(count.lost).toBe(4)
})

test('parts of an output whose worker was killed appear once and whole', async () => {
  const folder = freshFolder()
  const ctx = await freshProcesses()
  const rows = ctx.range(0, 40, 1, 4).map((n) => {
    const marker = join(folder, `${n}`)
    if (n % 10 === 7 && !existsSync(marker)) {
      writeFileSync(marker, '')
      process.kill(process.pid, 'SIGKILL')
      for (;;);
    }
    return `row ${n}`
  })
  await rows.saveAsTextFile(join(folder, 'out'))
  expect(await ctx.textFile(join(folder, 'out')).collect()).toEqual(Array.from({ length: 40 }, (_, n) => `row ${n}`))
})

test.each(['before the shuffle', 'in the combiner', 'after the shuffle'])(
  'a join whose workers are killed %s gives the same rows',
  async (when) => {
    const folder = freshFolder()
    const ctx = await freshProcesses()
    const count = countLost(ctx)
    const dieOnce = (where: string): void => {
      if (where !== when) return
      try {
        // Only one of two workers that come here at the same time makes it.
        writeFileSync(join(folder, where), '', { flag: 'wx' })
      } catch {
        return
      }
      process.kill(process.pid, 'SIGKILL')
      for (;;);
    }
    const numbers = ctx.range(0, 1000, 1, 4).map((n): [number, number] => {
      if (n === 600) dieOnce('before the shuffle')
      return [n % 10, n]
    })
    const sums = numbers.reduceByKey((a, b) => {
      if (a > 5000) dieOnce('in the combiner')
      return a + b
    })
    const joined = sums.join(numbers.mapValues(() => 1).reduceByKey((a, b) => a + b)).mapValues(([sum, rows]) => {
      dieOnce('after the shuffle')
      return sum / rows
    })
    const means = Object.fromEntries(await joined.collect())
    expect(means).toEqual(Object.fromEntries(Array.from({ length: 10 }, (_, key) => [key, 495 + key])))
    expect(count.lost).toBe(1)
  },
)

test('no worker outlives stop(), whether it is idle or busy', async () => {
  const ctx = await freshProcesses()
  const idle = await ctx
    .range(0, 2, 1, 2)
    .map(() => process.pid)
    .collect()
  const busy = new Promise<number>((resolve) => onLine((line) => resolve(Number(line))))
  const endless = ctx.range(0, 1, 1, 1).map(() => {
    console.log(process.pid)
    for (;;);
  })
  const rejected = rejection(endless.collect())
  const pids = new Set([...idle, await busy])
  expect([...pids].every(isAlive)).toBe(true)
  await ctx.stop()
  expect((await rejected).message).toContain('stopped')
  expect([...pids].filter(isAlive)).toEqual([])
})

test('what user code has started ends with its worker', async () => {
  const { path, allGone } = tellTale(freshFolder())
  const ctx = await freshProcesses()
  const pids = await ctx
    .range(0, 2, 1, 2)
    .map(() => spawn('sleep', ['1000'], { stdio: ['ignore', openSync(path, 'w'), 'ignore'] }).pid)
    .collect()
  expect(pids.every((pid) => pid !== undefined && isAlive(pid))).toBe(true)
  await ctx.stop()
  await allGone
})

/** A script whose two workers hold the tell-tale, and are idle or busy when it says so. */
function startHolding(folder: string, after: string): ChildProcess {
  symlinkSync(MODULES, join(folder, 'node_modules'))
  writeFileSync(
    join(folder, 'job.mjs'),
    `import { openSync } from 'node:fs'
    import { createContext } from 'kindling'
    const ctx = await createContext({ master: 'local[2]', isolation: 'process' })
    await ctx.range(0, 2, 1, 2).map(() => openSync('tell-tale', 'w')).collect()
    ${after}`,
  )
  const child = spawn(process.execPath, ['job.mjs'], { cwd: folder })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

const BUSY = `await ctx.range(0, 2, 1, 2).forEach(() => { console.log('ready'); for (;;); })`

test.each([
  ['busy', BUSY],
  ['idle', `console.log('ready'); await new Promise((resolve) => setInterval(() => {}, 1000))`],
])('a driver that is killed leaves no worker: %s', async (_what, after) => {
  const folder = freshFolder()
  const { allGone } = tellTale(folder)
  const child = startHolding(folder, after)
  if (child.stdout === null) throw new Error('stdout is not a pipe')
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await allGone
})

test('a script that forgets to stop its context ends by itself, and its workers with it', async () => {
  const folder = freshFolder()
  const { allGone } = tellTale(folder)
  const child = startHolding(folder, '')
  expect(await once(child, 'close')).toEqual([0, null])
  await allGone
})

test('what is written past the streams of Node comes to the terminal too', async () => {
  const ctx = await freshProcesses()
  const lines: string[] = []
  const seen = new Promise<void>((resolve) => {
    onLine((line) => {
      lines.push(line)
      if (line === 'from a child') resolve()
    })
  })
  await ctx.range(0, 1, 1, 1).forEach(() => {
    writeSync(1, 'written to 1\n')
    execFileSync('echo', ['from a child'], { stdio: 'inherit' })
  })
  await seen
  expect(lines).toEqual(['written to 1', 'from a child'])
})

test('user code that writes into the pipe of the engine loses its worker, and says why', async () => {
  const ctx = await freshProcesses({ maxFailures: 1 })
  const error = await rejection(
    ctx.range(0, 1, 1, 1).forEach(() => void writeSync(4, 'a text that is no frame at all, far from it')),
  )
  expect(error.message).toContain('the worker died: ')
  expect(await ctx.range(10).sum()).toBe(45)
})

test.skipIf(process.platform !== 'linux')(
  'a machine without memory ends a worker before its driver (Linux only)',
  async () => {
    const ctx = await freshProcesses()
    const score = (): number => Number(readFileSync('/proc/self/oom_score_adj', 'utf8'))
    const [worker] = await ctx.range(0, 1, 1, 1).map(score).collect()
    expect(worker).toBeGreaterThan(score())
  },
)

import { expect, test } from 'vitest'
import { createContext } from '../../src/index.ts'
import { runScript } from './processes.ts'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const listeners = (): number[] => SIGNALS.map((name) => process.listenerCount(name))

/** How many listeners each signal has while a job runs, and after it, more than before. */
async function listenersOf(options: { signals?: boolean }): Promise<{ during: number[]; after: number[] }> {
  const before = listeners()
  const more = (): number[] => listeners().map((count, i) => count - (before[i] ?? 0))
  await using context = await createContext({ master: 'inline', ...options })
  let during: number[] = []
  context.on('taskStart', () => {
    during = more()
  })
  await context.range(3).count()
  return { during, after: more() }
}

test('signals are listened to while a job runs, and only then', async () => {
  expect(await listenersOf({})).toEqual({ during: [1, 1, 1], after: [0, 0, 0] })
})

test('jobs at the same time share one listener, until the last has ended', async () => {
  const before = process.listenerCount('SIGINT')
  await using context = await createContext({ master: 'inline' })
  const counts: number[] = []
  context.on('*', ({ type }) => {
    if (type === 'taskStart' || type === 'jobEnd') counts.push(process.listenerCount('SIGINT') - before)
  })
  await Promise.all([context.range(3).count(), context.range(4).count()])
  expect(new Set(counts)).toEqual(new Set([1]))
  expect(process.listenerCount('SIGINT')).toBe(before)
})

test('a job that fails leaves no listener', async () => {
  const before = listeners()
  await using context = await createContext({ master: 'inline' })
  const failing = context.range(3).map(() => {
    throw new Error('bad')
  })
  await expect(failing.count()).rejects.toThrow('bad')
  await expect(context.textFile('no such file').count()).rejects.toThrow('no such file')
  expect(listeners()).toEqual(before)
})

test('with signals: false they are left alone', async () => {
  expect(await listenersOf({ signals: false })).toEqual({ during: [0, 0, 0], after: [0, 0, 0] })
})

/** A job made by hand, which says why it is cancelled and never ends. */
const STUBBORN = `
import { onInterrupt } from 'DIST/run/interrupt.js'
setInterval(() => {}, 1000)
const run = () => onInterrupt((reason) => console.log(reason.name + ': ' + reason.message), new Promise(() => {}))
`

test('the second interrupt ends the process at once', async () => {
  // No timer ever fires: only the second signal can end it.
  const running = runScript(`${STUBBORN}
    globalThis.setTimeout = () => 0
    run()
    console.log('ready')`)
  await running.printed('ready')
  running.child.kill('SIGINT')
  await running.printed('AbortError: the job was cancelled: SIGINT\n')
  running.child.kill('SIGINT')
  expect(await running.ended()).toMatchObject({ code: null, signal: 'SIGINT', stderr: '' })
})

test.each(SIGNALS)(
  'a job that does not end when %s cancels it is waited for no longer than two seconds',
  async (signal) => {
    const running = runScript(`${STUBBORN}
    const { setTimeout } = globalThis
    globalThis.setTimeout = (callback, ms) => {
      console.log('waits', ms)
      return setTimeout(callback, 0)
    }
    run()
    console.log('ready')`)
    await running.printed('ready')
    running.child.kill(signal)
    const stdout = `ready\nAbortError: the job was cancelled: ${signal}\nwaits 2000\n`
    expect(await running.ended()).toEqual({ code: null, signal, stdout, stderr: '' })
  },
)

test('an interrupt between jobs is none of ours', async () => {
  const running = runScript(`${STUBBORN}
    run()()
    console.log('ready')`)
  await running.printed('ready')
  running.child.kill('SIGINT')
  expect(await running.ended()).toEqual({ code: null, signal: 'SIGINT', stdout: 'ready\n', stderr: '' })
})

test('a reader that goes away ends the process quietly, as SIGPIPE would', async () => {
  const running = runScript(`
    import { createContext } from 'DIST/bundle/index.js'
    const context = await createContext({ master: 'local[2]' })
    await context.range(0, 1e9, 1, 2).forEach((n) => console.log('row', n))`)
  await running.printed('row 1\n')
  running.child.stdout.destroy()
  expect(await running.ended()).toMatchObject({ code: 141, signal: null, stderr: '' })
})

import { expect, onTestFinished, test, vi } from 'vitest'
import { createEvents, type Events } from '../../src/run/events.ts'
import { showProgress } from '../../src/run/progress.ts'
import { NO_METRICS } from '../../src/run/reporter.ts'
import { screenOf } from './screen.ts'

interface FakeTerminal {
  readonly stream: NodeJS.WriteStream
  /** Everything written so far. */
  output(): string
  /** What is to be seen. A bare line feed begins a line, as the terminal's driver makes it. */
  screen(): readonly string[]
  print(text: string | Uint8Array): void
}

function openTerminal(options: { isTTY?: boolean; columns?: number } = {}): FakeTerminal {
  let output = ''
  const stream = {
    isTTY: true,
    columns: 80,
    rows: 24,
    ...options,
    write(data: string | Uint8Array) {
      output += typeof data === 'string' ? data : new TextDecoder().decode(data)
      return true
    },
  } as unknown as NodeJS.WriteStream
  return {
    stream,
    output: () => output,
    screen: () => screenOf(output.replaceAll('\n', '\r\n')),
    print: (text) => void stream.write(text),
  }
}

/** Time stands still; a test moves it. */
function standTime(): (ms: number) => Promise<void> {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  return async (ms) => {
    vi.advanceTimersByTime(ms)
    // log-update is loaded when a bar is first wanted.
    await vi.dynamicImportSettled()
  }
}

function startStage(events: Events, stage: number, taskCount: number): void {
  events.emit({ type: 'stageStart', at: 0, job: 0, stage, taskCount })
}

function endTask(events: Events, stage: number, rowsRead: number): void {
  const metrics = { ...NO_METRICS, rowsRead }
  events.emit({ type: 'taskEnd', at: 0, job: 0, stage, partition: 0, attempt: 0, metrics, failure: null, error: null })
}

function endStage(events: Events, stage: number): void {
  events.emit({ type: 'stageEnd', at: 0, job: 0, stage, wallMs: 0 })
}

test('a stage that takes long has one line with its bar, tasks, rows and time, gone at its end', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal()
  onTestFinished(showProgress(events, terminal.stream))
  startStage(events, 3, 4)
  endTask(events, 3, 50_000)
  await pass(400)
  await pass(600)
  const bar = `${'█'.repeat(10)}${'░'.repeat(30)}`
  expect(terminal.screen()).toEqual([`stage 3 ${bar} 1/4 tasks, 50 k rows/s, 1 s`])
  endTask(events, 3, 4_950_000)
  endTask(events, 3, 0)
  await pass(1000)
  const further = `${'█'.repeat(30)}${'░'.repeat(10)}`
  expect(terminal.screen()).toEqual([`stage 3 ${further} 3/4 tasks, 2.5 M rows/s, 2 s`])
  endStage(events, 3)
  expect(terminal.screen()).toEqual([])
})

test('a failed attempt is no progress', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal()
  onTestFinished(showProgress(events, terminal.stream))
  startStage(events, 0, 2)
  const failed = { metrics: null, failure: 'user', error: 'bad' } as const
  events.emit({ type: 'taskEnd', at: 0, job: 0, stage: 0, partition: 0, attempt: 0, ...failed })
  await pass(400)
  await pass(100)
  expect(terminal.screen()[0]).toContain('0/2 tasks')
})

test('a short stage shows nothing', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal()
  onTestFinished(showProgress(events, terminal.stream))
  for (const stage of [0, 1, 2]) {
    startStage(events, stage, 1)
    await pass(250)
    endStage(events, stage)
  }
  await pass(1000)
  expect(terminal.output()).toBe('')
  expect(vi.getTimerCount()).toBe(0)
})

test('where there is no terminal nobody listens', () => {
  const events = createEvents()
  const terminal = openTerminal({ isTTY: false })
  showProgress(events, terminal.stream)()
  expect(events.hasListeners).toBe(false)
  startStage(events, 0, 1)
  expect(terminal.output()).toBe('')
})

test('stages that run at the same time have a line each', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal()
  onTestFinished(showProgress(events, terminal.stream))
  startStage(events, 0, 1)
  startStage(events, 1, 1)
  await pass(400)
  await pass(100)
  expect(terminal.screen().map((line) => line.slice(0, 7))).toEqual(['stage 0', 'stage 1'])
  endStage(events, 0)
  await pass(100)
  expect(terminal.screen().map((line) => line.slice(0, 7))).toEqual(['stage 1'])
})

test('lines that are printed stay whole, above the bar', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal()
  onTestFinished(showProgress(events, terminal.stream))
  terminal.print('before\n')
  startStage(events, 0, 1)
  await pass(400)
  await pass(100)
  terminal.print('during\n')
  expect(terminal.screen()).toEqual(['before', 'during'])
  await pass(100)
  expect(terminal.screen().map((line) => line.slice(0, 7))).toEqual(['before', 'during', 'stage 0'])
  endStage(events, 0)
  terminal.print('after\n')
  expect(terminal.screen()).toEqual(['before', 'during', 'after'])
})

test('no bar is drawn over a line that others have begun', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal()
  onTestFinished(showProgress(events, terminal.stream))
  startStage(events, 0, 1)
  await pass(400)
  terminal.print('.')
  terminal.print(new TextEncoder().encode('.'))
  terminal.print('')
  await pass(500)
  expect(terminal.screen()).toEqual(['..'])
  terminal.print(new TextEncoder().encode(' ready\n'))
  await pass(100)
  expect(terminal.screen().map((line) => line.slice(0, 8).trimEnd())).toEqual(['.. ready', 'stage 0'])
})

test('a narrow terminal has a shorter bar, never a wrapped one', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal({ columns: 48 })
  onTestFinished(showProgress(events, terminal.stream))
  startStage(events, 0, 1)
  await pass(400)
  await pass(100)
  const [line = '', ...others] = terminal.screen()
  expect(others).toEqual([])
  expect(line.length).toBeLessThan(48)
})

test('the terminal is as it was after a stage, even one that ended while the bar was loaded', async () => {
  const pass = standTime()
  const events = createEvents()
  const terminal = openTerminal()
  const write = Reflect.get(terminal.stream, 'write')
  const off = showProgress(events, terminal.stream)
  startStage(events, 0, 1)
  vi.advanceTimersByTime(400)
  endStage(events, 0)
  await pass(1000)
  expect(Reflect.get(terminal.stream, 'write')).toBe(write)
  expect(terminal.output()).toBe('')
  startStage(events, 1, 1)
  await pass(400)
  await pass(100)
  expect(Reflect.get(terminal.stream, 'write')).not.toBe(write)
  off()
  expect(Reflect.get(terminal.stream, 'write')).toBe(write)
  expect(terminal.screen()).toEqual([])
  expect(events.hasListeners).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

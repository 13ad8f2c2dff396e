import { expect, onTestFinished, test, vi } from 'vitest'
import { createEvents, type EventOf, type KindlingEvent } from '../../src/run/events.ts'

const JOB_START: KindlingEvent = { type: 'jobStart', at: 1, job: 0, action: 'count', callSite: 'job.ts:1:1' }
const STAGE_START: KindlingEvent = { type: 'stageStart', at: 2, job: 0, stage: 0, taskCount: 3 }

/** The warnings of a test, kept from the terminal. */
function warnings(): string[] {
  const seen: string[] = []
  const spy = vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void seen.push(String(warning)))
  onTestFinished(() => spy.mockRestore())
  return seen
}

test('a listener gets the events of its type, and one for * gets all, in order', () => {
  const events = createEvents()
  const all: string[] = []
  const counts: number[] = []
  events.on('*', (event) => all.push(event.type))
  events.on('stageStart', ({ taskCount }) => counts.push(taskCount))
  events.emit(JOB_START)
  events.emit(STAGE_START)
  expect(all).toEqual(['jobStart', 'stageStart'])
  expect(counts).toEqual([3])
})

test('whether anybody listens is known', () => {
  const events = createEvents()
  expect(events.hasListeners).toBe(false)
  const off = events.on('jobEnd', () => {})
  expect(events.hasListeners).toBe(true)
  off()
  off()
  expect(events.hasListeners).toBe(false)
})

test('the same function listening twice is called twice, and ended one by one', () => {
  const events = createEvents()
  let calls = 0
  const listener = (): void => void calls++
  const off = events.on('jobStart', listener)
  events.on('jobStart', listener)
  events.emit(JOB_START)
  expect(calls).toBe(2)
  off()
  events.emit(JOB_START)
  expect(calls).toBe(3)
})

test('listeners that come and go during an event take effect with the next', () => {
  const events = createEvents()
  const log: string[] = []
  const offFirst = events.on('*', () => {
    log.push('first')
    offFirst()
    events.on('*', () => log.push('late'))
  })
  events.on('*', () => log.push('second'))
  events.emit(JOB_START)
  expect(log).toEqual(['first', 'second'])
  events.emit(JOB_START)
  expect(log).toEqual(['first', 'second', 'second', 'late'])
})

test('a listener that throws harms neither the job nor other listeners, and is reported once', () => {
  const seen = warnings()
  const events = createEvents()
  let calls = 0
  events.on('jobStart', () => {
    throw new Error('my listener is broken')
  })
  events.on('jobStart', () => void calls++)
  events.emit(JOB_START)
  events.emit(JOB_START)
  expect(calls).toBe(2)
  expect(seen).toEqual(['a listener for jobStart events threw: Error: my listener is broken'])
})

test('the type of an event is known to its listener', () => {
  const metrics = {
    rowsRead: 1,
    rowsSkipped: 0,
    bytesRead: 2,
    rowsOut: 3,
    bytesWritten: 4,
    rowsBailed: 0,
    shuffleBytesRead: 0,
    shuffleBytesWritten: 0,
    spilledBytes: 0,
    wallMs: 5,
  }
  const events = createEvents()
  let end: EventOf<'jobEnd'> | null = null
  events.on('jobEnd', (event) => {
    end = event
  })
  events.emit({ type: 'jobEnd', at: 9, job: 0, action: 'count', error: null, ...metrics })
  expect(end).toMatchObject(metrics)
})

import { expect, test } from 'vitest'
import type { Task, TaskOutcome } from '../../src/plan/task.ts'
import type { Job } from '../../src/run/engine.ts'
import { createEvents, type KindlingEvent } from '../../src/run/events.ts'
import { JobReporter } from '../../src/run/reporter.ts'

const MAIN_STAGE = 4
const MERGE_STAGE = 5
const NO_BLOCKS = { rowsBailed: 0, shuffleBytesRead: 0, shuffleBytesWritten: 0, spilledBytes: 0 }

function jobAt(at: Job['action']['at']): Job {
  const root = { kind: 'source', id: 0, verb: 'empty', at, source: { type: 'empty' } } as const
  const action = { verb: 'reduce', at, node: 1 }
  return { root, action, sink: { op: 'count' }, merge: null, output: null, isInternal: false, signal: null }
}

function taskOf(stage: number, partition: number, attempt = 0): Task {
  return { stage, partition, attempt, input: { type: 'chain', inputs: [] }, output: null }
}

function done(rowsRead: number, bytesRead: number, rowsOut: number, bytesWritten: number): TaskOutcome {
  const metrics = { rowsRead, rowsSkipped: 0, bytesRead, rowsOut, bytesWritten, ...NO_BLOCKS, wallMs: 1000 }
  return { ok: true, blocks: [], shuffled: null, stored: [], metrics }
}

const FAILED: TaskOutcome = {
  ok: false,
  failure: { kind: 'user', error: { name: 'Error', message: 'bad', stack: '' }, node: 1, place: null, record: null },
}

/** What is said of a job, without times. */
function heard(tell: (reporter: JobReporter) => void): object[] {
  const events = createEvents()
  const log: KindlingEvent[] = []
  events.on('*', (event) => log.push(event))
  tell(new JobReporter(events, 7, jobAt({ text: 'job.ts:3:4' })))
  return log.map(({ at, ...rest }) => {
    expect(Math.abs(at - Date.now())).toBeLessThan(60_000)
    if (!('wallMs' in rest)) return rest
    const { wallMs, ...other } = rest
    // Of the job and the stage, not of the tasks, which say that they took a second each.
    expect(wallMs).toBeGreaterThanOrEqual(0)
    expect(wallMs).toBeLessThan(1000)
    return other
  })
}

test('a job is told from its start to its end, with the sums of its last stage', () => {
  const metrics = {
    rowsRead: 10,
    rowsSkipped: 0,
    bytesRead: 100,
    rowsOut: 1,
    bytesWritten: 5,
    ...NO_BLOCKS,
    wallMs: 1000,
  }
  const log = heard((reporter) => {
    reporter.stageStart(MAIN_STAGE, 2)
    for (const partition of [0, 1]) {
      reporter.taskStart(taskOf(MAIN_STAGE, partition))
      reporter.taskEnd(taskOf(MAIN_STAGE, partition), done(10, 100, 1, 5), 'result')
    }
    reporter.stageEnd(MAIN_STAGE)
    reporter.jobEnd()
  })
  const inStage = { job: 7, stage: MAIN_STAGE }
  expect(log).toEqual([
    { type: 'jobStart', job: 7, action: 'reduce', callSite: 'job.ts:3:4' },
    { type: 'stageStart', ...inStage, taskCount: 2 },
    { type: 'taskStart', ...inStage, partition: 0, attempt: 0 },
    { type: 'taskEnd', ...inStage, partition: 0, attempt: 0, metrics, failure: null, error: null },
    { type: 'taskStart', ...inStage, partition: 1, attempt: 0 },
    { type: 'taskEnd', ...inStage, partition: 1, attempt: 0, metrics, failure: null, error: null },
    { type: 'stageEnd', ...inStage },
    {
      type: 'jobEnd',
      job: 7,
      action: 'reduce',
      error: null,
      rowsRead: 20,
      rowsSkipped: 0,
      bytesRead: 200,
      rowsOut: 2,
      bytesWritten: 10,
      ...NO_BLOCKS,
    },
  ])
})

test('rows of a merging stage are not counted again, and what a failed attempt did not at all', () => {
  const log = heard((reporter) => {
    reporter.taskEnd(taskOf(MAIN_STAGE, 0), FAILED, 'result')
    reporter.taskEnd(taskOf(MAIN_STAGE, 0, 1), done(3, 30, 3, 0), 'result')
    reporter.taskEnd(taskOf(MERGE_STAGE, 0), done(3, 0, 1, 0), 'merge')
    reporter.jobEnd()
  })
  expect(log[1]).toMatchObject({ type: 'taskEnd', attempt: 0, metrics: null, failure: 'user', error: 'bad' })
  expect(log[2]).toMatchObject({ type: 'taskEnd', attempt: 1, failure: null, error: null })
  expect(log.at(-1)).toMatchObject({ rowsRead: 3, rowsSkipped: 0, bytesRead: 30, rowsOut: 3, error: null })
})

test.each([
  [new TypeError('no such thing'), 'no such thing'],
  ['only text', 'only text'],
  [null, 'null'],
])('a job that failed with %s says so', (error, text) => {
  expect(heard((reporter) => reporter.jobEnd(error)).at(-1)).toMatchObject({ type: 'jobEnd', error: text })
})

test('without a listener nothing is made, not even the place of the action', () => {
  const at = {
    get text(): string {
      throw new Error('nobody asked')
    },
  }
  const events = createEvents()
  const reporter = new JobReporter(events, 0, jobAt(at))
  reporter.stageStart(MAIN_STAGE, 1)
  reporter.taskStart(taskOf(MAIN_STAGE, 0))
  reporter.taskEnd(taskOf(MAIN_STAGE, 0), done(1, 2, 3, 4), 'result')
  // One that comes late hears the sums of all.
  const log: KindlingEvent[] = []
  events.on('*', (event) => log.push(event))
  reporter.stageEnd(MAIN_STAGE)
  reporter.jobEnd()
  expect(log).toMatchObject([
    { type: 'stageEnd' },
    { type: 'jobEnd', rowsRead: 1, rowsSkipped: 0, bytesRead: 2, rowsOut: 3, bytesWritten: 4 },
  ])
})

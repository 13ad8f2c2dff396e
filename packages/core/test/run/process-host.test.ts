import { expect, onTestFinished, test } from 'vitest'
import { openPool } from '../../src/run/pool.ts'
import { openProcesses } from '../../src/run/process-host.ts'
import { failureOf, mapping, optionsOf, rowsOf, taskOf, workspaceOf } from './stage.ts'

test('a process that the system refuses to start loses the task and says why, and the next may have one', async () => {
  const pool = openPool({
    workspace: workspaceOf(false),
    slots: 1,
    workerMemoryMb: null,
    host: openProcesses({ workerMemoryMb: null }),
  })
  onTestFinished(() => pool.close())
  const program = await mapping(() => 'fine')
  const { execPath } = process
  process.execPath = '/no/such/node'
  onTestFinished(() => void (process.execPath = execPath))
  const failure = failureOf(await pool.run(program, taskOf(program), optionsOf()))
  expect(failure.kind).toBe('lost')
  expect(failure.error).toMatchObject({
    message: 'the worker could not start: spawn /no/such/node ENOENT',
    code: 'ENOENT',
  })
  process.execPath = execPath
  expect(rowsOf(await pool.run(program, taskOf(program), optionsOf()))).toEqual(['fine'])
})

test('its heap has the limits that a thread would have', async () => {
  const pool = openPool({
    workspace: workspaceOf(false),
    slots: 1,
    workerMemoryMb: 100,
    host: openProcesses({ workerMemoryMb: 100 }),
  })
  onTestFinished(() => pool.close())
  const program = await mapping(() => process.execArgv)
  const outcome = await pool.run(program, taskOf(program), optionsOf())
  expect(rowsOf(outcome)).toEqual([['--max-semi-space-size=4', '--max-old-space-size=100']])
})

/** The warning about functions whose changes to captured variables are lost. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { capture } from './travel.ts'

let warnings: string[]

beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation((warning, ...rest) => {
    expect(rest).toEqual([{ type: 'KindlingWarning', code: 'KINDLING_LOST_CHANGE' }])
    warnings.push(String(warning))
  })
})
afterEach(() => void vi.restoreAllMocks())

test('a counter is told of once, with its place, its name and what to do', async () => {
  let count = 0
  const fn = (): void => void count++
  await capture(fn)
  await capture(fn)
  expect(warnings).toEqual([
    `map (job.ts:14:6): "count" is changed by the function, in the worker's own copy: where the program reads it, it keeps its value. Add to an accumulator instead: const count = ctx.accumulator(0), then count.add(1) in the function`,
  ])
  expect(count).toBe(0)
})

test('so is a text that grows', async () => {
  let text = ''
  await capture((row: string) => {
    text += row
  })
  expect(warnings[0]).toContain('"text"')
  expect(text).toBe('')
})

test('what is opened in the worker, read only, or a local variable is nothing to warn of', async () => {
  let client: { name: string } | undefined
  let cached: number | null = null
  const limit = 3
  await capture((row: number) => {
    client ??= { name: 'opened' }
    cached ??= limit
    let local = row
    local += cached
    return [client.name, local]
  })
  expect(warnings).toEqual([])
})

/** The warning about functions that capture much. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { capture } from './travel.ts'

let warnings: string[]

beforeEach(() => {
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation((warning, ...rest) => {
    expect(rest).toEqual([{ type: 'KindlingWarning', code: 'KINDLING_LARGE_CAPTURE' }])
    warnings.push(String(warning))
  })
})
afterEach(() => void vi.restoreAllMocks())

const MEGABYTE = 1 << 20

test('a function that captures more than a megabyte is told of once, with its place, its variable and what to do', async () => {
  const table = new Float64Array(MEGABYTE / 4)
  const small = [1, 2, 3]
  const fn = (row: number): number => (table[row] ?? 0) + small.length
  await capture(fn)
  await capture(fn)
  expect(warnings).toEqual([
    'map (job.ts:14:6): "table" is captured in 2.0 MB, copied for each worker and each action. Broadcast it: const shared = ctx.broadcast(table), then read shared.value in the function',
  ])
  await capture((row: number) => table[row])
  expect(warnings).toHaveLength(2)
})

test.each([
  ['numbers', Array.from({ length: MEGABYTE / 4 }, (_, i) => i)],
  ['texts', Array.from({ length: 1000 }, (_, i) => String(i).padEnd(2000))],
  ['one long text', 'x'.repeat(2 * MEGABYTE)],
  ['a Map', new Map(Array.from({ length: 100_000 }, (_, i) => [`key ${i}`, { i }]))],
  ['deep objects', { a: { b: [{ c: Buffer.alloc(2 * MEGABYTE) }] } }],
  [
    'an instance',
    new (class Held {
      readonly bytes = new Uint8Array(2 * MEGABYTE)
    })(),
  ],
])('%s', async (_what, held) => {
  await capture(() => held)
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('"held"')
})

test('what a helper captures is named, not the helper', async () => {
  const table = new Uint8Array(2 * MEGABYTE)
  const helper = (row: number): number | undefined => table[row]
  await capture((row: number) => helper(row))
  expect(warnings[0]).toContain('ctx.broadcast(table)')
})

test('many small values are nothing to warn of, one by one', async () => {
  const [a, b, c] = [1, 2, 3].map(() => new Uint8Array(MEGABYTE / 2)) as [Uint8Array, Uint8Array, Uint8Array]
  await capture(() => [a, b, c])
  expect(warnings).toEqual([])
})

test('a helper that calls itself', async () => {
  const table = new Uint8Array(2 * MEGABYTE)
  const down = (n: number): number => (n === 0 ? table.length : down(n - 1))
  await capture(() => down(3))
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('"table"')
})

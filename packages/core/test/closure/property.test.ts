/** Any value that can be captured is the same value after it is revived. */
import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Bundle } from '../../src/closure/bundle.ts'
import { captureFunctions } from '../../src/closure/capture.ts'
import { reviveFunctions } from '../../src/closure/revive.ts'

async function roundTrip(value: unknown): Promise<unknown> {
  const { bundle } = await captureFunctions([{ fn: () => value, verb: 'map', at: { text: '' } }])
  const { bytes, ...rest } = bundle
  const [fn] = await reviveFunctions({ ...(JSON.parse(JSON.stringify(rest)) as Bundle), bytes })
  return fn?.()
}

/** Node's own comparison takes an invalid date in a set for different from itself. */
function textOf(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, showHidden: true })
}

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
})

test('capture and revive give the same value', async () => {
  await fc.assert(
    fc.asyncProperty(anything, async (value) => {
      const revived = await roundTrip(value)
      return isDeepStrictEqual(revived, value) || textOf(revived) === textOf(value)
    }),
    { numRuns: 300 },
  )
})

test('values that occur twice are one value afterwards', async () => {
  await fc.assert(
    fc.asyncProperty(fc.object(), async (object) => {
      const [first, second] = (await roundTrip([object, { object }])) as [unknown, { object: unknown }]
      return first === second.object
    }),
    { numRuns: 50 },
  )
})

test('what is revived twice shares no state', async () => {
  const list = [1]
  const { bundle } = await captureFunctions([{ fn: () => list.push(1), verb: 'map', at: { text: '' } }])
  const [one] = (await reviveFunctions(bundle)) as (() => number)[]
  const [two] = (await reviveFunctions(bundle)) as (() => number)[]
  expect([one?.(), one?.(), two?.()]).toEqual([2, 3, 2])
})

/** Values in shared memory: what goes in comes out, and large binary data is the memory itself. */
import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeShared, encodeShared } from '../../src/io/shared-value.ts'

const LARGE = 1 << 16

const textOf = (value: unknown): string =>
  inspect(value, { depth: Infinity, maxArrayLength: Infinity, showHidden: true })
const trip = <T>(value: T): T => decodeShared(encodeShared(value)) as T

test('whatever JavaScript can clone comes out as it went in', () => {
  const value = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withUnicodeString: true,
  })
  fc.assert(
    fc.property(value, (one) => {
      const back = trip(one)
      // Node 20 finds two dates without a time different.
      expect(isDeepStrictEqual(back, one) || textOf(back) === textOf(one)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

describe('a large view', () => {
  const views = [
    new Int8Array(LARGE),
    new Uint8ClampedArray(LARGE),
    new Float32Array(LARGE / 4),
    new BigUint64Array(LARGE / 8),
    new Float64Array(new ArrayBuffer(LARGE + 24), 8, LARGE / 8),
    new DataView(new ArrayBuffer(LARGE + 1), 1),
    Buffer.alloc(LARGE),
  ]

  test.each(views.map((view) => [view.constructor.name, view] as const))(
    'of kind %s is the same memory for all that decode it',
    (_name, view) => {
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(1)
      const encoded = encodeShared({ view })
      const [one, two] = [decodeShared(encoded), decodeShared(encoded)] as { view: typeof view }[]
      expect(one?.view.constructor).toBe(view.constructor)
      expect([one?.view.byteLength, one?.view.byteOffset]).toEqual([view.byteLength, 0])
      const bytesOf = (of: { view: typeof view } | undefined): Uint8Array => new Uint8Array(of?.view.buffer ?? [])
      expect(bytesOf(one)[LARGE - 1]).toBe(1)
      bytesOf(one)[7] = 9
      expect(bytesOf(two)[7]).toBe(9)
      expect(new Uint8Array(view.buffer, view.byteOffset)[7]).toBe(1)
      expect(encoded.value.byteLength).toBeLessThan(100)
    },
  )

  test('stays one view where it stood twice', () => {
    const view = new Float64Array(LARGE / 8)
    const encoded = encodeShared([view, { again: view }])
    const [first, second] = decodeShared(encoded) as [Float64Array, { again: Float64Array }]
    expect(second.again).toBe(first)
    expect(encoded.views).toHaveLength(1)
  })

  test('is copied where a message left its bytes at a place that numbers must not begin at', () => {
    const { value, views } = encodeShared(new Float64Array(LARGE / 8).fill(0.1))
    const message = new Uint8Array(LARGE + 3)
    message.set(views[0] ?? [], 3)
    const back = decodeShared({ value, views: [message.subarray(3)] })
    expect(back).toEqual(new Float64Array(LARGE / 8).fill(0.1))
  })
})

test('a smaller view and an ArrayBuffer are copies, which nobody else sees', () => {
  const encoded = encodeShared({ small: new Uint8Array(LARGE - 1), buffer: new ArrayBuffer(LARGE) })
  const decode = (): { small: Uint8Array; buffer: ArrayBuffer } => decodeShared(encoded) as never
  const [one, two] = [decode(), decode()]
  expect(one.small.buffer).toBeInstanceOf(ArrayBuffer)
  expect(one.buffer).toBeInstanceOf(ArrayBuffer)
  one.small[0] = 1
  new Uint8Array(one.buffer)[0] = 1
  expect([two.small[0], new Uint8Array(two.buffer)[0], decode().small[0]]).toEqual([0, 0, 0])
  expect(encoded.views).toEqual([])
})

test('all of it lies in shared memory', () => {
  const { value, views } = encodeShared([new Uint8Array(LARGE), 'text'])
  for (const part of [value, ...views]) expect(part.buffer).toBeInstanceOf(SharedArrayBuffer)
})

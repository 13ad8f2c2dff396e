import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, openFrames } from '../../src/run/frames.ts'

/** What comes out of a pipe that gives its bytes in pieces of these sizes, again and again. */
function received(messages: readonly unknown[], sizes: readonly number[]): unknown[] {
  const bytes = Buffer.concat(messages.flatMap((message) => [...encodeFrame(message)]))
  const result: unknown[] = []
  const read = openFrames((message) => result.push(message))
  for (let from = 0, i = 0; from < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    read(bytes.subarray(from, from + size))
    from += size
  }
  return result
}

const ARRAY = fc.uint8Array({ maxLength: 40 })
const MESSAGE = fc.oneof(
  fc.record(
    { id: fc.string(), blocks: fc.array(ARRAY, { maxLength: 4 }), rest: fc.anything({ withBigInt: true }) },
    { noNullPrototype: true },
  ),
  fc.constantFrom<unknown>(null, undefined, '', [new Uint8Array(0)], {
    text: '\u{1F600}',
    list: [undefined, Number.NaN, -0],
  }),
)

test('messages arrive as they were, in order, however the pipe cuts them', () => {
  fc.assert(
    fc.property(
      fc.array(MESSAGE, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1 }),
      (messages, sizes) => {
        expect(received(messages, sizes)).toStrictEqual(messages)
      },
    ),
  )
})

test('an array that is a part of a buffer travels without the rest of it', () => {
  const whole = Uint8Array.from([1, 2, 3, 4])
  const [message] = received([{ part: whole.subarray(1, 3) }], [100]) as [{ part: Uint8Array }]
  expect(message.part).toEqual(Uint8Array.from([2, 3]))
  expect(message.part.buffer.byteLength).toBe(2)
})

test('what a shuffle leaves arrives: arrays of numbers, parts of their buffers too', () => {
  const sent = {
    starts: new Uint32Array([1, 2, 2 ** 32 - 1]),
    spans: new Float64Array([0.5, -0, 2 ** 40]).subarray(1),
    empty: new Float64Array(0),
    signed: [new Int8Array([-1]), new BigInt64Array([-5n])],
  }
  expect(received([sent, sent], [7])).toStrictEqual([sent, sent])
})

test('a Buffer arrives as the Uint8Array that threads get, whose slices are copies', () => {
  const [message] = received([[Buffer.from('abc')]], [7]) as [[Uint8Array]]
  expect(message[0].constructor).toBe(Uint8Array)
  expect(Buffer.from(message[0]).toString()).toBe('abc')
})

test('shared memory arrives as a copy', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(3)).fill(7)
  expect(received([[shared]], [5])).toEqual([[Uint8Array.from([7, 7, 7])]])
})

test('what cannot be cloned is refused, and the pipe is as before', () => {
  expect(() => encodeFrame({ fn: () => 1 })).toThrow('could not be cloned')
  expect(() => encodeFrame([new SharedArrayBuffer(1)])).toThrow('could not be cloned')
})

test('bytes that are no frame are refused', () => {
  const read = openFrames(() => {})
  expect(() => read(Buffer.from('a text that is no frame, of some length'))).toThrow(RangeError)
})

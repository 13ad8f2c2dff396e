/** Random values of every kind that a row may hold, and how they are compared. */
import { inspect, isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect } from 'vitest'

/** Whatever can be cloned. */
export const anything: fc.Arbitrary<unknown> = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  withSparseArray: true,
  withBoxedValues: true,
  withUnicodeString: true,
  key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'length', '', '1', '0')),
})

/** What a key can be, with those that are easily taken for one another. */
const primitive = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double(),
  fc.constantFrom('', '0', '1', 'n', 'u', 't', 's1:a', 'a', '[1:', '\ud800', '\udc00', '\ufffd', '1;', 'd1;'),
  fc.string({ unit: 'binary', maxLength: 3 }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.constantFrom(null, undefined, true, false, -0, Number.NaN, Infinity),
  fc.date({ min: new Date(0), max: new Date(3), noInvalidDate: false }),
)
export const key: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  key: fc.oneof({ maxDepth: 2 }, primitive, tie('list'), tie('record')),
  list: fc.array(tie('key'), { maxLength: 3 }),
  record: fc.dictionary(fc.constantFrom('a', 'b', 'ab', '', '__proto__', '1'), tie('key'), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
})).key

/** What has an order. */
export const ordered: fc.Arbitrary<unknown> = fc.oneof(primitive, fc.array(primitive, { maxLength: 3 }))

/** Equal in every way, down to holes, hidden classes aside. */
export function expectSame(found: unknown, expected: unknown): void {
  // Node 20 finds two dates without a time different.
  if (!isDeepStrictEqual(found, expected)) expect(textOf(found)).toBe(textOf(expected))
}

function textOf(value: unknown): string {
  return inspect(value, { depth: Infinity, maxArrayLength: Infinity, showHidden: true })
}

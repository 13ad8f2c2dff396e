/** Keys: equal texts exactly for equal keys, and hashes that every platform computes alike. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashKey, keyText } from '../../src/shuffle/key.ts'
import { messageOf } from '../io/fresh.ts'
import { key } from './values.ts'

/** Equality of keys as the documentation says it, written without any encoding. */
function areEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== typeof b || typeof a !== 'object' || a === null || b === null)
    return a === b || (Number.isNaN(a) && Number.isNaN(b))
  if (a instanceof Date || b instanceof Date)
    return a instanceof Date && b instanceof Date && Object.is(a.getTime(), b.getTime())
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [names, others] = [Object.keys(a), Object.keys(b as object)]
  const property = (of: object, name: string): unknown => Object.getOwnPropertyDescriptor(of, name)?.value
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(b as object, name) && areEqual(property(a, name), property(b as object, name)))
  )
}

test('two texts are equal exactly when the keys are', () => {
  fc.assert(
    fc.property(key, key, (a, b) => {
      expect(keyText(a) === keyText(b)).toBe(areEqual(a, b))
    }),
    { numRuns: 5000 },
  )
})

test('a text that follows another runs into nothing: no two lists of keys have one text', () => {
  fc.assert(
    fc.property(fc.array(key, { maxLength: 4 }), fc.array(key, { maxLength: 4 }), (a, b) => {
      const [left, right] = [a, b].map((keys) => keys.map(keyText).join(''))
      if (left === right) expect(areEqual(a, b)).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('equal keys have equal hashes under every seed, and a copy is equal', () => {
  fc.assert(
    fc.property(key, fc.nat(), (a, seed) => {
      const copy: unknown = structuredClone(a)
      expect(keyText(copy)).toBe(keyText(a))
      expect(hashKey(copy, seed)).toBe(hashKey(a, seed))
      expect(Number.isInteger(hashKey(a)) && hashKey(a) >= 0 && hashKey(a) < 2 ** 32).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

test('properties in another order make the same key', () => {
  expect(keyText({ a: 1, b: [2] })).toBe(keyText({ b: [2], a: 1 }))
  expect(hashKey({ a: 1, b: [2] })).toBe(hashKey({ b: [2], a: 1 }))
  expect([hashKey(-0), hashKey([-0])]).toEqual([hashKey(0), hashKey([0])])
  expect(hashKey(new Float64Array(new Uint32Array([1, 0xfff80000]).buffer)[0])).toBe(hashKey(Number.NaN))
})

test('hashes are the same everywhere and for ever: other engines place keys by them', () => {
  const keys: readonly unknown[] = [
    0,
    1,
    -1,
    1.5,
    2 ** 53,
    Number.NaN,
    Infinity,
    '',
    'a',
    'é',
    '\ud800',
    'the quick brown fox',
    true,
    false,
    null,
    undefined,
    1n,
    -(2n ** 70n),
    new Date(0),
    [],
    [1, 'a'],
    { a: 1 },
    [[null], { b: undefined }],
  ]
  expect(keys.map((each) => hashKey(each))).toMatchInlineSnapshot(`
    [
      0,
      301794027,
      387900469,
      4233645745,
      1698372864,
      1366201717,
      1399502562,
      2872998923,
      711464985,
      4113253952,
      631978906,
      4064363572,
      1738713326,
      4005516230,
      3794260505,
      3957456336,
      2805199892,
      2544000224,
      340548114,
      979876371,
      2304839275,
      1144435058,
      3663415067,
    ]
  `)
  expect(keys.slice(0, 9).map((each) => hashKey(each, 7))).toMatchInlineSnapshot(`
    [
      415870660,
      4139236332,
      3893119930,
      3696779486,
      66614888,
      824125727,
      3553952786,
      4195733450,
      1674164142,
    ]
  `)
})

test('hashes spread keys that look alike over all partitions', () => {
  const n = 8000
  const families: readonly ((i: number) => unknown)[] = [
    (i) => i,
    (i) => i * 1024,
    (i) => i / 7,
    (i) => `key${i}`,
    (i) => [i % 10, i],
    (i) => BigInt(i),
    (i) => new Date(i * 86_400_000),
  ]
  for (const make of families) {
    for (const partitions of [2, 8, 13]) {
      const counts = Array.from({ length: partitions }, () => 0)
      for (let i = 0; i < n; i++) {
        const bucket = hashKey(make(i)) % partitions
        counts[bucket] = (counts[bucket] ?? 0) + 1
      }
      const even = n / partitions
      // Four standard deviations of a fair throw.
      const slack = 4 * Math.sqrt(even)
      expect(counts.every((count) => Math.abs(count - even) < slack)).toBe(true)
    }
  }
})

test('what can be no key is named, however deep it lies', () => {
  expect(messageOf(() => keyText([1, { a: new Map() }]))).toMatch(/^DataError: a key must be .*got an instance of Map/)
  expect(messageOf(() => hashKey(new Uint8Array(1)))).toMatch(/an instance of Uint8Array/)
  expect(messageOf(() => hashKey(Symbol('s')))).toMatch(/a symbol/)
  expect(messageOf(() => keyText([() => 1]))).toMatch(/a function/)
})

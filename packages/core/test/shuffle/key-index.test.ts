/** The index of keys numbers them as a Map does. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashKey } from '../../src/shuffle/key.ts'
import { KeyIndex } from '../../src/shuffle/key-index.ts'

const primitive = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.string({ maxLength: 3, unit: fc.constantFrom('a', '\u00ff', '\u0100', '\ud800', '\u0000') }),
  fc.integer({ min: -1000, max: 1000 }),
  fc.double(),
  fc.bigInt({ min: -5n, max: 5n }),
  fc.constantFrom(null, undefined, true, false, Number.NaN, 0, -0, 1, '1', '', 'NaN', '0'),
)

/** The number of each key in turn, new ones being added. */
function numbered(keys: readonly unknown[], hash: (key: unknown) => number): number[] {
  const index = new KeyIndex()
  return keys.map((key) => {
    const found = index.find(key, hash(key))
    if (found >= 0) return found
    index.add(key, hash(key))
    expect(index.keyAt(index.size - 1)).toBe(key)
    expect(index.hashAt(index.size - 1)).toBe(hash(key))
    return index.size - 1
  })
}

function numberedByMap(keys: readonly unknown[]): number[] {
  const numbers = new Map<unknown, number>()
  return keys.map((key) => {
    const number = numbers.get(key) ?? numbers.size
    numbers.set(key, number)
    return number
  })
}

test('keys are equal as in a Map', () => {
  fc.assert(
    fc.property(fc.array(primitive, { maxLength: 300 }), (keys) => {
      expect(numbered(keys, hashKey)).toEqual(numberedByMap(keys))
    }),
  )
})

test('keys of one hash are still told apart', () => {
  fc.assert(
    fc.property(fc.array(primitive, { maxLength: 100 }), (keys) => {
      expect(numbered(keys, () => 0xffff_fffe)).toEqual(numberedByMap(keys))
    }),
  )
})

test('it grows past any size it began with', () => {
  const keys = Array.from({ length: 12_000 }, (_, i) => (i % 2 === 0 ? `key ${i % 9000}` : (i * 7919) % 9000))
  expect(numbered(keys, hashKey)).toEqual(numberedByMap(keys))
})

test('texts are given as they came, whichever is asked for', () => {
  const texts = Array.from({ length: 2000 }, (_, i) => {
    return `${i % 3 === 0 ? 'tëxt' : 'téxt —'.slice(0, i % 7)} ${i * 7919}`.repeat(i % 400 === 0 ? 200 : 1)
  })
  const index = new KeyIndex()
  for (const text of texts) index.add(text, hashKey(text))
  const places = Array.from({ length: 2000 }, (_, i) => (i * 617) % 2000)
  expect(places.map((place) => index.keyAt(place))).toEqual(places.map((place) => texts[place]))
})

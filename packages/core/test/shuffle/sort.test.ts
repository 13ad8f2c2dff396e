/** Sorting in memory gives what comparing gives, for keys of any kind and in either direction. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareValues } from '../../src/plan/order.ts'
import { sortPairs } from '../../src/shuffle/sort.ts'

const MANY = { minLength: 256, maxLength: 400 } as const

/** Texts that share beginnings, with characters that no byte holds, halves of pairs and the ones that stand for "more" and "nothing". */
const texts = fc.array(fc.constantFrom('a', 'b', '\u0000', '\u00fe', '\u00ff', '\u0100', '\ud800', '😀'), {
  maxLength: 14,
})
const keys = {
  texts: texts.map((parts) => parts.join('')),
  'texts with one beginning': texts.map((parts) => `https://${parts.join('')}`),
  'ASCII texts': fc.string({ maxLength: 20 }),
  'whole numbers': fc.integer({ min: -50, max: 50 }),
  numbers: fc.double(),
  'numbers and texts': fc.oneof(fc.integer(), fc.string({ maxLength: 3 })),
} as const

test.each(Object.entries(keys))('%s come in the order that comparing gives, equal ones as they came', (_, key) => {
  fc.assert(
    fc.property(fc.array<unknown>(key, MANY), fc.boolean(), (list, ascending) => {
      const pairs = list.map((each, index) => [each, index] as const)
      const sign = ascending ? 1 : -1
      const compared = pairs.toSorted((a, b) => sign * compareValues(a[0], b[0]))
      expect(sortPairs(pairs, ascending)).toEqual(compared)
    }),
    { numRuns: 40 },
  )
})

/** The table of rows: what becomes a column, how cells are cut, and that they stand below each other. */
import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { showTable } from '../../src/dataset/show.ts'

function check(rows: readonly unknown[], lines: readonly string[], options?: Parameters<typeof showTable>[1]): void {
  expect(showTable(rows, options).split('\n')).toEqual(lines)
}

test('properties are columns, in the order in which they are met', () => {
  check([{ a: 1, b: 'x' }, { c: true }], ['a  b  c', '─  ─  ────', '1  x', '      true', '2 rows'])
})

test('pairs have a key and a value, longer arrays _1, _2, anything else a value', () => {
  check([['k', 1]], ['key  value', '───  ─────', 'k        1', '1 row'])
  check([['k', 1, 2]], ['_1  _2  _3', '──  ──  ──', 'k    1   2', '1 row'])
  check(['x', null, undefined], ['value', '─────────', 'x', 'null', 'undefined', '3 rows'])
})

test('columns of numbers stand right, others left', () => {
  check(
    [
      { n: 1, s: 'a' },
      { n: 100n, s: 'bcd' },
    ],
    ['   n  s', '────  ───', '   1  a', '100n  bcd', '2 rows'],
  )
})

test('long cells are cut, characters whole', () => {
  check(['x'.repeat(50)], ['value', '─'.repeat(40), `${'x'.repeat(39)}…`, '1 row'])
  check(['👨‍👩‍👧👨‍👩‍👧👨‍👩‍👧', '日本語'], ['value', '─────', '👨‍👩‍👧👨‍👩‍👧…', '日本…', '2 rows'], { width: 5 })
})

test('control characters are escaped, so that a row is a line', () => {
  check(['a\nb\tc\u001b[31m'], ['value', '─'.repeat(17), 'a\\nb\\tc\\u001b[31m', '1 row'])
})

test('inner values are shown as Node shows them, dates as ISO text', () => {
  check(
    [{ at: new Date(0), inner: { list: [1, 2] }, map: new Map([[1, 2]]) }],
    [
      'at                        inner               map',
      '────────────────────────  ──────────────────  ─────────────────',
      '1970-01-01T00:00:00.000Z  { list: [ 1, 2 ] }  Map(1) { 1 => 2 }',
      '1 row',
    ],
  )
})

test('more columns than any screen has are left out, and counted', () => {
  const row = Object.fromEntries(Array.from({ length: 53 }, (_, i) => [`c${i}`, i]))
  expect(showTable([row]).split('\n').slice(-2)).toEqual(['3 more columns are not shown', '1 row'])
})

test('every line of a table is as wide as the others, in columns of a terminal, whatever is in it', () => {
  const text = fc.string({ unit: fc.constantFrom('a', '日', 'é', '👍🏽', '́', '\n', ' ', 'ﷺ') })
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text), { minLength: 1 }), fc.integer({ min: 2, max: 12 }), (pairs, width) => {
      // The end of a line is not padded: a last column that is always there shows where it would be.
      const rows = pairs.map(([a, b]) => ({ a, b, z: '|' }))
      const lines = showTable(rows, { width }).split('\n').slice(0, -1)
      const ends = lines.map((line) => stringWidth(line))
      expect(new Set(ends).size).toBe(1)
    }),
  )
})

/** Blocks: whatever rows go in come out, whether they are written in columns or one by one. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBlock, encodeBlock } from '../../src/shuffle/block.ts'
import { BlockBuffer } from '../../src/shuffle/blocks.ts'
import { anything, expectSame } from './values.ts'

const trip = (rows: readonly unknown[]): unknown[] => decodeBlock(encodeBlock(rows))

/** The byte that says how the rows are written. */
const columnOf = (rows: readonly unknown[]): number => encodeBlock(rows)[4] as number
const ROWS = 0

test('any rows that can be cloned come back as they were', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 6 }), (rows) => expectSame(trip(rows), rows)),
    { numRuns: 1500 },
  )
})

test('rows of one shape too, whatever one of them holds', () => {
  const text = fc.string({ unit: 'binary' })
  const cell = fc.oneof(
    fc.integer(),
    fc.double(),
    text,
    fc.constantFrom(null, undefined, -0, Number.NaN, 2 ** 31, -(2 ** 31)),
  )
  const shaped = fc.oneof(
    fc.array(fc.integer()),
    fc.array(fc.double()),
    fc.array(text),
    fc.array(fc.tuple(text, fc.integer())),
    fc.array(
      fc.tuple(fc.tuple(fc.integer(), cell), fc.tuple(cell, fc.tuple(text, fc.tuple(cell, fc.tuple(cell, cell))))),
    ),
    fc.array(
      fc.record(
        { id: fc.integer(), name: text, at: fc.record({ x: fc.double(), y: cell }, { noNullPrototype: true }) },
        { noNullPrototype: true },
      ),
    ),
    fc.array(fc.record({ a: cell, b: cell, __proto__: cell }, { noNullPrototype: true, requiredKeys: ['a'] })),
    fc.array(fc.constantFrom(null, null, undefined)),
  )
  fc.assert(
    fc.property(shaped, fc.option(anything), fc.nat(), (rows: unknown[], odd, at) => {
      expectSame(trip(rows), rows)
      const mixed = odd === null ? rows : rows.toSpliced(at % (rows.length + 1), 0, odd)
      expectSame(trip(mixed), mixed)
    }),
    { numRuns: 1500 },
  )
})

test('pairs among other rows come out of a buffer in their order, and with each block its first row', () => {
  const pair = fc.tuple(fc.integer(), fc.string({ maxLength: 3 }))
  const rows = fc.array(fc.oneof({ weight: 9, arbitrary: pair }, anything), { maxLength: 30 })
  fc.assert(
    fc.property(rows, fc.constantFrom(1, 2 ** 17, 2 ** 18), (given, openAtOnce) => {
      const found: unknown[] = []
      const buffer = new BlockBuffer((block, first, rowCount) => {
        const decoded = decodeBlock(block)
        expectSame(decoded[0], first)
        expect(decoded).toHaveLength(rowCount)
        found.push(...decoded)
      }, openAtOnce)
      for (const row of given) buffer.add(row)
      buffer.flush()
      expectSame(found, given)
    }),
    { numRuns: 500 },
  )
})

test('numbers, strings, nothing, pairs and records are written in columns', () => {
  const shapes: readonly (readonly [name: string, rows: readonly unknown[]])[] = [
    ['whole numbers', [1, -2, 2 ** 31 - 1, -(2 ** 31)]],
    ['numbers', [1, 2.5, Number.NaN, -Infinity]],
    ['latin text', ['a', '', 'é\u00ff']],
    ['other text', ['a', '\ud800', '€']],
    ['nulls', [null, null]],
    ['undefineds', [undefined, undefined]],
    [
      'pairs',
      [
        ['a', 1],
        ['b', 2],
      ],
    ],
    [
      'records',
      [
        { a: 1, b: 'x' },
        { a: 2, b: 'y' },
      ],
    ],
  ]
  for (const [name, rows] of shapes) {
    expect([name, columnOf(rows)]).not.toEqual([name, ROWS])
    expect(trip(rows)).toStrictEqual(rows)
  }
  expect(new Set(shapes.map(([, rows]) => columnOf(rows))).size).toBe(shapes.length)
})

test('what only looks like a shape is written row by row', () => {
  const holes: unknown[] = []
  holes[1] = 1
  const matched = /(a)/.exec('a') as unknown[]
  const proto = JSON.parse('{"__proto__": 1}') as unknown
  const lookalikes: readonly unknown[][] = [
    [holes, [1, 2]],
    [matched, matched],
    [Object.assign([1, 2], { note: 'x' }), [1, 2]],
    [
      [1, 2],
      [1, 2, 3],
    ],
    [proto, proto],
    [{ a: 1 }, { b: 1 }],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [{ a: 1 }, { a: 1, b: 2 }],
    [{ a: 1 }, [1, 2]],
    [{}, {}],
    [1, '1'],
    [1, 1n],
    [new Date(0), new Date(1)],
  ]
  for (const rows of lookalikes) {
    expect(columnOf(rows)).toBe(ROWS)
    expectSame(trip(rows), rows)
  }
})

test('-0, holes, own __proto__ and the order of properties survive', () => {
  expect(Object.is(trip([-0, 1])[0], -0)).toBe(true)
  expect(trip([-0, -0]).map((n) => Object.is(n, -0))).toEqual([true, true])
  const holes: unknown[] = []
  holes[1] = 1
  const [back] = trip([holes, holes]) as [unknown[]]
  expect([back.length, 0 in back, 1 in back]).toEqual([2, false, true])
  const [own] = trip([JSON.parse('{"__proto__": {"x": 1}}'), {}]) as [object]
  expect(Object.hasOwn(own, '__proto__')).toBe(true)
  expect(
    trip([
      { b: 1, a: 2 },
      { b: 3, a: 4 },
    ]).map((row) => Object.keys(row as object)),
  ).toEqual([
    ['b', 'a'],
    ['b', 'a'],
  ])
  const match = /(b)(c)?/.exec('abd') as RegExpExecArray
  const [found] = trip([match, match]) as [RegExpExecArray]
  expect([found[0], found[1], found[2], found.index, found.input]).toEqual(['b', 'b', undefined, 1, 'abd'])
})

test('keys of records that would be code are names', () => {
  const name = '"]; throw new Error("ran"); ["\u2028\\'
  const rows = [
    { [name]: 1, constructor: 2, 'a b': 3 },
    { [name]: 4, constructor: 5, 'a b': 6 },
  ]
  expect(trip(rows)).toStrictEqual(rows)
})

test('a block that lies at an odd address of a larger buffer, or in shared memory, is read all the same', () => {
  const rows = Array.from({ length: 50 }, (_, i): [number, string] => [i + 0.5, `é${i}€`])
  const block = encodeBlock(rows)
  for (const shift of [1, 3, 7]) {
    const shared = new Uint8Array(new SharedArrayBuffer(block.byteLength + 16))
    shared.set(block, shift)
    expect(decodeBlock(shared.subarray(shift, shift + block.byteLength))).toStrictEqual(rows)
  }
})

test('what cannot be cloned is refused with the way to it, in columns too', () => {
  for (const bad of [() => 1, Symbol('s'), Promise.resolve(1), new URL('http://a')]) {
    const pairs = [
      ['a', 1],
      ['b', { deep: [bad] }],
    ]
    expect(() => encodeBlock(pairs)).toThrow(/^row 1 cannot be moved between threads: .*\.deep\[0\]/)
    expect(() => encodeBlock([bad])).toThrow('row 0 cannot be moved between threads')
  }
})

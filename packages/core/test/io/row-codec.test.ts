/** The row codec: what goes in comes out, or is refused by name. */
import { createServer } from 'node:net'
import { inspect, isDeepStrictEqual } from 'node:util'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeRows, encodeRows } from '../../src/io/row-codec.ts'
import { messageOf } from './fresh.ts'

const textOf = (value: unknown): string =>
  inspect(value, { depth: Infinity, maxArrayLength: Infinity, showHidden: true })
const trip = (value: unknown): unknown => decodeRows(encodeRows([value]))[0]

describe('rows come back as they were', () => {
  test('whatever JavaScript can clone', () => {
    const value = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withBoxedValues: true,
      withNullPrototype: false,
      withUnicodeString: true,
      key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'length', '')),
    })
    fc.assert(
      fc.property(fc.array(value), (rows) => {
        const back = decodeRows(encodeRows(rows))
        // Node 20 finds two dates without a time different.
        expect(isDeepStrictEqual(back, rows) || textOf(back) === textOf(rows)).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('one by one', () => {
    const own = JSON.parse('{"__proto__": {"a": 1}, "b": 2}') as object
    const back = trip(own) as object
    expect(Object.hasOwn(back, '__proto__')).toBe(true)
    expect(JSON.stringify(back)).toBe('{"__proto__":{"a":1},"b":2}')
    expect(Object.is(trip(-0), -0)).toBe(true)
    for (const value of [undefined, null, Number.NaN, Infinity, -Infinity, 12n ** 40n, '\ud800x\udc00', true]) {
      expect(trip(value)).toBe(value)
    }
    const sparse: unknown[] = [1]
    sparse[2] = { a: undefined }
    sparse.length = 4
    const holes = trip(sparse) as unknown[]
    expect([holes.length, 1 in holes, 3 in holes, Object.hasOwn(holes[2] as object, 'a')]).toEqual([
      4,
      false,
      false,
      true,
    ])
    expect(trip(/a\/b/giu)).toEqual(/a\/b/giu)
    expect(trip(new Date(Number.NaN))).toEqual(new Date(Number.NaN))
    expect(trip(Object.assign([1], { note: 'x' }))).toEqual(Object.assign([1], { note: 'x' }))
    expect(trip(runInNewContext('({ a: [1] })'))).toEqual({ a: [1] })
  })

  test('errors with their name, message, stack and cause', () => {
    const error = new RangeError('far', { cause: new TypeError('root', { cause: { row: 3 } }) })
    const back = trip(error) as RangeError
    expect(back).toBeInstanceOf(RangeError)
    expect([back.message, back.stack]).toEqual([error.message, error.stack])
    expect((back.cause as Error).name).toBe('TypeError')
    expect((back.cause as Error).cause).toEqual({ row: 3 })
  })

  test('cycles and shared values too, quickly when there are very many of them', () => {
    const ring: { self?: unknown; list: unknown[] } = { list: [] }
    ring.self = ring
    ring.list.push(ring, new Map([[ring, ring]]))
    const back = trip(ring) as typeof ring
    expect(back.self).toBe(back)
    expect((back.list[1] as Map<unknown, unknown>).get(back)).toBe(back)
    let diamond: unknown[] = []
    for (let depth = 0; depth < 60; depth++) diamond = [diamond, diamond]
    expect((trip(diamond) as unknown[]).length).toBe(2)
  })

  test('views of binary data with their own bytes only, and no memory in common with the block', () => {
    const memory = new ArrayBuffer(1024)
    const views = [
      new Uint8Array(memory, 3, 5),
      new Float64Array(memory, 8, 4).fill(0.1),
      new DataView(memory, 1, 9),
      Buffer.from('kindling'),
      new BigInt64Array([1n, -1n]),
      new Uint8ClampedArray([300]),
      new Uint16Array(0),
    ]
    const block = encodeRows(views)
    expect(block.length).toBeLessThan(200)
    const before = Buffer.from(block)
    const rows = decodeRows(block) as typeof views
    expect(rows).toStrictEqual(views)
    expect(Buffer.isBuffer(rows[3])).toBe(true)
    expect(Buffer.isBuffer(rows[0])).toBe(false)
    for (const row of rows) new Uint8Array(row.buffer).fill(0xaa)
    expect(before.equals(block)).toBe(true)
    expect(decodeRows(block)).toStrictEqual(views)
  })

  test('from shared memory', () => {
    const block = encodeRows([{ a: 'b', c: new Float32Array([1.5]) }])
    const shared = new Uint8Array(new SharedArrayBuffer(block.length))
    shared.set(block)
    expect(decodeRows(shared)).toEqual([{ a: 'b', c: new Float32Array([1.5]) }])
  })
})

class Client {
  readonly url = 'x'
}

describe('what would not arrive as it was is refused with its row, path and type', () => {
  const check = (value: unknown, expected: string): void => {
    expect(messageOf(() => encodeRows([1, { fine: true }, value], 40))).toBe(
      `DataError: row 42 cannot be moved between threads: ${expected}`,
    )
  }

  test('functions and symbols', () => {
    check({ a: { onClick() {} } }, '.a.onClick is a function (onClick). Return data, not functions.')
    check([[async () => {}]], '[0][0] is an async function. Return data, not functions.')
    check(Symbol('tag'), 'it is a symbol (tag). Return a string.')
    check({ 'a-b': [{ x: Symbol('tag') }] }, '["a-b"][0].x is a symbol (tag). Return a string.')
  })

  test('promises, with the advice to use mapAsync', () => {
    check(Promise.resolve(1), 'it is a promise. For a function that returns promises use mapAsync.')
    check(
      { rows: new Map([['k', Promise.resolve()]]) },
      '.rows.get(k) is a promise. For a function that returns promises use mapAsync.',
    )
  })

  test('instances of classes, by the name of the class', () => {
    const advice = 'It would lose its class: return a plain object, such as { ...it }.'
    check(new Client(), `it is an instance of Client. ${advice}`)
    check({ list: [new Client()] }, `.list[0] is an instance of Client. ${advice}`)
    check(new Set([new Client()]), ` (a member of the Set) is an instance of Client. ${advice}`)
    check(new Map([[new Client(), 1]]), ` (a key of the Map) is an instance of Client. ${advice}`)
    check(new Error('x', { cause: new Client() }), `.cause is an instance of Client. ${advice}`)
    check(new (class Stack extends Array {})(), `it is an instance of Stack. ${advice}`)
    check(new (class Failure extends Error {})(), `it is an instance of Failure. ${advice}`)
    check(new URL('http://a/'), `it is an instance of URL. ${advice}`)
    check(createServer(), `it is an instance of Server. ${advice}`)
    check(new AggregateError([]), `it is an instance of AggregateError. ${advice}`)
    check(Object.create({ inherited: 1 }), `it is an instance of Object. ${advice}`)
  })

  test('built-in objects with properties of their own, which would be lost', () => {
    const advice = 'Return a plain object with what you need of it.'
    const failure = Object.assign(new Error('x'), { code: 'ENOENT' })
    check(failure, `it has a property "code" that Error objects lose on the way. ${advice}`)
    const named = Object.assign(new TypeError('x'), { name: 'Custom' })
    check(
      [new Error('y', { cause: named })],
      `[0].cause has a property "name" that Error objects lose on the way. ${advice}`,
    )
    check(
      { at: Object.assign(new Date(0), { zone: 'UTC' }) },
      `.at has a property "zone" that Date objects lose on the way. ${advice}`,
    )
    check(
      Object.assign(new Map(), { size2: 1 }),
      `it has a property "size2" that Map objects lose on the way. ${advice}`,
    )
  })

  test('proxies, weak collections, iterators, shared memory', () => {
    check({ p: new Proxy({}, {}) }, '.p is a Proxy. Return a copy of what it stands for.')
    check(new Proxy([], {}), 'it is a Proxy. Return a copy of what it stands for.')
    check(new WeakMap(), 'it is a WeakMap. Return plain data.')
    check(new WeakRef({}), 'it is a WeakRef. Return plain data.')
    check(new Map().keys(), 'it is an iterator (Map Iterator). Return an array, or use flatMap.')
    check((function* count() {})(), 'it is an iterator (Generator). Return an array, or use flatMap.')
    expect(messageOf(() => encodeRows([new SharedArrayBuffer(1)]))).toContain('it is an instance of SharedArrayBuffer')
  })

  test('however deep it is, in however long a list', () => {
    let deep: unknown = new Client()
    for (let depth = 0; depth < 4000; depth++) deep = { deep }
    for (const value of [deep, [...Array.from({ length: 200_000 }), new Client()]]) {
      expect(messageOf(() => encodeRows([value]))).toContain('is an instance of Client')
    }
    const sparse: unknown[] = [new Client()]
    sparse.length = 2 ** 32 - 1
    expect(messageOf(() => encodeRows([sparse]))).toContain('[0] is an instance of Client')
  })

  test('what is nested too deeply for V8', () => {
    let deep: unknown = null
    for (let depth = 0; depth < 200_000; depth++) deep = { deep }
    expect(messageOf(() => encodeRows([1, deep]))).toBe(
      'DataError: rows 0 to 1 cannot be moved between threads: a value is nested too deeply. Return plain data.',
    )
  })
})

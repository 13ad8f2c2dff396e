/** Captured values arrive as they were. */
import { expect, test } from 'vitest'
import { travel } from './travel.ts'

/** The value, as the worker sees it, told in what structured clone can carry. */
async function check(name: string, see: () => unknown, expected: unknown): Promise<void> {
  expect(await travel(see), name).toEqual(expected)
}

test('numbers that JSON has no word for arrive exactly', async () => {
  const [nan, negativeZero, infinite, big] = [Number.NaN, -0, [Infinity, -Infinity], 12345678901234567890n]
  await check('NaN', () => Number.isNaN(nan), true)
  await check('-0', () => Object.is(negativeZero, -0), true)
  await check('infinities', () => infinite, [Infinity, -Infinity])
  await check('bigint', () => big + 1n, 12345678901234567891n)
})

test('undefined, null and missing stay three things', async () => {
  const record = { none: undefined, nil: null }
  await check('record', () => ['none' in record, record.none, record.nil, 'other' in record], [
    true,
    undefined,
    null,
    false,
  ])
})

test('strings with lone surrogates and nulls arrive exactly', async () => {
  const text = 'a\ud800\u0000\u2028é"\\'
  await check('string', () => text, text)
})

test('dates, also invalid ones', async () => {
  const [date, invalid] = [new Date(5), new Date(Number.NaN)]
  await check('date', () => [date.getTime(), Number.isNaN(invalid.getTime())], [5, true])
})

test('regular expressions keep flags and lastIndex', async () => {
  const pattern = /a(b)/giu
  pattern.lastIndex = 3
  await check('regexp', () => [pattern.source, pattern.flags, pattern.lastIndex], ['a(b)', 'giu', 3])
})

test('maps and sets, nested, with any keys', async () => {
  const key = { k: 1 }
  const map = new Map<unknown, unknown>([
    [key, new Set([1, '1', Number.NaN])],
    [undefined, null],
    [Number.NaN, -0],
  ])
  await check(
    'map',
    () => [
      map.size,
      (map.get(key) as Set<unknown>).has(Number.NaN),
      map.has(undefined),
      Object.is(map.get(Number.NaN), -0),
    ],
    [3, true, true, true],
  )
})

test('a long typed array keeps a property that it was given, and costs no list of its elements', async () => {
  const marked = Object.assign(new Uint8Array(5000).fill(7), { unit: 'mm' })
  expect(await travel(() => [marked.unit, marked.length, marked[4999]])).toEqual(['mm', 5000, 7])
})

test('typed arrays over one buffer stay over one buffer', async () => {
  const buffer = new ArrayBuffer(16)
  const [bytes, doubles, view] = [new Uint8Array(buffer, 8, 8), new Float64Array(buffer), new DataView(buffer, 4, 4)]
  doubles[1] = 1.5
  await check('views', () => {
    const seen = doubles[1]
    bytes.fill(0)
    return [seen, doubles[1], bytes.length, view.byteOffset, view.byteLength, bytes.buffer === doubles.buffer]
  }, [1.5, 0, 8, 4, 4, true])
})

test('a Node Buffer stays one, and leaves its pool behind', async () => {
  const buffer = Buffer.from('hé')
  await check('buffer', () => [Buffer.isBuffer(buffer), buffer.toString(), buffer.buffer.byteLength], [true, 'hé', 3])
})

test('a resizable buffer stays resizable', async () => {
  const Resizable = ArrayBuffer as unknown as new (
    length: number,
    options: object,
  ) => ArrayBuffer & { maxByteLength: number }
  const buffer = new Resizable(4, { maxByteLength: 16 })
  await check('resizable', () => [buffer.byteLength, buffer.maxByteLength], [4, 16])
})

test('arrays: sparse, with properties, of numbers, holding themselves', async () => {
  const sparse: number[] = []
  sparse[3] = 1
  const tagged = Object.assign([1, 2], { note: 'n' })
  const numbers = Array.from({ length: 1000 }, (_, i) => (i === 7 ? -0 : i / 3))
  const self: unknown[] = [1]
  self.push(self)
  await check('sparse', () => [sparse.length, 0 in sparse, sparse[3]], [4, false, 1])
  await check('tagged', () => [tagged.length, tagged.note, Object.keys(tagged)], [2, 'n', ['0', '1', 'note']])
  await check('numbers', () => [Array.isArray(numbers), numbers.length, numbers[10], Object.is(numbers[7], -0)], [
    true,
    1000,
    10 / 3,
    true,
  ])
  await check('cycle', () => self[1] === self, true)
})

test('long arrays keep properties beside their elements', async () => {
  const list = Object.assign(
    Array.from({ length: 5000 }, (_, i) => i),
    { unit: 'ms' },
  )
  await check('long', () => [list.length, list[4999], list.unit], [5000, 4999, 'ms'])
})

test('a huge sparse array costs only what it holds', async () => {
  const sparse: number[] = []
  sparse[2 ** 31] = 5
  await check('huge', () => [sparse.length, sparse[2 ** 31]], [2 ** 31 + 1, 5])
})

test('object identity and cycles are kept', async () => {
  const shared = { n: 0 }
  const left = { shared, self: null as unknown }
  const right = { shared, left }
  left.self = left
  await check('identity', () => {
    left.shared.n++
    return [right.shared.n, right.left === left, left.self === left]
  }, [1, true, true])
})

test('frozen, sealed and closed objects stay so', async () => {
  const [frozen, sealed, closed] = [Object.freeze({ a: 1 }), Object.seal({ a: 1 }), Object.preventExtensions({ a: 1 })]
  const list = Object.freeze([1, 2])
  await check(
    'integrity',
    () => [
      Object.isFrozen(frozen),
      Object.isSealed(sealed),
      Object.isFrozen(sealed),
      Object.isExtensible(closed),
      Object.isSealed(closed),
      Object.isFrozen(list),
      frozen.a,
    ],
    [true, true, false, false, false, true, 1],
  )
})

test('getters, setters, hidden properties and symbols are kept as they are, and no getter is run', async () => {
  let reads = 0
  const symbol = Symbol('mine')
  const base = {
    [symbol]: 1,
    get lazy(): number {
      reads++
      return 7
    },
    stored: 0,
    set store(value: number) {
      this.stored = value
    },
  }
  Object.defineProperty(base, 'hidden', { value: 3 })
  await check('accessors', () => {
    base.store = 9
    return [base[symbol], base.lazy, base.stored, Object.keys(base), (base as { hidden?: number }).hidden]
  }, [1, 7, 9, ['lazy', 'stored', 'store'], 3])
  expect(reads).toBe(0)
})

test('well-known and registered symbols are the worker’s own; a local one stays one with itself', async () => {
  const local = Symbol('x')
  const [a, b, registered] = [{ s: local }, { s: local }, Symbol.for('kindling.test')]
  const iterable = {
    *[Symbol.iterator]() {
      yield 1
    },
  }
  await check(
    'symbols',
    () => [a.s === b.s, a.s.description, registered === Symbol.for('kindling.test'), [...iterable]],
    [true, 'x', true, [1]],
  )
})

test('null prototypes, own __proto__ keys and prototypes that are objects', async () => {
  const bare = Object.assign(Object.create(null) as Record<string, number>, { a: 1 })
  const tricky = JSON.parse('{"__proto__": {"x": 1}, "y": 2}') as Record<string, unknown>
  const child = Object.create({ inherited: 5 }) as { inherited: number }
  await check(
    'prototypes',
    () => [
      Object.getPrototypeOf(bare),
      bare['a'],
      Object.hasOwn(tricky, '__proto__'),
      Object.getPrototypeOf(tricky) === Object.prototype,
      child.inherited,
    ],
    [null, 1, true, true, 5],
  )
})

test('errors keep class, message, stack, cause and own fields', async () => {
  const error = Object.assign(new RangeError('far', { cause: new TypeError('near') }), { code: 'E1' })
  const stack = error.stack
  await check(
    'error',
    () => [
      error instanceof RangeError,
      error.message,
      error.code,
      (error.cause as Error).message,
      error.cause instanceof TypeError,
      error.stack,
    ],
    [true, 'far', 'E1', 'near', true, stack],
  )
})

test('boxed primitives, URLs, search parameters, text coders', async () => {
  const [boxed, url, search] = [Object('ab') as object, new URL('http://x.y/z?q=1'), new URLSearchParams('a=1&a=2')]
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder('latin1', { fatal: true })]
  await check(
    'platform',
    () => [
      typeof boxed,
      String(boxed),
      url.searchParams.get('q'),
      search.getAll('a'),
      encoder.encode('é').length,
      decoder.encoding,
      decoder.fatal,
    ],
    ['object', 'ab', '1', ['1', '2'], 2, 'windows-1252', true],
  )
})

test('Intl objects are made again with the same options', async () => {
  const money = new Intl.NumberFormat('de-DE', { style: 'currency', currency: 'EUR' })
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'Asia/Tokyo' })
  const order = new Intl.Collator('sv', { sensitivity: 'base' })
  const expected = [money.format(1234.5), day.format(0), order.compare('a', 'A')]
  await check('intl', () => [money.format(1234.5), day.format(0), order.compare('a', 'A')], expected)
})

test('a bundle of large values is small beside its bytes', async () => {
  const { capture } = await import('./travel.ts')
  const numbers = Array.from({ length: 100_000 }, (_, i) => i)
  const { bundle } = await capture(() => numbers.length)
  expect(JSON.stringify({ ...bundle, bytes: [], scripts: [] }).length).toBeLessThan(1000)
  expect(bundle.bytes[0]?.byteLength).toBe(800_000)
})

test('a list of a hundred thousand links does not overflow the stack', async () => {
  let list: { next: unknown } | null = null
  for (let i = 0; i < 100_000; i++) list = { next: list }
  const head = list
  await check(
    'links',
    () => {
      let count = 0
      for (let at: { next: unknown } | null = head; at; at = at.next as { next: unknown } | null) count++
      return count
    },
    100_000,
  )
})

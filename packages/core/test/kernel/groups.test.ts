/** Groups and words of the kernel alone, against a Map, `split` and Node's own check of UTF-8. */
import { isUtf8 } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Groups, Stop } from '../../src/kernel/groups.ts'
import { Kernel } from '../../src/kernel/kernel.ts'
import { Random } from '../compile/random.ts'

const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

function groupsOf(kernel: Kernel): Groups {
  if (kernel.groups === null) throw new Error('a kernel without groups')
  kernel.groups.clear()
  return kernel.groups
}

/** Lays keys as texts into column 0 of the rows from 0, and selects these. */
function layTexts(kernel: Kernel, keys: readonly Uint8Array[]): void {
  let at = kernel.layout.BUFFER
  for (const [row, key] of keys.entries()) {
    kernel.memory.set(key, at)
    kernel.texts(0)[2 * row] = at
    kernel.texts(0)[2 * row + 1] = key.length
    kernel.selected[row] = row
    // Texts lie side by side, so that a key that is read too far meets the next one.
    at += key.length
  }
}

test(`keys are numbered as a Map would, through all sizes of the table (FUZZ_SEED=${SEED})`, () => {
  const random = new Random(SEED)
  const kernel = new Kernel({ hasGroups: true })
  for (const isText of [true, false]) {
    const groups = groupsOf(kernel)
    const numbers = new Map<string | number, number>()
    for (let batch = 0; batch < 150; batch++) {
      const keys = Array.from({ length: kernel.layout.MAX_ROWS }, () => {
        const n = random.below(60_000)
        if (!isText) return random.chance(0.01) ? random.pick([-0, Number.NaN, 2 ** 53, -1.5, 5e-324]) : n / 4
        return random.chance(0.2) ? `${'abcdefghijklmnopq'.slice(0, n % 17)}é${n % 40}` : n.toString(36)
      })
      if (isText)
        layTexts(
          kernel,
          keys.map((key) => Buffer.from(String(key))),
        )
      else
        for (const [row, key] of keys.entries()) {
          kernel.numbers(0)[row] = Number(key)
          kernel.selected[row] = row
        }
      expect(groups.find(0, isText, 0, keys.length)).toBe(keys.length)
      expect(groups.stop).toBe(Stop.none)
      const expected = keys.map((key) => {
        // A Map has one zero and one NaN.
        const number = numbers.get(key) ?? numbers.size
        numbers.set(key, number)
        return number
      })
      expect([...groups.groupOf.subarray(0, keys.length)]).toEqual(expected)
    }
    expect(groups.count).toBe(numbers.size)
    expect(groups.count).toBeGreaterThan(30_000)
    for (const [key, number] of numbers) expect(groups.keyAt(number, isText)).toBe(Object.is(key, -0) ? 0 : key)
  }
})

test('a key that was claimed is left, and a claim takes the number of its key', () => {
  const kernel = new Kernel({ hasGroups: true })
  const groups = groupsOf(kernel)
  layTexts(
    kernel,
    ['a', 'b', 'long enough for a hash', 'b'].map((key) => Buffer.from(key)),
  )
  expect(groups.find(0, true, 0, 3)).toBe(3)
  expect(groups.claim('b')).toBe(1)
  expect(groups.claim('long enough for a hash')).toBe(2)
  expect(groups.claim('new')).toBe(3)
  expect(groups.count).toBe(4)
  expect([...groups.isClaimed.subarray(0, 4)]).toEqual([0, 1, 1, 1])
  expect(groups.find(0, true, 3, 4)).toBe(3)
  expect(groups.stop).toBe(Stop.odd)
  expect(groups.claim('x'.repeat(1_000_000))).toBe(-1)
})

test('a full table says so, and holds what it held', () => {
  const kernel = new Kernel({ hasGroups: true })
  const groups = groupsOf(kernel)
  const { MAX_ROWS, MAX_GROUPS } = kernel.layout
  let next = 0
  for (;;) {
    for (let row = 0; row < MAX_ROWS; row++) {
      kernel.numbers(0)[row] = next + row
      kernel.selected[row] = row
    }
    const end = groups.find(0, false, 0, MAX_ROWS)
    next += end
    if (end < MAX_ROWS) break
  }
  expect([next, groups.stop, groups.count]).toEqual([MAX_GROUPS, Stop.full, MAX_GROUPS])
  expect(groups.keyAt(MAX_GROUPS - 1, false)).toBe(MAX_GROUPS - 1)
})

test('texts are keys exactly where Node says that they are UTF-8', () => {
  const kernel = new Kernel({ hasGroups: true })
  const byte = fc.oneof(
    fc.constantFrom(
      0x00,
      0x41,
      0x7f,
      0x80,
      0x8f,
      0x90,
      0x9f,
      0xa0,
      0xbf,
      0xc0,
      0xc1,
      0xc2,
      0xdf,
      0xe0,
      0xe1,
      0xec,
      0xed,
      0xee,
      0xef,
    ),
    fc.constantFrom(0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff),
    fc.integer({ min: 0, max: 255 }),
  )
  const text = fc.oneof(
    fc.array(byte, { maxLength: 5 }).map((bytes) => Uint8Array.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 20 }).map((each) => Buffer.from(each)),
  )
  fc.assert(
    fc.property(text, (key) => {
      const groups = groupsOf(kernel)
      // What lies behind the key must not complete it.
      layTexts(kernel, [key, Uint8Array.of(0x80, 0x80, 0x80)])
      expect(groups.find(0, true, 0, 1) === 1).toBe(isUtf8(key))
    }),
    { numRuns: 20_000, seed: SEED },
  )
})

test('lines are cut into words as split cuts them', () => {
  const kernel = new Kernel()
  const { BUFFER, MAX_ROWS } = kernel.layout
  const line = fc.array(fc.constantFrom(' ', '  ', '\t', '\v', '\f', 'a', 'é', 'word', '0123456789abcdef', ','), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(' ', ',', 'a', '\t', null),
      (lines, separator) => {
        const texts = lines.map((parts) => parts.join(''))
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''))
        kernel.memory.set(bytes, BUFFER)
        // What lies behind them is none of theirs.
        kernel.memory.fill(' ,\n', BUFFER + bytes.length, BUFFER + bytes.length + 64)
        const words: string[] = []
        let ended = 0
        for (let at = BUFFER; at < BUFFER + bytes.length; ) {
          // Batches that end anywhere.
          const count = kernel.words(at, BUFFER + bytes.length, separator, words.length % 7 === 0 ? 3 : MAX_ROWS)
          for (let row = 0; row < count; row++) {
            const from = kernel.texts(0)[2 * row] ?? 0
            words.push(kernel.text(from, from + (kernel.texts(0)[2 * row + 1] ?? 0)))
          }
          ended += kernel.endedLines
          at = kernel.rows[count] ?? 0
        }
        expect(words).toEqual(texts.flatMap((text) => text.split(separator ?? /\s+/)))
        expect(ended).toBe(lines.length)
      },
    ),
    { numRuns: 3000, seed: SEED },
  )
})

test('whitespace outside of ASCII is found, and no other character', () => {
  const kernel = new Kernel()
  const { BUFFER } = kernel.layout
  for (let code = 0; code <= 0xffff; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const text = `ab${String.fromCodePoint(code)}c`
    const size = kernel.memory.write(text, BUFFER)
    if (kernel.hasWideSpace(BUFFER, BUFFER + size) !== (code > 0x7f && /\s/.test(text)))
      expect.fail(`U+${code.toString(16)}`)
  }
})

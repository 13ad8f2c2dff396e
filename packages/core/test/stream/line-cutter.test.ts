import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineCutter } from '../../src/stream/line-cutter.ts'

/** The lines of `bytes`, handed over in pieces that begin at `cuts`. */
function cut(bytes: Buffer, cuts: readonly number[] = []): string[] {
  const lines: string[] = []
  const cutter = createLineCutter((line) => lines.push(line) > 0)
  const borders = [0, ...cuts.map((at) => at % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  borders.forEach((start, index) => cutter.write(bytes.subarray(start, borders[index + 1])))
  cutter.end()
  return lines
}

test.each([
  ['nothing is no line', '', []],
  ['a line end alone is an empty line', '\n', ['']],
  ['a last line needs no end', 'a\nb', ['a', 'b']],
  ['a last end begins no line', 'a\nb\n', ['a', 'b']],
  ['CRLF ends a line', 'a\r\nb\r\n\r\n', ['a', 'b', '']],
  ['a CR alone is text', 'a\rb\r', ['a\rb\r']],
])('%s', (_title, text, lines) => {
  expect(cut(Buffer.from(text))).toEqual(lines)
})

test('any bytes in any pieces are the lines of the whole text', () => {
  const bytes = fc.array(fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x61, 0xe2, 0x82, 0xac, 0xf0, 0x9f), fc.nat(255)))
  fc.assert(
    fc.property(bytes, fc.array(fc.nat()), (values, cuts) => {
      const whole = Buffer.from(values)
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole)
      const expected = text
        .split('\n')
        .map((line, index, all) => (index < all.length - 1 ? line.replace(/\r$/, '') : line))
      if (expected.at(-1) === '') expected.pop()
      expect(cut(whole, cuts)).toEqual(expected)
    }),
    { numRuns: 1000 },
  )
})

test('nothing is pushed after a line was refused', () => {
  const lines: string[] = []
  const cutter = createLineCutter((line) => lines.push(line) < 2)
  expect(cutter.write(Buffer.from('a\nb\nc\nd'))).toBe(false)
  expect(cutter.write(Buffer.from('e\n'))).toBe(false)
  expect(cutter.end()).toBe(false)
  expect(lines).toEqual(['a', 'b'])
})

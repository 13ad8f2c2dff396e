/** Lines of text files: the same whatever the splits and chunks, and every input that can't be read says why. */
import { appendFileSync, truncateSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { lineNumberAt } from '../../src/io/line-number.ts'
import { openLines } from '../../src/io/lines.ts'
import type { RowSource } from '../../src/io/row-source.ts'
import type { LinesSplit } from '../../src/plan/source.ts'
import type { Place } from '../../src/plan/task.ts'
import { freshFile, messageOf, rowsOf, stampOf, wholeSplit } from './fresh.ts'

interface PlacedLine extends Place {
  text: string
  preview: string | null
}

/** The plain form: the lines of a text, with the offsets of their bytes. */
function modelLines(bytes: Buffer, path: string): PlacedLine[] {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const lines: PlacedLine[] = []
  let start = bytes.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0
  for (let at = start; at <= bytes.length; at++) {
    const isCr = bytes[at] === 13
    if (at < bytes.length && bytes[at] !== 10 && !isCr) continue
    if (at === bytes.length && start === at) break
    const text = decoder.decode(bytes.subarray(start, at))
    lines.push({ path, byteOffset: start, line: lines.length + 1, text, preview: text.slice(0, 200) })
    if (isCr && bytes[at + 1] === 10) at++
    start = at + 1
  }
  return lines
}

function placedLines(split: LinesSplit, chunkBytes: number): PlacedLine[] {
  const source = openLines(split, { chunkBytes })
  const lines: PlacedLine[] = []
  const push = (row: unknown): boolean => {
    const place = source.place()
    if (place === null) throw new Error('a pushed row has a place')
    return lines.push({ ...place, text: row as string, preview: source.preview() }) > 0
  }
  while (source.advance(push));
  expect(source.rowsRead).toBe(lines.length)
  source.close()
  return lines
}

function splitEvery(path: string, splitBytes: number): LinesSplit[] {
  const stamp = stampOf(path)
  const splits: LinesSplit[] = []
  for (let start = 0; start < stamp.sizeBytes; start += splitBytes) {
    splits.push({
      type: 'lines',
      path,
      start,
      end: Math.min(start + splitBytes, stamp.sizeBytes),
      compression: 'none',
      stamp,
    })
  }
  return splits
}

/** Bytes in which line ends, byte order marks, long characters and broken ones are frequent. */
const bytes = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(
          '\n',
          '\r',
          '\r\n',
          '\n\r',
          'a',
          'line',
          ',',
          '\u2028',
          '\u0085',
          '\v\f',
          'é',
          '漢',
          '😀',
          '\ufeff',
        )
        .map((part) => Buffer.from(part)),
      fc
        .constantFrom([0xef], [0xbb], [0xbf], [0xff, 0xfe], [0xf0, 0x9f], [0xc3], [0x80], [0xed, 0xa0, 0x80], [0])
        .map((part) => Buffer.from(part)),
    ),
    { maxLength: 24 },
  )
  .chain((parts) =>
    fc.boolean().map((hasMark) => Buffer.concat([...(hasMark ? [Buffer.from('\ufeff')] : []), ...parts])),
  )

describe('the lines of a text', () => {
  test('are the same, at their exact places, for any bytes, splits and chunks', () => {
    const path = freshFile('lines.txt', '')
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 9 }),
        (content, splitBytes, chunk) => {
          fc.pre(!content.subarray(0, 3).equals(Buffer.from([0x1f, 0x8b, 0x08])))
          writeFileSync(path, content)
          const lines = splitEvery(path, splitBytes).flatMap((split) => placedLines(split, chunk))
          expect(lines).toEqual(modelLines(content, path))
        },
      ),
      { numRuns: 1500 },
    )
  })

  test('come through gzip the same, for any chunk', () => {
    const path = freshFile('lines.txt.gz', '')
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 9 }), (content, chunk) => {
        writeFileSync(path, gzipSync(content))
        const lines = placedLines(wholeSplit(path), chunk)
        expect(lines).toEqual(modelLines(content, path).map((line) => ({ ...line, byteOffset: -1 })))
      }),
      { numRuns: 300 },
    )
  })

  test('are cut at LF, CRLF and CR, and at nothing else', () => {
    const path = freshFile('a.txt', 'a\nb\r\nc\rd\u2028e\u0085f\vg\fh\n\n\r\n\r\ri')
    expect(rowsOf(openLines(wholeSplit(path)))).toEqual(['a', 'b', 'c', 'd\u2028e\u0085f\vg\fh', '', '', '', '', 'i'])
  })

  test('lose the byte order mark of the file, also when the first split ends inside it', () => {
    const path = freshFile('a.txt', '\ufeffa\n\ufeffb')
    const lines = splitEvery(path, 2).flatMap((split) => rowsOf(openLines(split)))
    expect(lines).toEqual(['a', '\ufeffb'])
    expect(rowsOf(openLines(wholeSplit(freshFile('b.txt', '\ufeff'))))).toEqual([])
    expect(rowsOf(openLines(wholeSplit(freshFile('c.txt', '\ufeff\n'))))).toEqual([''])
  })

  test('get one U+FFFD for each maximal ill-formed part, as from TextDecoder', () => {
    const content = Buffer.from([0xff, 0xfe, 0x61, 0xf0, 0x9f, 0x98, 0x62, 0xed, 0xa0, 0x80, 0xc3, 0x0a, 0xe2, 0x82])
    const path = freshFile('a.txt', content)
    expect(rowsOf(openLines(wholeSplit(path)))).toEqual(['��a�b����', '�'])
  })

  test('of an empty file are none', () => {
    expect(rowsOf(openLines(wholeSplit(freshFile('a.txt', ''))))).toEqual([])
  })

  test('are whole when one is 200 MB long, and the ones around it too', () => {
    const long = Buffer.alloc(200_000_000, 'x')
    const path = freshFile('a.txt', Buffer.concat([Buffer.from('first\n'), long, Buffer.from('\nlast\n')]))
    const lengths = splitEvery(path, 50_000_000).map((split) =>
      rowsOf(openLines(split)).map((line) => String(line).length),
    )
    expect(lengths).toEqual([[5, 200_000_000], [], [], [], [4]])
  })

  test('are searched for once, also where the last one goes on long behind its split', () => {
    const path = freshFile('a.txt', `${'x'.repeat(8_000_000)}\nlast\n`)
    let searchedBytes = 0
    const search = Buffer.prototype.indexOf
    const spy = vi.spyOn(Buffer.prototype, 'indexOf').mockImplementation(function (this: Buffer, ...given) {
      searchedBytes += this.length
      return search.apply(this, given)
    })
    const [first] = splitEvery(path, 1_000_000)
    if (first === undefined) throw new Error('the file has splits')
    expect(rowsOf(openLines(first)).map((line) => String(line).length)).toEqual([8_000_000])
    spy.mockRestore()
    // For LF and for CR.
    expect(searchedBytes).toBeGreaterThan(8_000_000)
    expect(searchedBytes).toBeLessThan(4 * 8_000_000)
  })

  test('end the reading when a row is refused', () => {
    const source = openLines(wholeSplit(freshFile('a.txt', 'a\nb\nc\n')))
    const rows: unknown[] = []
    expect(source.advance((row) => rows.push(row) < 2)).toBe(false)
    expect(source.advance((row) => rows.push(row) < 9)).toBe(false)
    expect(rows).toEqual(['a', 'b'])
    source.close()
  })

  test('know their place after a function threw, in a later split too', () => {
    const path = freshFile('a.txt', 'one\r\ntwo\rthree\nfour\nfive\n')
    const stamp = stampOf(path)
    const open = (): RowSource =>
      openLines({ type: 'lines', path, start: 6, end: stamp.sizeBytes, compression: 'none', stamp }, { chunkBytes: 8 })
    const [source, other] = [open(), open()]
    const push = (row: unknown): boolean => {
      if (row === 'four') throw new Error('four')
      return true
    }
    for (const one of [source, other]) {
      expect(() => {
        while (one.advance(push));
      }).toThrow('four')
    }
    expect(source.place()).toEqual({ path, byteOffset: 15, line: 4 })
    expect(source.preview()).toBe('four')
    // Nobody can count the lines of a file that is gone.
    unlinkSync(path)
    expect(other.place()).toEqual({ path, byteOffset: 15, line: 0 })
    source.close()
    other.close()
  })

  test('are numbered by counting the file again in pieces, a CR LF across two of them once', () => {
    const path = freshFile('a.txt', `${'x'.repeat(1024 * 1024 - 1)}\r\nsecond\rthird\n`)
    expect(lineNumberAt(path, 1024 * 1024 + 1)).toBe(2)
    expect(lineNumberAt(path, 1024 * 1024 + 8)).toBe(3)
    expect(lineNumberAt(path, 0)).toBe(1)
  })

  test('count the bytes that were read', () => {
    const source = openLines(wholeSplit(freshFile('a.txt', 'a\nb\n')))
    while (source.advance(() => true));
    expect(source.bytesRead).toBe(4)
    source.close()
  })
})

describe('a file that is not what it was', () => {
  const read = (path: string, split: LinesSplit): string =>
    messageOf(() => rowsOf(openLines(split, { chunkBytes: 16 }))).replace(path, 'FILE')

  test('is refused when it grew, shrank, was touched or is gone', () => {
    const path = freshFile('a.txt', 'a\nb\n')
    const split = wholeSplit(path)
    appendFileSync(path, 'c\n')
    const advice = 'Run the job again when nothing writes to it.'
    expect(read(path, split)).toBe(`DataError: FILE: changed while reading (4 bytes then, 6 now). ${advice}`)
    truncateSync(path, 3)
    expect(read(path, split)).toBe(`DataError: FILE: changed while reading (4 bytes then, 3 now). ${advice}`)
    writeFileSync(path, 'x\ny\n')
    utimesSync(path, 1, 1)
    expect(read(path, split)).toBe(`DataError: FILE: changed while reading (it was written to). ${advice}`)
    unlinkSync(path)
    expect(read(path, split)).toBe(`DataError: FILE: changed while reading (it is gone). ${advice}`)
  })

  test('is refused when it shrinks while it is read, and when it is written to until its last row', () => {
    const content = 'line\n'.repeat(100)
    const path = freshFile('a.txt', content)
    const change = (how: () => void): string => {
      writeFileSync(path, content)
      const source = openLines(wholeSplit(path), { chunkBytes: 16 })
      let isChanged = false
      const message = messageOf(() => {
        while (
          source.advance(() => {
            if (!isChanged) how()
            isChanged = true
            return true
          })
        );
      })
      source.close()
      return message
    }
    expect(change(() => truncateSync(path, 50))).toContain(
      'changed while reading (it ends at byte 50, before byte 500)',
    )
    expect(change(() => appendFileSync(path, 'more\n'))).toContain('changed while reading (500 bytes then, 505 now)')
  })
})

describe('a line that no string can hold', () => {
  test('is an error with its path and byte', () => {
    const path = freshFile('a.txt', `ok\n${'x'.repeat(100)}\n`)
    expect(messageOf(() => rowsOf(openLines(wholeSplit(path), { chunkBytes: 16, maxLineBytes: 64 })))).toBe(
      `DataError: ${path}: the line at byte 3 is longer than 64 bytes, the most that a string can hold. Cut the file into lines first.`,
    )
  })
})

describe('compressed files', () => {
  const check = (name: string, content: Uint8Array): string => {
    const path = freshFile(name, content)
    return messageOf(() => rowsOf(openLines(wholeSplit(path)))).replace(path, 'FILE')
  }
  const packed = gzipSync(Buffer.from(Array.from({ length: 50_000 }, (_, i) => `row ${i * 7919}\n`).join('')))

  test('of several members are read on, wherever the members meet, and zeros after them are padding', () => {
    const members = Array.from({ length: 40 }, (_, i) => gzipSync(Buffer.alloc(i * 500, `${i % 10}`)))
    const random = gzipSync(Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * i * 31) % 251)), { level: 0 })
    const content = Buffer.concat([...members, random.subarray(0), gzipSync('\nlast'), Buffer.alloc(100_000)])
    const path = freshFile('a.gz', content)
    expect(rowsOf(openLines(wholeSplit(path))).at(-1)).toBe('last')
    // A member that ends exactly where the reader's input buffer does, with another one or padding behind it.
    for (const tail of [gzipSync('b\n'), Buffer.alloc(5), Buffer.alloc(0)]) {
      const header = gzipSync(Buffer.alloc(0), { level: 0 }).length
      let filler = Buffer.alloc(65536 - header, 10)
      while (gzipSync(filler, { level: 0 }).length > 65536) filler = filler.subarray(1)
      const member = gzipSync(filler, { level: 0 })
      expect(member.length).toBe(65536)
      const rows = rowsOf(openLines(wholeSplit(freshFile('b.gz', Buffer.concat([member, tail])))))
      expect(rows.filter((row) => row !== '')).toEqual(tail.length > 5 ? ['b'] : [])
      expect(rows.length).toBe(filler.length + (tail.length > 5 ? 1 : 0))
    }
  })

  test('that expand a thousandfold are read in little memory', () => {
    const path = freshFile('bomb.gz', gzipSync(Buffer.alloc(300_000_000, `${'0'.repeat(99)}\n`)))
    const before = process.memoryUsage().rss
    let count = 0
    let peak = 0
    const source = openLines(wholeSplit(path))
    while (source.advance(() => ++count > 0)) peak = Math.max(peak, process.memoryUsage().rss)
    source.close()
    expect(count).toBe(3_000_000)
    expect(peak - before).toBeLessThan(150_000_000)
  })

  test('that were cut short or damaged are errors with their path', () => {
    expect(check('a.gz', packed.subarray(0, packed.length - 30))).toMatch(
      /^DataError: FILE: the gzip data is cut short \(unexpected end of file, Z_BUF_ERROR\) at or before byte \d+\. Replace it\.$/,
    )
    const flipped = Buffer.from(packed)
    for (let at = 30_000; at < 30_020; at++) flipped[at] = 0xff - (flipped[at] ?? 0)
    expect(check('a.gz', flipped)).toMatch(
      /^DataError: FILE: the gzip data is corrupt \(.*Z_DATA_ERROR\) at or before byte \d+\. Replace it\.$/,
    )
    expect(check('a.gz', Buffer.concat([packed, Buffer.from('trailing')]))).toContain(
      'the gzip data is corrupt (incorrect header check',
    )
    expect(check('a.gz', Buffer.concat([packed, Buffer.alloc(9), Buffer.from('x')]))).toContain(
      'the gzip data is corrupt (something follows the data, after padding)',
    )
    expect(check('a.gz', packed.subarray(0, 1))).toContain('is cut short')
  })

  test('that are not what their name says are errors that say what they are', () => {
    expect(check('a.gz', Buffer.from('{"a": 1}\n'))).toBe(
      'DataError: FILE: is named .gz but is not gzip (it begins with 7b 22 61 22). Rename it without .gz, or compress it.',
    )
    expect(check('a.gz', Buffer.alloc(0))).toBe(
      'DataError: FILE: is named .gz but is empty, without so much as a gzip header. Remove it.',
    )
    expect(check('a.txt', packed)).toBe(
      'DataError: FILE: is compressed with gzip, not text. Give it a name that ends in .gz, and it is decompressed as it is read.',
    )
    expect(check('a.txt', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0]))).toBe(
      'DataError: FILE: is compressed with zstd, not text. Give it a name that ends in .zst, and it is decompressed as it is read.',
    )
    expect(check('a.txt', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]))).toBe(
      'DataError: FILE: is compressed with xz, not text. That is not read: decompress it first (unxz).',
    )
    expect(check('a.txt', Buffer.from('BZh91AY&SY....'))).toContain('is compressed with bzip2')
    expect(check('a.gz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1]))).toContain('is named .gz but is xz')
  })
})

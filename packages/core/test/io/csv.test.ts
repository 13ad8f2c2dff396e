/** CSV: any records come back from any splits and chunks, and what is read is what a well-known parser reads. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openCsv } from '../../src/io/csv-rows.ts'
import { openCsvWriter } from '../../src/io/csv-writer.ts'
import { splitSource } from '../../src/io/plan-splits.ts'
import { BadRecord } from '../../src/plan/bad-row.ts'
import type { CsvDialect } from '../../src/plan/csv-dialect.ts'
import type { CsvSplit } from '../../src/plan/source.ts'
import { freshDirectory, freshFile, messageOf, rowsOf } from './fresh.ts'

const PLAIN: CsvDialect = { delimiter: ',', quote: '"', header: false, columns: null }
const HEADED: CsvDialect = { ...PLAIN, header: true }

/** The splits of a file, in as many parts. */
function splitsOf(path: string, parts: number, dialect: CsvDialect): readonly CsvSplit[] {
  const list = splitSource({ type: 'csv', paths: [path], minPartitions: parts, dialect }, 'csv', 1)
  return Array.from({ length: list.count }, (_, i) => list.at(i) as CsvSplit)
}

/** The rows of a file, cut into parts and read a few bytes at a time. */
function read(path: string, parts: number = 1, dialect: CsvDialect = PLAIN, chunkBytes: number = 65536): unknown[] {
  return splitsOf(path, parts, dialect).flatMap((split) => rowsOf(openCsv(split, { chunkBytes })))
}

/** A writer that quotes when it must, and when it need not. */
function textOf(records: readonly (readonly string[])[], lineEnd: string, quoteAll: boolean): string {
  const field = (text: string): string =>
    quoteAll || text === '' || /[",\r\n\ufeff]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  return records.map((record) => record.map(field).join(',') + lineEnd).join('')
}

const fields = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', 'é', '😀', ' ', '\ufeff') }),
  fc.string({ unit: 'grapheme' }),
)
/** A lone surrogate has no UTF-8. */
const isWhole = (text: string): boolean => !/\p{Cs}/u.test(text)

const records = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(fields, { minLength: width, maxLength: width }), { minLength: 1 }))

describe('records', () => {
  test('come back from any number of splits and any size of chunk, whatever is in them', () => {
    const root = freshDirectory()
    let count = 0
    fc.assert(
      fc.property(
        records,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 16, max: 40 }),
        (rows, lineEnd, quoteAll, parts, chunkBytes) => {
          const path = join(root, `${count++}.csv`)
          writeFileSync(path, textOf(rows, lineEnd, quoteAll))
          expect(read(path, parts, PLAIN, chunkBytes)).toEqual(rows)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('are what csv-parse reads, of any text that it reads', () => {
    const root = freshDirectory()
    let count = 0
    let compared = 0
    const texts = fc.string({ unit: fc.constantFrom('a', 'b', '"', '"', ',', '\n', '\r\n'), maxLength: 60 })
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 20 }), (text, parts) => {
        const path = join(root, `${count++}.csv`)
        writeFileSync(path, text)
        let theirs: string[][]
        try {
          theirs = parse(text, { relax_column_count: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] })
        } catch {
          return
        }
        compared++
        const width = theirs[0]?.length
        expect(read(path, parts)).toEqual(
          theirs.map((row) =>
            row.length === width ? row : new BadRecord(`expected ${width} fields, got ${row.length}`),
          ),
        )
      }),
      { numRuns: 2000 },
    )
    expect(compared).toBeGreaterThan(500)
  })

  test('of a compressed file are those of the file', () => {
    const text = textOf(
      [
        ['a', 'b\nc'],
        ['d', 'e'],
      ],
      '\r\n',
      false,
    )
    expect(read(freshFile('a.csv.gz', gzipSync(text)), 5)).toEqual([
      ['a', 'b\nc'],
      ['d', 'e'],
    ])
  })

  test('are cut at record ends only: a quoted field longer than a split leaves splits empty', () => {
    const path = freshFile('a.csv', `a,"${'x\n'.repeat(500)}"\nb,c\n`)
    const splits = splitsOf(path, 10, PLAIN)
    expect(splits.length).toBe(10)
    expect(splits.map((split) => rowsOf(openCsv(split)).length)).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1])
  })

  test('are found for a split that is asked for before those ahead of it', () => {
    const path = freshFile('a.csv', Array.from({ length: 100 }, (_, i) => `${i},"x\n"\n`).join(''))
    const list = splitSource({ type: 'csv', paths: [path], minPartitions: 7, dialect: PLAIN }, 'csv', 1)
    const last = list.at(6) as CsvSplit
    expect(list.at(3)).toEqual(splitsOf(path, 7, PLAIN)[3])
    expect(last).toEqual(splitsOf(path, 7, PLAIN)[6])
  })
})

describe('the header', () => {
  test('names the fields of each record, in every split of a file', () => {
    const path = freshFile('a.csv', `id,name\n${Array.from({ length: 50 }, (_, i) => `${i},n${i}\n`).join('')}`)
    expect(read(path, 9, HEADED)).toEqual(Array.from({ length: 50 }, (_, i) => ({ id: String(i), name: `n${i}` })))
  })

  test('may hold names that JavaScript has for itself', () => {
    const path = freshFile('a.csv', '__proto__,constructor,toString,length,\n1,2,3,4,5\n')
    const [row] = read(path, 1, HEADED) as [object]
    expect(Object.entries(row)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['toString', '3'],
      ['length', '4'],
      ['', '5'],
    ])
    expect(Object.getPrototypeOf(row)).toBe(Object.prototype)
  })

  test('may be as wide as ten thousand columns', () => {
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`)
    const path = freshFile('a.csv', `${names.join(',')}\n${names.map((_, i) => i).join(',')}\n`)
    const [row] = read(path, 1, HEADED) as [Record<string, string>]
    expect([Object.keys(row).length, row['c9999']]).toEqual([10_000, '9999'])
  })

  test('is refused when it names a column twice, or has a damaged field', () => {
    const twice = freshFile('a.csv', 'a,b,a\n1,2,3\n')
    expect(messageOf(() => read(twice, 1, HEADED))).toBe(
      `DataError: ${twice}: the header is wrong: it names the column "a" twice. Correct it, or pass { columns }`,
    )
    expect(messageOf(() => read(freshFile('b.csv', '"a"x,b\n1,2\n'), 1, HEADED))).toContain('closing quote of field 1')
  })

  test('of a file without more gives no rows, and so does an empty file, one of blank lines, and one of a byte order mark', () => {
    for (const text of ['a,b\n', 'a,b', '', '\n\r\n\n', '\ufeff']) {
      expect(read(freshFile('a.csv', text), 3, HEADED)).toEqual([])
    }
  })

  test('is replaced by columns, which must be as many', () => {
    const path = freshFile('a.csv', 'a,b\n1,2\n')
    expect(read(path, 1, { ...HEADED, columns: ['x', 'y'] })).toEqual([{ x: '1', y: '2' }])
    expect(read(path, 1, { ...PLAIN, columns: ['x', 'y'] })).toEqual([
      { x: 'a', y: 'b' },
      { x: '1', y: '2' },
    ])
    expect(messageOf(() => read(path, 1, { ...HEADED, columns: ['x'] }))).toContain(
      'it has 2 fields, and { columns } names 1',
    )
  })

  test('may follow a byte order mark, quoted or not', () => {
    expect(read(freshFile('a.csv', '\ufeffa,b\n1,2\n'), 1, HEADED)).toEqual([{ a: '1', b: '2' }])
    expect(read(freshFile('b.csv', '\ufeff"a",b\n1,2\n'), 3, HEADED)).toEqual([{ a: '1', b: '2' }])
  })
})

describe('a bad record', () => {
  test('of too few or too many fields, or text after a quote, is told apart, and the next is read', () => {
    const path = freshFile('a.csv', 'a,b\n1\n2,3,4\n"5"x,6\n7,8\n')
    expect(read(path, 1, HEADED)).toEqual([
      new BadRecord('expected 2 fields, got 1'),
      new BadRecord('expected 2 fields, got 3'),
      new BadRecord('text follows the closing quote of field 1'),
      { a: '7', b: '8' },
    ])
  })

  test('has a place: its line and byte, past quoted line ends, blank lines and CR LF, in any chunk and split', () => {
    const text = 'a,b\r\n"x\r\ny",1\r\n\r\n"p\nq"\r\n2,"é\r"\r\nbad\r\n'
    const path = freshFile('a.csv', text)
    for (const parts of [1, 3, 20]) {
      for (const chunkBytes of [16, 17, 20, 65536]) {
        const places = splitsOf(path, parts, PLAIN).flatMap((split) => {
          const source = openCsv(split, { chunkBytes })
          const found: unknown[] = []
          try {
            while (
              source.advance((row) => {
                if (row instanceof BadRecord)
                  found.push([source.place()?.line, source.place()?.byteOffset, source.preview()])
                return true
              })
            );
          } finally {
            source.close()
          }
          return found
        })
        expect(places).toEqual([
          [5, text.indexOf('"p'), '"p\nq"'],
          [9, Buffer.byteLength(text.slice(0, text.indexOf('bad'))), 'bad'],
        ])
      }
    }
  })

  test('that opens a quote and never closes it is an error, with the line on which it begins', () => {
    for (const [text, line, byteOffset] of [
      ['a,b\n1,2\n3,"4\n5,6\n', 3, 8],
      ['"a', 1, 0],
    ] as const) {
      const path = freshFile('a.csv', text)
      const source = openCsv(splitsOf(path, 1, HEADED)[0] as CsvSplit)
      const readAll = (): void => {
        while (source.advance(() => true));
      }
      expect(messageOf(readAll)).toContain('a quote that opens in this record is never closed')
      expect(source.place()).toEqual({ path, byteOffset, line })
      source.close()
    }
  })

  test('without quotes in the dialect, quotes are characters', () => {
    const path = freshFile('a.csv', 'a,"b\n"c,d\n')
    expect(read(path, 3, { ...PLAIN, quote: null })).toEqual([
      ['a', '"b'],
      ['"c', 'd'],
    ])
  })

  test('longer than may be is an error that thinks of quotes', () => {
    const path = freshFile('a.csv', `a,"${'x'.repeat(1000)}"\n`)
    const source = openCsv(splitsOf(path, 1, PLAIN)[0] as CsvSplit, { chunkBytes: 16, maxLineBytes: 100 })
    expect(messageOf(() => source.advance(() => true))).toBe(
      `DataError: ${path}: the record at byte 0 is longer than 100 bytes, the most that a string can hold. Is a quote never closed?`,
    )
    source.close()
  })
})

describe('the writer', () => {
  /** What is read of rows that were written. */
  function roundTrip(rows: readonly unknown[], delimiter: string, header: boolean): unknown[] {
    const writer = openCsvWriter({ type: 'csv', header: null, delimiter, columns: null })
    const path = freshFile('a.csv', rows.map((row) => `${writer.lineOf(row)}\n`).join(''))
    return read(path, 3, { ...PLAIN, delimiter, header })
  }

  test('writes what comes back: arrays of any strings', () => {
    const scalar = fields.filter(isWhole)
    const rows = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(scalar, { minLength: width, maxLength: width }), { maxLength: 10 }))
    fc.assert(
      fc.property(rows, fc.constantFrom(',', ';', '\t', '|', ']', '^', '-', '\\', '.'), (data, delimiter) => {
        expect(roundTrip(data, delimiter, false)).toEqual(data)
      }),
      { numRuns: 200 },
    )
  })

  test('writes what comes back: objects with any names', () => {
    const names = fc.uniqueArray(fields.filter(isWhole), { minLength: 1, maxLength: 4 })
    const tables = names.chain((keys) =>
      fc.array(
        fc
          .tuple(...keys.map(() => fields.filter(isWhole)))
          .map((values) => Object.fromEntries(keys.map((key, i) => [key, values[i] as string]))),
        { minLength: 1, maxLength: 5 },
      ),
    )
    fc.assert(
      fc.property(tables, (rows) => {
        expect(roundTrip(rows, ',', true)).toEqual(rows)
      }),
      { numRuns: 100 },
    )
  })

  test('writes null as nothing, dates and objects as text, and a line for a row of one null', () => {
    const line = (row: unknown): string =>
      openCsvWriter({ type: 'csv', header: false, delimiter: ',', columns: null }).lineOf(row)
    expect(line([null, undefined, '', 1.5, 2n, true, Number.NaN])).toBe(',,"",1.5,2,true,NaN')
    expect(line([new Date(0), { a: 1 }, [1, 'x']])).toBe('1970-01-01T00:00:00.000Z,"{""a"":1}","[1,""x""]"')
    expect(line([null])).toBe('""')
  })

  test('writes the columns asked for, in their order, and only a header where there are no rows', () => {
    const writer = openCsvWriter({ type: 'csv', header: null, delimiter: ',', columns: ['b', 'a'] })
    expect(writer.emptyText).toBe('b,a')
    expect(writer.lineOf({ a: 1, b: 2, c: 3 })).toBe('b,a\n2,1')
    expect(writer.lineOf(JSON.parse('{"__proto__": 9}'))).toBe(',')
  })

  test('refuses what would be lost', () => {
    const refused = (...rows: unknown[]): string =>
      messageOf(() => {
        const writer = openCsvWriter({ type: 'csv', header: null, delimiter: ',', columns: null })
        for (const row of rows) writer.lineOf(row)
      })
    expect(refused(1)).toContain('a CSV row is an object or an array, got a number')
    expect(refused(null)).toContain('got null')
    expect(refused(new Map())).toContain('got a Map')
    expect(refused({ a: 1 }, { a: 1, b: 2 })).toContain('"b", which the first row of its part lacks')
    expect(refused([1, 2], [1])).toContain('expected 2 fields')
    expect(refused({ a: 1 }, [1])).toContain('got an array')
    expect(refused([1], { a: 1 })).toContain('got an object')
    expect(refused({})).toContain('an object without properties has no columns')
    expect(refused([])).toContain('an array without items')
    expect(refused([() => 1])).toContain('a function has no text')
    expect(refused([new Date(Number.NaN)])).toContain('an invalid date')
  })
})

/** The contract of CSV: how records become rows, what a bad one does, and what is written. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { z } from 'zod'
import { contract, failure, withFiles } from './engines.ts'

const PEOPLE = 'name,age,note\nAda,36,"first, and\nlast"\r\nBob,,"said ""hi"""\n'

contract('CSV', [
  {
    name: 'rows are objects by the names of the header, their fields strings',
    program: (ctx, directory) => ctx.csv(join(withFiles(directory, { a: PEOPLE }), 'a')).collect(),
    expected: [
      { name: 'Ada', age: '36', note: 'first, and\nlast' },
      { name: 'Bob', age: '', note: 'said "hi"' },
    ],
  },
  {
    name: 'rows are the same in any number of splits, quoted line ends among them',
    program: async (ctx, directory) => {
      const text = `i,text\n${Array.from({ length: 300 }, (_, i) => `${i},"a\n""${i}"",\r\nb"\n`).join('')}`
      const path = join(withFiles(directory, { a: text }), 'a')
      const whole = await ctx.csv(path).collect()
      const counts = []
      for (const minPartitions of [2, 7, 50, 1000]) {
        const rows = ctx.csv(path, { minPartitions })
        counts.push([
          rows.getNumPartitions() >= minPartitions,
          JSON.stringify(await rows.collect()) === JSON.stringify(whole),
        ])
      }
      return [whole.length, whole[299], counts]
    },
    expected: [300, { i: '299', text: 'a\n"299",\r\nb' }, Array.from({ length: 4 }, () => [true, true])],
  },
  {
    name: 'without header rows are arrays, with columns objects',
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { a: '1;x\n2;y\n' }), 'a')
      return [
        await ctx.csv(path, { header: false, delimiter: ';' }).collect(),
        await ctx.csv(path, { header: false, delimiter: ';', columns: ['n', 's'] }).collect(),
        await ctx.csv(path, { delimiter: ';', columns: ['n', 's'] }).collect(),
      ]
    },
    expected: [
      [
        ['1', 'x'],
        ['2', 'y'],
      ],
      [
        { n: '1', s: 'x' },
        { n: '2', s: 'y' },
      ],
      [{ n: '2', s: 'y' }],
    ],
  },
  {
    name: 'each file has its own header, and gzip is read as it is',
    program: (ctx, directory) =>
      ctx.csv(withFiles(directory, { a: 'x,y\n1,2\n', 'b.gz': gzipSync('y,x\n3,4\n'), c: 'x,y\n', d: '' })).collect(),
    expected: [
      { x: '1', y: '2' },
      { y: '3', x: '4' },
    ],
  },
  {
    name: 'a schema makes values of fields',
    program: (ctx, directory) =>
      ctx
        .csv(join(withFiles(directory, { a: PEOPLE }), 'a'), {
          schema: z.object({ name: z.string(), age: z.string().transform((age) => (age === '' ? null : Number(age))) }),
        })
        .collect(),
    expected: [
      { name: 'Ada', age: 36 },
      { name: 'Bob', age: null },
    ],
  },
  {
    name: 'a ragged record fails the job with its line, and says what to do',
    program: (ctx, directory) =>
      ctx.csv(join(withFiles(directory, { 'a.csv': 'a,b\n"x\ny",1\n2\n' }), 'a.csv')).count(),
    expected: failure('DataError', 'csv (', 'expected 2 fields, got 1', 'a.csv:4 (byte 12)', "{ onBadRow: 'skip' }"),
  },
  {
    name: 'bad records and refused rows are skipped and counted, or collected with file, line and text',
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { a: 'n\n1\nx\n2,3\n"4"5\n6\n' }), 'a')
      const schema = z.object({ n: z.coerce.number() })
      const skipped: number[] = []
      const off = ctx.on('jobEnd', (event) => skipped.push(event.rowsSkipped))
      const good = await ctx.csv(path, { schema, onBadRow: 'skip' }).collect()
      off()
      const all = await ctx.csv(path, { schema, onBadRow: 'collect', minPartitions: 3 }).collect()
      return [
        good,
        skipped,
        all.map((row) => (row.ok ? row.value.n : [row.error, row.file === path, row.line, row.text])),
      ]
    },
    expected: [
      [{ n: 1 }, { n: 6 }],
      [3],
      [
        1,
        [expect.stringMatching(/^at \.n: Invalid input/), true, 3, 'x'],
        ['expected 1 fields, got 2', true, 4, '2,3'],
        ['text follows the closing quote of field 1', true, 5, '"4"5'],
        6,
      ],
    ],
  },
  {
    name: 'a quote that is never closed fails the job, whatever is asked of bad rows',
    program: (ctx, directory) =>
      ctx.csv(join(withFiles(directory, { 'a.csv': 'a,b\n1,"2\n3,4\n' }), 'a.csv'), { onBadRow: 'skip' }).count(),
    expected: failure('DataError', 'csv (', 'never closed', 'a.csv:2 (byte 4)', '{ quote: null }'),
  },
  {
    name: 'without quotes, quotes are characters',
    program: (ctx, directory) =>
      ctx.csv(join(withFiles(directory, { a: 'a\n"x\n5" pipe\n' }), 'a'), { quote: null }).collect(),
    expected: [{ a: '"x' }, { a: '5" pipe' }],
  },
  {
    name: 'a header that names a column twice is refused, naming file and column',
    program: (ctx, directory) => ctx.csv(join(withFiles(directory, { 'a.csv': 'a,b,a\n1,2,3\n' }), 'a.csv')).collect(),
    expected: failure('DataError', 'csv (', 'a.csv: the header is wrong', '"a" twice', '{ columns }'),
  },
  {
    name: 'options that cannot be are refused at the verb',
    program: async (ctx) => {
      const messages: string[] = []
      for (const options of [
        { delimiter: ',,' },
        { delimiter: '"' },
        { delimiter: '€' },
        { quote: ',' },
        { quote: '' },
        { columns: ['a', 'a'] },
        { columns: [] },
      ]) {
        try {
          ctx.csv('a', options)
        } catch (error) {
          messages.push((error as Error).message.replace(/ \(.*?\)/, '').replace(/^csv: /, ''))
        }
      }
      return messages
    },
    expected: [
      ...[',,', '\\"', '€'].map(
        (text) => `the delimiter must be one ASCII character other than a quote or a line end, got "${text}"`,
      ),
      ...[',', ''].map(
        (text) => `the quote must be one ASCII character other than the delimiter, or null, got "${text}"`,
      ),
      'the column "a" is named twice',
      'columns must be a list of names, got []',
    ],
  },
])

contract('saveAsCsv', [
  {
    name: 'writes objects under a header in each part, which csv reads',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      const rows = [
        { id: 1, text: 'a,"b"\n' },
        { id: 2, text: '' },
        { id: 3, text: ' é ' },
      ]
      await ctx.parallelize(rows, 2).saveAsCsv(out)
      return [readdirSync(out), readFileSync(join(out, 'part-00000.csv'), 'utf8'), await ctx.csv(out).collect()]
    },
    expected: [
      ['_SUCCESS', 'part-00000.csv', 'part-00001.csv'],
      'id,text\n1,"a,""b""\n"\n',
      [
        { id: '1', text: 'a,"b"\n' },
        { id: '2', text: '' },
        { id: '3', text: ' é ' },
      ],
    ],
  },
  {
    name: 'writes pairs and arrays without header, by any delimiter',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize([['a;b', 1]], 1).saveAsCsv(out, { delimiter: ';' })
      return readFileSync(join(out, 'part-00000.csv'), 'utf8')
    },
    expected: '"a;b";1\n',
  },
  {
    name: 'writes the columns asked for, to empty partitions too, and compresses',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize([{ a: 1, b: null, c: 2 }], 2).saveAsCsv(out, { columns: ['c', 'b'], compression: 'gzip' })
      return [0, 1].map((part) => gunzipSync(readFileSync(join(out, `part-0000${part}.csv.gz`))).toString())
    },
    expected: ['c,b\n', 'c,b\n2,\n'],
  },
  {
    name: 'writes no header when asked not to',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize([{ a: 1 }, { a: 2 }], 1).saveAsCsv(out, { header: false })
      return readFileSync(join(out, 'part-00000.csv'), 'utf8')
    },
    expected: '1\n2\n',
  },
  {
    name: 'refuses a row whose column would be lost, and leaves no output',
    program: async (ctx, directory) => {
      try {
        await ctx.parallelize([{ a: 1 }, { a: 2, b: 3 }], 1).saveAsCsv(join(directory, 'out'))
      } finally {
        expect(readdirSync(directory)).toEqual([])
      }
    },
    expected: failure('DataError', 'saveAsCsv (', '"b", which the first row of its part lacks', '{ columns }'),
  },
  {
    name: 'refuses rows that are neither objects nor arrays, and arrays under a header',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      const messages = []
      for (const save of [
        () => ctx.parallelize(['x'], 1).saveAsCsv(out),
        () => ctx.parallelize([[1]], 1).saveAsCsv(out, { header: true }),
      ]) {
        messages.push(await save().catch((error: Error) => error.message.replace(/ \(.*?\)/, '')))
      }
      return messages
    },
    expected: [
      'saveAsCsv: a CSV row is an object or an array, got a string. Return [value], or { name: value }. [partition 0]',
      'saveAsCsv: arrays have no names for a header. Pass { columns }, or { header: false }. [partition 0]',
    ],
  },
])

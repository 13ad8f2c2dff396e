/** The contract of text: what a line is, which files are read, and what is written. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { z } from 'zod'
import { contract, failure, withFiles } from './engines.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

/** The lines of one file, whole and cut into as many splits as it has bytes. */
function lineCase(
  name: string,
  content: string | Uint8Array,
  expected: readonly string[],
): Parameters<typeof contract>[1][number] {
  return {
    name,
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { 'a.txt': content }), 'a.txt')
      const whole = await ctx.textFile(path).collect()
      const cut = await ctx.textFile(path, { minPartitions: Math.max(1, content.length) }).collect()
      return [whole, cut]
    },
    expected: [expected, expected],
  }
}

contract('lines', [
  lineCase('lines end with LF', 'a\nb\n', ['a', 'b']),
  lineCase('lines end with CRLF', 'a\r\nb\r\n', ['a', 'b']),
  lineCase('lines end with CR', 'a\rb\r', ['a', 'b']),
  lineCase('line ends may be mixed', 'a\r\nb\rc\nd', ['a', 'b', 'c', 'd']),
  lineCase('the last line needs no end', 'a\nb', ['a', 'b']),
  lineCase('empty lines count', '\n\na\n\n', ['', '', 'a', '']),
  lineCase('LF CR are two ends', 'a\n\rb', ['a', '', 'b']),
  lineCase('CR CR LF are two ends', 'a\r\r\nb', ['a', '', 'b']),
  lineCase('a file of one end is one empty line', '\n', ['']),
  lineCase('an empty file has no lines', '', []),
  lineCase('U+2028, U+2029, U+0085, VT and FF end no line', 'a\u2028b\u2029c\u0085d\ve\ff\n', [
    'a\u2028b\u2029c\u0085d\ve\ff',
  ]),
  lineCase('a BOM at the start is dropped', '\ufeffa\nb', ['a', 'b']),
  lineCase('a BOM elsewhere is kept', 'a\n\ufeffb\n', ['a', '\ufeffb']),
  lineCase('only the first of two BOMs is dropped', '\ufeff\ufeffa', ['\ufeffa']),
  lineCase('a file of a BOM has no lines', '\ufeff', []),
  lineCase('FF FE gives two replacement characters', bytes(0xff, 0xfe, 0x0a), ['\ufffd\ufffd']),
  lineCase('an unfinished sequence gives one', bytes(0x61, 0xe2, 0x82, 0x0a, 0x62), ['a\ufffd', 'b']),
  lineCase('an encoded surrogate gives three', bytes(0xed, 0xa0, 0x80), ['\ufffd\ufffd\ufffd']),
  lineCase('an overlong slash gives two', bytes(0xc0, 0xaf), ['\ufffd\ufffd']),
  lineCase('text of two, three and four bytes a character', 'é€😀\n€', ['é€😀', '€']),
  lineCase('NUL is a character', 'a\0b\n', ['a\0b']),
])

contract('files', [
  {
    name: 'a directory is read in the order of names, without hidden files',
    program: (ctx, directory) =>
      ctx
        .textFile(withFiles(directory, { 'b.txt': 'b\n', 'a.txt': 'a\n', _SUCCESS: 'no', '.x': 'no', '.a.crc': 'no' }))
        .collect(),
    expected: ['a', 'b'],
  },
  {
    name: 'a glob skips hidden files',
    program: (ctx, directory) =>
      ctx.textFile(`${withFiles(directory, { 'b.x': 'b', 'a.x': 'a', '_c.x': 'no', 'd.y': 'no' })}/*.x`).collect(),
    expected: ['a', 'b'],
  },
  {
    name: 'a hidden file that is named outright is read',
    program: (ctx, directory) => ctx.textFile(join(withFiles(directory, { _a: 'x' }), '_a')).collect(),
    expected: ['x'],
  },
  {
    name: 'a list is read in its order, and so are paths with commas between',
    program: async (ctx, directory) => {
      withFiles(directory, { a: 'a', b: 'b' })
      const [a, b] = [join(directory, 'a'), join(directory, 'b')]
      return [await ctx.textFile([b, a]).collect(), await ctx.textFile(`${b},${a}`).collect()]
    },
    expected: [
      ['b', 'a'],
      ['b', 'a'],
    ],
  },
  {
    name: 'a file named twice is read twice',
    program: (ctx, directory) => {
      const path = join(withFiles(directory, { a: 'x' }), 'a')
      return ctx.textFile([path, path]).collect()
    },
    expected: ['x', 'x'],
  },
  {
    name: 'alternatives and sets in a glob',
    program: (ctx, directory) =>
      ctx.textFile(`${withFiles(directory, { a1: '1', a2: '2', b3: '3', c4: '4' })}/{a[2-9],b?}`).collect(),
    expected: ['2', '3'],
  },
  {
    name: 'an empty directory has no lines and no partitions',
    program: async (ctx, directory) => [
      ctx.textFile(directory).getNumPartitions(),
      await ctx.textFile(directory).collect(),
    ],
    expected: [0, []],
  },
  {
    name: 'a directory inside a directory is an error',
    program: async (ctx, directory) => {
      mkdirSync(join(directory, 'inner'))
      return ctx.textFile(directory).count()
    },
    expected: failure('DataError', 'textFile (', 'inner'),
  },
  {
    name: 'a missing path fails at the action, with the path',
    program: async (ctx, directory) => {
      const rows = ctx.textFile(join(directory, 'missing.txt')).map((line) => line.length)
      return rows.count()
    },
    expected: failure('DataError', 'textFile (', 'missing.txt'),
  },
  {
    name: 'a glob without matches fails with the pattern',
    program: (ctx, directory) => ctx.textFile(`${directory}/*.nothing`).count(),
    expected: failure('DataError', 'textFile (', '*.nothing'),
  },
  {
    name: 'an empty path is refused',
    program: async (ctx) => ctx.textFile(''),
    expected: failure('PlanError', 'textFile (', 'path'),
  },
  {
    name: 'minPartitions of 0 is refused',
    program: async (ctx) => ctx.textFile('a', { minPartitions: 0 }),
    expected: failure('PlanError', 'textFile (', 'minPartitions'),
  },
  {
    name: 'minPartitions cuts a file',
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { a: 'x\n'.repeat(50) }), 'a')
      const rows = ctx.textFile(path, { minPartitions: 5 })
      return [rows.getNumPartitions(), (await rows.glom().collect()).map((part) => part.length)]
    },
    expected: [5, [11, 10, 10, 10, 9]],
  },
  {
    name: 'gzip files are one partition each, all members read',
    program: async (ctx, directory) => {
      const two = Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')])
      const path = join(withFiles(directory, { 'a.gz': two }), 'a.gz')
      const rows = ctx.textFile(path, { minPartitions: 8 })
      return [rows.getNumPartitions(), await rows.collect()]
    },
    expected: [1, ['a', 'bc', 'd']],
  },
  {
    name: 'a file that is not what its .gz says is an error that names it',
    program: (ctx, directory) => ctx.textFile(join(withFiles(directory, { 'bad.gz': 'no gzip' }), 'bad.gz')).collect(),
    expected: failure('DataError', 'bad.gz'),
  },
  {
    name: 'wholeTextFiles gives pairs of path and content, with BOM and CRLF, bad UTF-8 replaced',
    program: async (ctx, directory) => {
      withFiles(directory, { a: '\ufeffx\r\ny', b: bytes(0x61, 0xff), _c: 'no' })
      const rows = await ctx.wholeTextFiles(directory).collect()
      return rows.map(([path, content]) => [path.split('/').at(-1), content])
    },
    expected: [
      ['a', '\ufeffx\r\ny'],
      ['b', 'a\ufffd'],
    ],
  },
  {
    name: 'wholeTextFiles of a missing path names it',
    program: (ctx, directory) => ctx.wholeTextFiles(join(directory, 'missing')).count(),
    expected: failure('DataError', 'wholeTextFiles (', 'missing'),
  },
  {
    name: 'a file that grows between two actions is read anew by each',
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { a: 'x\n' }), 'a')
      const rows = ctx.textFile(path)
      const before = await rows.count()
      writeFileSync(path, 'x\ny\n')
      return [before, await rows.count()]
    },
    expected: [1, 2],
  },
])

/** The names in an output directory and the text of each. */
function contentsOf(path: string): readonly (readonly [string, string])[] {
  return readdirSync(path)
    .sort()
    .map((name) => [
      name,
      (name.endsWith('.gz') ? gunzipSync(readFileSync(join(path, name))) : readFileSync(join(path, name))).toString(),
    ])
}

contract('saveAsTextFile', [
  {
    name: 'each partition becomes a part, empty ones too, and _SUCCESS is empty',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize(['a', 'b'], 3).saveAsTextFile(out)
      return [contentsOf(out), readdirSync(directory)]
    },
    expected: [
      [
        ['_SUCCESS', ''],
        ['part-00000', ''],
        ['part-00001', 'a\n'],
        ['part-00002', 'b\n'],
      ],
      ['out'],
    ],
  },
  {
    name: 'no partitions give _SUCCESS alone',
    program: async (ctx, directory) => {
      await ctx.empty<string>().saveAsTextFile(join(directory, 'out'))
      return contentsOf(join(directory, 'out'))
    },
    expected: [['_SUCCESS', '']],
  },
  {
    name: 'primitives are written by String, objects and arrays as JSON',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx
        .parallelize<unknown>(
          [1.5, -0, 'é', true, null, undefined, 7n, Number.NaN, [1, 'a'], { b: [2] }, new Date(0)],
          1,
        )
        .saveAsTextFile(out)
      return readFileSync(join(out, 'part-00000'), 'utf8').split('\n')
    },
    expected: [
      '1.5',
      '0',
      'é',
      'true',
      'null',
      'undefined',
      '7',
      'NaN',
      '[1,"a"]',
      '{"b":[2]}',
      '"1970-01-01T00:00:00.000Z"',
      '',
    ],
  },
  {
    name: 'with gzip each part is compressed and reads back',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize(['a', 'b'], 2).saveAsTextFile(out, { compression: 'gzip' })
      return [contentsOf(out), await ctx.textFile(out).collect()]
    },
    expected: [
      [
        ['_SUCCESS', ''],
        ['part-00000.gz', 'a\n'],
        ['part-00001.gz', 'b\n'],
      ],
      ['a', 'b'],
    ],
  },
  {
    name: 'an existing directory is refused and left as it was',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      mkdirSync(out)
      writeFileSync(join(out, 'mine'), 'keep')
      return ctx
        .range(3)
        .saveAsTextFile(out)
        .catch((error: Error) => [
          error.name,
          error.message.includes('out'),
          error.message.includes('overwrite'),
          contentsOf(out),
        ])
    },
    expected: ['PlanError', true, true, [['mine', 'keep']]],
  },
  {
    name: 'overwrite replaces a directory',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.range(0, 4, 1, 4).saveAsTextFile(out)
      await ctx.range(0, 1, 1, 1).saveAsTextFile(out, { overwrite: true })
      return contentsOf(out)
    },
    expected: [
      ['_SUCCESS', ''],
      ['part-00000', '0\n'],
    ],
  },
  {
    name: 'a dataset may overwrite what it reads',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.range(0, 3, 1, 1).saveAsTextFile(out)
      await ctx
        .textFile(out)
        .map((line) => `${line}!`)
        .saveAsTextFile(out, { overwrite: true })
      return ctx.textFile(out).collect()
    },
    expected: ['0!', '1!', '2!'],
  },
  {
    name: 'a failed job leaves no output, and an overwritten one as it was',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      const bad = ctx.range(0, 4, 1, 2).map((n) => {
        if (n === 3) throw new Error('bad row')
        return n
      })
      const first = await bad.saveAsTextFile(out).catch((error: Error) => error.message.includes('bad row'))
      const exists = existsSync(out)
      await ctx.range(0, 1, 1, 1).saveAsTextFile(out)
      await bad.saveAsTextFile(out, { overwrite: true }).catch(() => {})
      return [first, exists, contentsOf(out), readdirSync(directory)]
    },
    expected: [
      true,
      false,
      [
        ['_SUCCESS', ''],
        ['part-00000', '0\n'],
      ],
      ['out'],
    ],
  },
  {
    name: 'parents of the output are made',
    program: async (ctx, directory) => {
      await ctx.range(0, 1, 1, 1).saveAsTextFile(join(directory, 'a', 'b'))
      return contentsOf(join(directory, 'a', 'b'))
    },
    expected: [
      ['_SUCCESS', ''],
      ['part-00000', '0\n'],
    ],
  },
  {
    name: 'what was saved is read back in the same partitions',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize(['a', 'b', 'c'], 3).saveAsTextFile(out)
      return ctx.textFile(out).glom().collect()
    },
    expected: [['a'], ['b'], ['c']],
  },
])

contract('pipe', [
  {
    name: 'one process per partition, lines in and lines out',
    program: (ctx) => ctx.parallelize(['b', 'a', 'c'], 2).pipe(['sort', '-r']).glom().collect(),
    expected: [['b'], ['c', 'a']],
  },
  {
    name: 'a string is a command line for a shell',
    program: (ctx) => ctx.parallelize(['a', 'b'], 1).pipe('cat | tr ab xy').collect(),
    expected: ['x', 'y'],
  },
  {
    name: 'an empty partition has its process too',
    program: (ctx) => ctx.parallelize([1], 2).pipe('wc -l | tr -d " "').collect(),
    expected: ['0', '1'],
  },
  {
    name: 'a process may ignore its input',
    program: (ctx) => ctx.range(0, 100_000, 1, 1).pipe(['echo', 'hi there']).collect(),
    expected: ['hi there'],
  },
  {
    name: 'rows that are no strings are written by String',
    program: (ctx) =>
      ctx
        .parallelize<unknown>([1, null, [2, 3]], 1)
        .pipe(['cat'])
        .collect(),
    expected: ['1', 'null', '2,3'],
  },
  {
    name: 'objects are written and read as JSON when asked for',
    program: (ctx) =>
      ctx
        .parallelize(
          [
            { id: 1, text: 'a\nb' },
            { id: 2, text: 'c' },
          ],
          2,
        )
        .pipe(['cat'], { encode: 'jsonl', decode: 'jsonl' })
        .collect(),
    expected: [
      { id: 1, text: 'a\nb' },
      { id: 2, text: 'c' },
    ],
  },
  {
    name: 'what a program prints is checked by a schema',
    program: (ctx) =>
      ctx
        .parallelize([1, 2, 3], 1)
        .pipe('sed s/2/two/', {
          encode: 'jsonl',
          decode: 'jsonl',
          schema: z.number().transform((n) => n * 10),
          onBadRow: 'skip',
        })
        .collect(),
    expected: [10, 30],
  },
  {
    name: 'a program that prints no JSON rejects, with its verb',
    program: (ctx) => ctx.parallelize([1], 1).pipe('echo half{', { decode: 'jsonl' }).collect(),
    expected: failure('DataError', 'pipe (', 'not JSON'),
  },
  {
    name: 'a row that JSON has no text for rejects',
    program: (ctx) => ctx.parallelize([undefined], 1).pipe(['cat'], { encode: 'jsonl' }).collect(),
    expected: failure('DataError', 'pipe (', 'undefined'),
  },
  {
    name: 'a schema without a format, and a format that is none, are refused',
    program: async (ctx) => {
      // The compiler refuses them as well.
      const options = [{ schema: z.number() }, { encode: 'csv' }] as unknown as { encode: 'jsonl' }[]
      return options.map((each) => {
        try {
          return ctx.range(1).pipe('cat', each)
        } catch (error) {
          return (error as Error).message.replace(/ \(.*?\)/, '')
        }
      })
    },
    expected: [
      "pipe: a schema checks rows, but lines come out. Pass decode: 'jsonl'",
      `pipe: encode must be 'jsonl' or left out, got "csv"`,
    ],
  },
  {
    name: 'variables are added to the environment',
    program: (ctx) =>
      ctx
        .range(0, 1, 1, 1)
        .pipe('echo $KINDLING_WORD', { env: { KINDLING_WORD: 'tinder' } })
        .collect(),
    expected: ['tinder'],
  },
  {
    name: 'the last line needs no end',
    program: (ctx) => ctx.range(0, 1, 1, 1).pipe('printf "a\\nb"').collect(),
    expected: ['a', 'b'],
  },
  {
    name: 'verbs go on after a process',
    program: (ctx) =>
      ctx
        .range(0, 6, 1, 2)
        .pipe(['cat'])
        .map(Number)
        .filter((n) => n % 2 === 0)
        .collect(),
    expected: [0, 2, 4],
  },
  {
    name: 'an exit code that is not 0 rejects, with what was said',
    program: (ctx) => ctx.range(0, 1, 1, 1).pipe('echo sorry >&2; exit 3').collect(),
    expected: failure('DataError', 'pipe (', '3', 'sorry'),
  },
  {
    name: 'a program that does not exist is named',
    program: (ctx) => ctx.range(0, 1, 1, 1).pipe(['no-such-program-here']).collect(),
    expected: failure('DataError', 'pipe (', 'no-such-program-here'),
  },
  {
    name: 'an empty command is refused',
    program: async (ctx) => ctx.range(1).pipe([]),
    expected: failure('PlanError', 'pipe (', 'command'),
  },
])

/** The contract of JSON lines: what a row is, what a schema makes of it, and what becomes of bad ones. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Context } from 'kindling'
import * as v from 'valibot'
import { expect } from 'vitest'
import { z } from 'zod'
import { contract, failure, withFiles } from './engines.ts'

const Reading = z.object({ id: z.number(), at: z.object({ city: z.string() }).optional() })

const MIXED = '{"id":1}\n\n{"id":"two"}\nbroken\n  \n{"id":3,"at":{"city":7}}\n{"id":4}\n'

contract('JSON lines', [
  {
    name: 'each line is a value of any kind, blank lines are none',
    program: (ctx, directory) =>
      ctx
        .jsonLines(join(withFiles(directory, { a: '{"a":[1,null]}\r\n\n 7 \n"x"\nnull\n\t\ntrue\n[]' }), 'a'))
        .collect(),
    expected: [{ a: [1, null] }, 7, 'x', null, true, []],
  },
  {
    name: 'values are those of JSON.parse: large integers, -0, repeated keys, lone surrogates, __proto__',
    program: async (ctx, directory) => {
      const text = '[9007199254740993,-0]\n{"a":1,"a":2}\n"\\ud800"\n{"__proto__":1,"constructor":2}\n'
      const rows = await ctx.jsonLines(join(withFiles(directory, { a: text }), 'a')).collect()
      return [...rows.slice(0, 3), Object.entries(rows[3] as object)]
    },
    expected: [
      [9007199254740992, -0],
      { a: 2 },
      '\ud800',
      [
        ['__proto__', 1],
        ['constructor', 2],
      ],
    ],
  },
  {
    name: 'a file without lines has no rows, whatever its kind',
    program: (ctx, directory) =>
      ctx.jsonLines(withFiles(directory, { a: '', b: '\n\n', 'c.gz': gzipSync('') })).collect(),
    expected: [],
  },
  {
    name: 'splits and compressed files give the same rows',
    program: async (ctx, directory) => {
      const text = Array.from({ length: 200 }, (_, i) => `{"i":${i}}\n`).join('')
      withFiles(directory, { a: text, 'b.gz': gzipSync(text) })
      const cut = await ctx.jsonLines<{ i: number }>(join(directory, 'a'), { minPartitions: 13 }).collect()
      const packed = await ctx.jsonLines<{ i: number }>(join(directory, 'b.gz')).collect()
      return [cut.length, cut.every(({ i }, at) => i === at), packed.length, packed.at(-1)]
    },
    expected: [200, true, 200, { i: 199 }],
  },
  {
    name: 'a schema of zod checks and changes rows',
    program: (ctx, directory) =>
      ctx
        .jsonLines(
          join(withFiles(directory, { a: '{"n":"5","x":1}\n{"n":"6"}\n' }), 'a'),
          z.object({ n: z.coerce.number().transform((n) => n * 2), x: z.number().default(9) }),
        )
        .map(({ n, x }) => n + x)
        .collect(),
    expected: [11, 21],
  },
  {
    name: 'a schema of valibot checks rows too',
    program: (ctx, directory) =>
      ctx
        .jsonLines(join(withFiles(directory, { a: MIXED }), 'a'), v.object({ id: v.number() }), { onBadRow: 'skip' })
        .collect(),
    expected: [{ id: 1 }, { id: 3 }, { id: 4 }],
  },
  {
    name: 'a schema may capture what the program holds',
    program: (ctx, directory) => {
      const limit = 3
      const schema = z.object({ id: z.number().refine((id) => id > limit, 'too small') })
      const path = join(withFiles(directory, { a: '{"id":4}\n{"id":2}\n' }), 'a')
      return ctx.jsonLines(path, schema).collect()
    },
    expected: failure('DataError', 'jsonLines (', 'at .id: too small', 'a:2 (byte 9)'),
  },
  {
    name: 'a line that is no JSON fails the job with its place and what the parser says',
    program: (ctx, directory) =>
      ctx.jsonLines(join(withFiles(directory, { 'a.jsonl': '1\n{"a":\n' }), 'a.jsonl'), { minPartitions: 2 }).count(),
    expected: failure('DataError', 'jsonLines (', 'not JSON: ', 'a.jsonl:2 (byte 2)', "{ onBadRow: 'skip' }"),
  },
  {
    name: 'a row that the schema refuses fails the job with its place, the path inside it and what the schema says',
    program: (ctx, directory) =>
      ctx
        .jsonLines(join(withFiles(directory, { 'a.jsonl': '{"id":1}\n{"id":2,"at":{}}\n' }), 'a.jsonl'), Reading)
        .count(),
    expected: failure('DataError', 'jsonLines (', 'at .at.city: Invalid input', 'a.jsonl:2 (byte 9)'),
  },
  {
    name: 'bad rows are skipped when asked, and counted in the events of tasks and jobs',
    program: async (ctx, directory) => {
      const seen: unknown[] = []
      const offs = [
        ctx.on('taskEnd', ({ metrics }) => seen.push(['task', metrics?.rowsSkipped, metrics?.rowsRead])),
        ctx.on('jobEnd', ({ rowsSkipped }) => seen.push(['job', rowsSkipped])),
      ]
      const path = join(withFiles(directory, { a: MIXED }), 'a')
      const rows = await ctx.jsonLines(path, Reading, { onBadRow: 'skip' }).collect()
      for (const off of offs) off()
      return [rows, seen]
    },
    expected: [
      [{ id: 1 }, { id: 4 }],
      [
        ['task', 3, 7],
        ['job', 3],
      ],
    ],
  },
  {
    name: 'bad rows are collected when asked, with file, line and text, the same in any splits',
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { a: MIXED }), 'a')
      const answers = []
      for (const minPartitions of [1, 4, 30]) {
        const rows = await ctx.jsonLines(path, Reading, { onBadRow: 'collect', minPartitions }).collect()
        answers.push(rows.map((row) => (row.ok ? row.value.id : [row.error, row.file === path, row.line, row.text])))
      }
      return answers
    },
    expected: [1, 4, 30].map(() => [
      1,
      ['at .id: Invalid input: expected number, received string', true, 3, '{"id":"two"}'],
      [expect.stringMatching(/^not JSON: /), true, 4, 'broken'],
      ['at .at.city: Invalid input: expected string, received number', true, 6, '{"id":3,"at":{"city":7}}'],
      4,
    ]),
  },
  {
    name: 'without a schema, collecting tells lines that are no JSON apart',
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { 'a.gz': gzipSync('1\nx\n') }), 'a.gz')
      const rows = await ctx.jsonLines<number>(path, { onBadRow: 'collect' }).collect()
      return rows.map((row) => (row.ok ? row.value : row.line))
    },
    expected: [1, 2],
  },
  {
    name: 'a schema that checks asynchronously is refused, saying where to check instead',
    program: (ctx, directory) =>
      ctx
        .jsonLines(
          join(withFiles(directory, { a: '1\n' }), 'a'),
          z.number().refine(async () => true),
        )
        .collect(),
    expected: failure('DataError', 'jsonLines (', 'asynchronously', 'mapAsync'),
  },
  {
    name: 'what is no schema, and an onBadRow that is none, are refused at the verb',
    program: async (ctx) => {
      const messages: string[] = []
      for (const call of [
        () => ctx.jsonLines('a', z.string as unknown as z.ZodString, {}),
        () => ctx.jsonLines('a', { onBadRow: 'ignore' as 'skip' }),
        () => ctx.jsonLines(''),
        () => ctx.jsonLines('a', { minPartitions: 0 }),
      ] as (() => unknown)[]) {
        try {
          call()
        } catch (error) {
          messages.push((error as Error).message.replace(/ \(.*?\)/, ''))
        }
      }
      return messages
    },
    expected: [
      'jsonLines: expected a schema, got function. Give one of zod, valibot or another library of Standard Schema',
      `jsonLines: onBadRow must be 'error', 'skip' or 'collect', got "ignore"`,
      'jsonLines: expected a path, got "". Give a file, a directory or a glob',
      'jsonLines: minPartitions must be a whole number of 1 or more, got 0',
    ],
  },
  {
    name: 'a row nested deeper than can move to the driver is an error, and can be used in the worker',
    program: async (ctx, directory) => {
      const depth = 100_000
      const path = join(withFiles(directory, { a: `${'['.repeat(depth)}${']'.repeat(depth)}\n` }), 'a')
      const kind = await ctx
        .jsonLines(path)
        .map((row) => Array.isArray(row))
        .collect()
      const message = await ctx
        .jsonLines(path)
        .collect()
        .catch((error: Error) => `${error.name}: ${error.message}`)
      return [kind, String(message).includes('DataError') && String(message).includes('nested too deeply')]
    },
    expected: [[true], true],
  },
])

contract('saveAsJsonLines', [
  {
    name: 'writes each row as JSON on one line, which jsonLines reads',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      const rows = [{ a: 1, b: 'l\nm\u2028' }, 'text', null, [1, { c: [] }], 1.5, false]
      await ctx.parallelize<unknown>(rows, 2).saveAsJsonLines(out)
      return [readdirSync(out), readFileSync(join(out, 'part-00000.jsonl'), 'utf8'), await ctx.jsonLines(out).collect()]
    },
    expected: [
      ['_SUCCESS', 'part-00000.jsonl', 'part-00001.jsonl'],
      '{"a":1,"b":"l\\nm\u2028"}\n"text"\nnull\n',
      [{ a: 1, b: 'l\nm\u2028' }, 'text', null, [1, { c: [] }], 1.5, false],
    ],
  },
  {
    name: 'compresses, and replaces what is there when asked',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize([1], 1).saveAsJsonLines(out)
      await ctx.parallelize([2, 3], 1).saveAsJsonLines(out, { compression: 'gzip', overwrite: true })
      return [readdirSync(out), gunzipSync(readFileSync(join(out, 'part-00000.jsonl.gz'))).toString()]
    },
    expected: [['_SUCCESS', 'part-00000.jsonl.gz'], '2\n3\n'],
  },
  {
    name: 'keeps the rules of JSON.stringify inside a row',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx
        .parallelize([1], 1)
        .map(() => ({ gone: undefined, nan: Number.NaN, date: new Date(0), list: [undefined] }))
        .saveAsJsonLines(out)
      return readFileSync(join(out, 'part-00000.jsonl'), 'utf8')
    },
    expected: '{"nan":null,"date":"1970-01-01T00:00:00.000Z","list":[null]}\n',
  },
  ...(
    [
      ['undefined', () => undefined, 'undefined has no JSON'],
      ['a function', () => () => 1, 'a function has no JSON'],
      ['a symbol', () => Symbol('s'), 'a symbol has no JSON'],
      ['a bigint', () => 1n, 'a bigint has no JSON'],
      ['NaN', () => Number.NaN, 'the number NaN has no JSON'],
      ['a Map', () => new Map(), 'a Map has no JSON'],
      ['a bigint inside', () => ({ a: 1n }), 'BigInt'],
      [
        'a cycle',
        () =>
          Object.assign([] as unknown[], {
            get 0(): unknown {
              return this
            },
          }),
        'circular',
      ],
    ] as const
  ).map(([what, make, message]) => ({
    name: `refuses ${what}, and leaves no output`,
    program: async (ctx: Context, directory: string) => {
      try {
        await ctx.parallelize([1], 1).map<unknown>(make).saveAsJsonLines(join(directory, 'out'))
      } finally {
        expect(readdirSync(directory)).toEqual([])
      }
    },
    expected: failure('DataError', 'saveAsJsonLines (', message),
  })),
])

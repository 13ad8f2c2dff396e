/** The contract of Parquet: types there and back, row groups as partitions, and what is refused. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Dataset } from 'kindling'
import { expect } from 'vitest'
import { z } from 'zod'
import { contract, failure } from './engines.ts'

const ROWS = Array.from({ length: 10 }, (_, i) => ({
  id: BigInt(i) * 2n ** 60n,
  half: i / 2,
  name: i === 4 ? null : `né ${i}`,
  isEven: i % 2 === 0,
  at: new Date(i * 1000),
  inner: { list: [i, 'x'], none: null },
  bytes: Uint8Array.of(i, 255, 0),
})).map((row) => ({ ...row, id: BigInt.asIntN(64, row.id) }))

const TYPES = { id: 'INT64', n: 'INT32', s: 'STRING' } as const

contract('Parquet', [
  {
    name: 'values of every type come back, through each codec',
    program: async (ctx, directory) => {
      const answers = []
      for (const compression of ['none', 'snappy', 'gzip'] as const) {
        const out = join(directory, compression)
        await ctx.parallelize(ROWS, 2).saveAsParquet(out, { compression })
        answers.push(await ctx.parquet(out).collect())
      }
      return answers
    },
    expected: [ROWS, ROWS, ROWS],
  },
  {
    name: 'each row group is a partition, in the order of the file',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx
        .range(0, 10, 1, 1)
        .map((n) => ({ n }))
        .saveAsParquet(out, { rowGroupRows: 4 })
      const rows = ctx.parquet<{ n: number }>(out)
      const groups = await rows
        .map(({ n }) => n)
        .glom()
        .collect()
      return [readdirSync(out), rows.getNumPartitions(), groups]
    },
    expected: [
      ['_SUCCESS', 'part-00000.parquet'],
      3,
      [
        [0, 1, 2, 3],
        [4, 5, 6, 7],
        [8, 9],
      ],
    ],
  },
  {
    name: 'the columns asked for are read, in that order, and no others',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize(ROWS, 1).saveAsParquet(out)
      const rows = await ctx.parquet(out, { columns: ['isEven', 'half'] }).take(2)
      return rows.map((row) => Object.entries(row))
    },
    expected: [
      [
        ['isEven', true],
        ['half', 0],
      ],
      [
        ['isEven', false],
        ['half', 0.5],
      ],
    ],
  },
  {
    name: 'verbs of every kind follow it: pulled, zipped, joined to others, asynchronous',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx
        .range(0, 6, 1, 2)
        .map((n) => ({ n }))
        .saveAsParquet(out)
      const rows: Dataset<number> = ctx.parquet<{ n: number }>(out).map(({ n }) => n)
      return [
        await rows.mapPartitions((all) => [[...all].length]).collect(),
        await rows.zip(ctx.range(0, 6, 1, 2)).collect(),
        await rows.union(rows).coalesce(1).sum(),
        await rows.mapAsync(async (n) => n + 1).collect(),
        await rows.take(1),
        await rows.zipWithIndex().collect(),
      ]
    },
    expected: [
      [3, 3],
      Array.from({ length: 6 }, (_, i) => [i, i]),
      30,
      [1, 2, 3, 4, 5, 6],
      [0],
      Array.from({ length: 6 }, (_, i) => [i, i]),
    ],
  },
  {
    name: 'a schema checks rows, and bad ones are collected with the number of the row',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx
        .range(0, 5, 1, 1)
        .map((n) => ({ n }))
        .saveAsParquet(out, { rowGroupRows: 2 })
      const schema = z.object({ n: z.number().max(2) })
      const rows = await ctx.parquet(out, { schema, onBadRow: 'collect' }).collect()
      return rows.map((row) => (row.ok ? row.value.n : [row.line, row.error]))
    },
    expected: [0, 1, 2, ...[4, 5].map((line) => [line, 'at .n: Too big: expected number to be <=2'])],
  },
  {
    name: 'a function that fails names the row by its number in the file',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx
        .range(0, 5, 1, 1)
        .map((n) => ({ n }))
        .saveAsParquet(out, { rowGroupRows: 2 })
      return ctx
        .parquet<{ n: number }>(out)
        .map(({ n }) => {
          if (n === 3) throw new RangeError('three')
          return n
        })
        .collect()
    },
    expected: failure('TaskError', 'map (', 'RangeError: three', 'part-00000.parquet:4', 'partition 1'),
  },
  {
    name: 'columns and types may be given: whole numbers, empty parts, columns of null',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      const rows = [
        { id: 1, n: -1, s: null, other: 1 },
        { id: 2n, n: 2 ** 31 - 1, s: null },
      ]
      await ctx.parallelize(rows, 3).saveAsParquet(out, { columns: TYPES })
      return [readdirSync(out).length, await ctx.parquet(out).collect()]
    },
    expected: [
      4,
      [
        { id: 1n, n: -1, s: null },
        { id: 2n, n: 2 ** 31 - 1, s: null },
      ],
    ],
  },
  {
    name: 'a partition without rows has no file where nothing says its columns',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx.parallelize([{ a: 'x' }], 3).saveAsParquet(out)
      return [readdirSync(out), await ctx.parquet(out).collect()]
    },
    expected: [['_SUCCESS', 'part-00002.parquet'], [{ a: 'x' }]],
  },
  {
    name: 'a column called __proto__ is a column',
    program: async (ctx, directory) => {
      const out = join(directory, 'out')
      await ctx
        .parallelize(['{"__proto__":"p","a":"b"}'], 1)
        .map((text) => JSON.parse(text) as object)
        .saveAsParquet(out)
      const [row] = await ctx.parquet(out).collect()
      return Object.entries(row ?? {})
    },
    expected: [
      ['__proto__', 'p'],
      ['a', 'b'],
    ],
  },
  ...(
    [
      ['a column of two types', [{ a: 1 }, { a: 'x' }], {}, 'column "a" holds DOUBLE and STRING'],
      ['a column of null alone', [{ a: null }], {}, 'column "a" holds nothing but null'],
      ['a value that its column cannot hold', [{ id: 1.5 }], { columns: TYPES }, 'column "id" is INT64, got 1.5'],
      ['an integer too large for its column', [{ id: 2n ** 63n }], { columns: TYPES }, 'column "id" is INT64'],
      ['a property that would be lost', [{ a: 1 }, { a: 1, b: 2 }], { rowGroupRows: 1 }, 'has the property "b"'],
      ['a Map inside', [{ a: new Map() }], {}, 'a Map has no JSON'],
      ['a row that is no object', [[1]], {}, 'a Parquet row is an object, got [ 1 ]'],
    ] as const
  ).map(([what, rows, options, message]) => ({
    name: `saveAsParquet refuses ${what}, and leaves no output`,
    program: async (...[ctx, directory]: Parameters<Parameters<typeof contract>[1][number]['program']>) => {
      try {
        await ctx.parallelize<object>(rows, 1).saveAsParquet(join(directory, 'out'), options)
      } finally {
        expect(readdirSync(directory)).toEqual([])
      }
    },
    expected: failure('DataError', 'saveAsParquet (', message),
  })),
  {
    name: 'saveAsParquet refuses types, codecs and sizes that do not exist, at the call',
    program: async (ctx) => {
      const messages = []
      for (const options of [{ columns: { a: 'FLOAT8' } }, { compression: 'rar' }, { rowGroupRows: 0 }]) {
        const saved = ctx.parallelize([{ a: 1 }], 1).saveAsParquet('out', options as object)
        messages.push(await saved.catch((error: Error) => error.message.replace(/ \(.*?\)/, '')))
      }
      return messages
    },
    expected: [
      'saveAsParquet: column "a" has no type "FLOAT8". Choose one of BOOLEAN, INT32, INT64, DOUBLE, STRING, TIMESTAMP, BYTE_ARRAY, JSON',
      'saveAsParquet: no compression is called "rar". Choose one of none, snappy, gzip, zstd',
      'saveAsParquet: rowGroupRows must be a whole number of 1 or more, got 0',
    ],
  },
])

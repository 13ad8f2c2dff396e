/** The contract of compressed files: read by every source of text, written by every sink of it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import zlib from 'node:zlib'
import { contract, failure, withFiles } from './engines.ts'

const { zstdCompressSync, zstdDecompressSync } = zlib as typeof zlib & {
  readonly zstdCompressSync?: (text: string) => Buffer
  readonly zstdDecompressSync?: (bytes: Uint8Array) => Buffer
}

/** `{"a":1}\n{"a":2}\n` in two members, from the bzip2 program. */
const BZIP2 = Buffer.from(
  'QlpoOTFBWSZTWbrGTdsAAANZgAAQEAAgECAAAAogACIDZQhgEUofF3JFOFCQusZN20JaaDkxQVkmU1m4r7hSAAADWYAAEBAAEBAgAAAKIAAiA2UIYBFKHxdyRThQkLivuFI=',
  'base64',
)

const NEEDS_NODE = ['needs Node 22.15 or later', process.version]

contract('bzip2', [
  {
    name: 'is read by lines, JSON lines, CSV and as whole text, members and all',
    program: async (ctx, directory) => {
      const path = join(withFiles(directory, { 'a.bz2': BZIP2 }), 'a.bz2')
      return [
        await ctx.textFile(path).collect(),
        await ctx.jsonLines(path).collect(),
        await ctx.csv(path, { header: false, quote: null }).collect(),
        (await ctx.wholeTextFiles(path).collect()).map(([, text]) => text),
      ]
    },
    expected: [['{"a":1}', '{"a":2}'], [{ a: 1 }, { a: 2 }], [['{"a":1}'], ['{"a":2}']], ['{"a":1}\n{"a":2}\n']],
  },
  {
    name: 'that is cut short is an error with its path',
    program: (ctx, directory) =>
      ctx.textFile(join(withFiles(directory, { 'a.bz2': BZIP2.subarray(0, 50) }), 'a.bz2')).count(),
    expected: failure('DataError', 'textFile (', 'a.bz2: the bzip2 data is cut short'),
  },
])

contract('zstd', [
  zstdCompressSync === undefined
    ? {
        name: 'is not read by this Node, and the error says which does',
        program: (ctx, directory) =>
          ctx.textFile(join(withFiles(directory, { 'a.zst': Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd) }), 'a.zst')).count(),
        expected: failure('DataError', 'textFile (', 'a.zst', ...NEEDS_NODE),
      }
    : {
        name: 'is read by lines, frames and all',
        program: (ctx, directory) => {
          const packed = Buffer.concat([zstdCompressSync('a\nb'), zstdCompressSync('c\n')])
          return ctx.textFile(join(withFiles(directory, { 'a.zst': packed }), 'a.zst')).collect()
        },
        expected: ['a', 'bc'],
      },
  zstdDecompressSync === undefined
    ? {
        name: 'is not written by this Node, and the error says which does, before any work',
        program: (ctx, directory) =>
          ctx.parallelize([1], 1).saveAsTextFile(join(directory, 'out'), { compression: 'zstd' }),
        expected: failure('PlanError', 'saveAsTextFile (', ...NEEDS_NODE),
      }
    : {
        name: 'is written by every sink of text, and by Parquet',
        program: async (ctx, directory) => {
          const [text, json, csv, parquet] = ['text', 'json', 'csv', 'parquet'].map((name) =>
            join(directory, name),
          ) as [string, string, string, string]
          const rows = ctx.parallelize([{ a: 1 }], 1)
          await rows.saveAsTextFile(text, { compression: 'zstd' })
          await rows.saveAsJsonLines(json, { compression: 'zstd' })
          await rows.saveAsCsv(csv, { compression: 'zstd' })
          await rows.saveAsParquet(parquet, { compression: 'zstd' })
          return [
            [text, json, csv].map((path) => readdirSync(path)[1]),
            zstdDecompressSync(readFileSync(join(text, 'part-00000.zst'))).toString(),
            await ctx.jsonLines(json).collect(),
            await ctx.csv(csv).collect(),
            await ctx.parquet(parquet).collect(),
          ]
        },
        expected: [
          ['part-00000.zst', 'part-00000.jsonl.zst', 'part-00000.csv.zst'],
          '{"a":1}\n',
          [{ a: 1 }],
          [{ a: '1' }],
          [{ a: 1 }],
        ],
      },
])

/** Bad input to the sources with formats, and bad disks under their sinks: one clear error each, and nothing half written. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Context } from 'kindling'
import { DataError } from 'kindling'
import { describe, expect, test } from 'vitest'
import { everythingIn, freshContext, freshFolder, rejection } from './fresh.ts'

/** A Parquet file of one row group, and its bytes. */
async function parquetFile(ctx: Context): Promise<{ folder: string; bytes: Buffer }> {
  const folder = freshFolder()
  const rows = Array.from({ length: 40 }, (_, i) => ({ id: i, name: `n${i % 7}`, list: [i] }))
  await ctx.parallelize(rows, 1).saveAsParquet(join(folder, 'out'), { compression: 'gzip' })
  return { folder, bytes: readFileSync(join(folder, 'out', 'part-00000.parquet')) }
}

describe('Parquet', () => {
  test.each([
    ['an empty file', () => Buffer.alloc(0), 'it has 0 bytes'],
    ['a text file', () => Buffer.from('id,name\n1,x\n2,y\n'), 'it begins with "id,n" instead of PAR1'],
    ['a file without its end', (bytes: Buffer) => bytes.subarray(0, bytes.length - 9), 'so it is cut short'],
    [
      'a file without its middle',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 40), bytes.subarray(bytes.length - 30)]),
      'its footer would be of',
    ],
    [
      'a footer that claims 4 GB',
      (bytes: Buffer) => {
        const wrong = Buffer.from(bytes)
        wrong.writeUInt32LE(0xffff_fff0, wrong.length - 8)
        return wrong
      },
      'its footer would be of 4294967280 bytes',
    ],
    ['an encrypted file', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARE')]), 'encrypted'],
  ])('%s is a DataError with the path', async (_what, damage, message) => {
    const ctx = await freshContext()
    const { folder, bytes } = await parquetFile(ctx)
    const path = join(folder, 'bad.parquet')
    writeFileSync(path, damage(bytes))
    const error = await rejection(ctx.parquet(path).count())
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toContain(path)
    expect(error.message).toContain(message)
  })

  test('with one bit flipped is a DataError with the path, or still a table of as many rows without holes, and takes no memory to speak of', async () => {
    const ctx = await freshContext({ master: 'inline' })
    const { folder, bytes } = await parquetFile(ctx)
    const path = join(folder, 'bad.parquet')
    const before = process.memoryUsage().rss
    let refused = 0
    for (let at = 0; at < bytes.length; at += 3) {
      const damaged = Buffer.from(bytes)
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8))
      writeFileSync(path, damaged)
      try {
        // A footer that counts otherwise may say where rows end; a column that ends early may not go unseen.
        const rows = await ctx.parquet(path).collect()
        expect(rows.length).toBe(40)
        expect(rows.some((row) => Object.values(row).includes(undefined))).toBe(false)
      } catch (error) {
        expect(error).toBeInstanceOf(DataError)
        expect((error as Error).message).toContain(path)
        refused++
      }
    }
    expect(refused).toBeGreaterThan(100)
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6)
  })

  test('that another program writes to while it is read says so', async () => {
    const ctx = await freshContext({ master: 'inline' })
    const { folder } = await parquetFile(ctx)
    const path = join(folder, 'out', 'part-00000.parquet')
    const rows = ctx.range(1).map(() => appendFileSync(path, 'more'))
    const error = await rejection(rows.union(ctx.parquet(path)).coalesce(1).count())
    expect(error.message).toMatch(/changed while reading/)
  })
})

describe('CSV and JSON lines', () => {
  test('that are compressed and not named so say what they are', async () => {
    const path = join(freshFolder(), 'a.csv')
    writeFileSync(path, gzipSync('a,b\n1,2\n'))
    const ctx = await freshContext()
    for (const rows of [ctx.csv(path), ctx.jsonLines(path)]) {
      expect((await rejection(rows.count())).message).toMatch(
        /is compressed with gzip, not text. Give it a name that ends in .gz/,
      )
    }
  })

  test('that are cut short in their compression fail with the path, whatever is asked of bad rows', async () => {
    const path = join(freshFolder(), 'a.jsonl.gz')
    const text = Array.from({ length: 5000 }, (_, i) => `{"i":${i * 7919}}\n`).join('')
    writeFileSync(path, gzipSync(text).subarray(0, -20))
    const ctx = await freshContext()
    for (const rows of [ctx.csv(path, { onBadRow: 'skip' }), ctx.jsonLines(path, { onBadRow: 'skip' })]) {
      const error = await rejection(rows.count())
      expect(error).toBeInstanceOf(DataError)
      expect(error.message).toContain(`${path}: the gzip data is cut short`)
    }
  })

  test('that grow while they are read say so, in any split of them', async () => {
    const path = join(freshFolder(), 'a.csv')
    writeFileSync(path, `n\n${'1\n'.repeat(2000)}`)
    const ctx = await freshContext({ master: 'inline' })
    const grown = ctx.csv(path, { minPartitions: 4 }).map(({ n }) => {
      appendFileSync(path, '2\n')
      return n
    })
    expect((await rejection(grown.count())).message).toMatch(/changed while reading/)
  })

  test('of bytes that are no UTF-8 have replacement characters there, and their rows', async () => {
    const path = join(freshFolder(), 'a.csv')
    writeFileSync(
      path,
      Buffer.concat([Buffer.from('a,b\n1,'), Buffer.from([0xff, 0xe2, 0x82]), Buffer.from('\n2,\0\n')]),
    )
    const ctx = await freshContext()
    expect(await ctx.csv(path, { minPartitions: 5 }).collect()).toEqual([
      { a: '1', b: '\ufffd\ufffd' },
      { a: '2', b: '\0' },
    ])
  })

  test('of a hundred thousand bad rows are collected, each with its own line, in a time that grows with the file', async () => {
    const path = join(freshFolder(), 'a.jsonl')
    writeFileSync(path, 'x\n'.repeat(100_000))
    const ctx = await freshContext()
    const lines = await ctx
      .jsonLines(path, { onBadRow: 'collect', minPartitions: 4 })
      .map((row) => (row.ok ? 0 : row.line))
      .collect()
    expect(lines.length).toBe(100_000)
    expect(lines.every((line, i) => line === i + 1)).toBe(true)
  })
})

describe('an output that fails in its last row leaves nothing', () => {
  test.each(['saveAsJsonLines', 'saveAsCsv', 'saveAsParquet'] as const)('%s', async (verb) => {
    const folder = freshFolder()
    const ctx = await freshContext()
    const rows = ctx.range(0, 1000, 1, 4).map((n) => {
      if (n === 999) throw new Error('the last row')
      return { n }
    })
    const error = await rejection(rows[verb](join(folder, 'out')))
    expect(error.message).toContain('the last row')
    expect(everythingIn(folder)).toEqual([])
  })
})

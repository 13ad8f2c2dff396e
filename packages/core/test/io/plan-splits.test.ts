/** Splitting: every row in exactly one split, sizes by Hadoop's rule. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openSplit } from '../../src/io/open-split.ts'
import { splitSource } from '../../src/io/plan-splits.ts'
import type { Source } from '../../src/plan/source.ts'
import { freshDirectory, freshFile, messageOf, rowsOf } from './fresh.ts'

function rowsBySplit(source: Source): unknown[][] {
  const list = splitSource(source, 'verb', 2)
  return Array.from({ length: list.count }, (_, partition) => rowsOf(openSplit(list.at(partition))))
}

/** `start-end` of each split, by file. */
function ranges(root: string, path: string, minPartitions?: number, parallelism = 2): string[] {
  const list = splitSource({ type: 'text', paths: [path], minPartitions }, 'textFile', parallelism)
  return Array.from({ length: list.count }, (_, partition) => {
    const split = list.at(partition)
    if (split.type !== 'lines') throw new Error('not lines')
    return `${relative(root, split.path)} ${split.start}-${split.end}`
  })
}

describe('text', () => {
  const MiB = 1024 * 1024

  test('is cut by total size and the number of partitions, the last split up to 1.1 times as long', () => {
    const root = freshDirectory()
    const path = join(root, 'a')
    writeFileSync(path, 'x'.repeat(101))
    expect(ranges(root, path, 10)).toEqual(
      Array.from({ length: 10 }, (_, i) => `a ${i * 10}-${i === 9 ? 101 : i * 10 + 10}`),
    )
    writeFileSync(path, 'x'.repeat(10))
    expect(ranges(root, path, 3)).toEqual(['a 0-3', 'a 3-6', 'a 6-9', 'a 9-10'])
    expect(ranges(root, path, 100).length).toBe(10)
    writeFileSync(join(root, 'b'), 'x'.repeat(30))
    expect(ranges(root, root, 2)).toEqual(['a 0-10', 'b 0-20', 'b 20-30'])
  })

  test('is not cut below 1 MiB nor above 32 MiB unless asked', () => {
    const root = freshDirectory()
    const path = join(root, 'a')
    writeFileSync(path, 'tiny\n')
    expect(ranges(root, path)).toEqual(['a 0-5'])
    truncateSync(path, 3 * MiB)
    expect(ranges(root, path, undefined, 8)).toEqual([`a 0-${MiB}`, `a ${MiB}-${2 * MiB}`, `a ${2 * MiB}-${3 * MiB}`])
    truncateSync(path, 200 * MiB)
    expect(ranges(root, path).length).toBe(7)
    expect(ranges(root, path, 1).length).toBe(7)
    expect(ranges(root, path, 100).length).toBe(100)
  })

  test('of an empty file or a gzip file is one split, of an empty directory none', () => {
    const root = freshDirectory()
    writeFileSync(join(root, 'a'), '')
    writeFileSync(join(root, 'b.gz'), gzipSync('x\n'.repeat(1000)))
    expect(ranges(root, root, 50)).toEqual(['a 0-0', 'b.gz 0--1'])
    mkdirSync(join(root, '_e/e'), { recursive: true })
    expect(ranges(root, join(root, '_e/e'))).toEqual([])
  })

  test('has splits with absolute paths', () => {
    const path = freshFile('a', 'x\n')
    const list = splitSource({ type: 'text', paths: [relative(process.cwd(), path)], minPartitions: undefined }, 'v', 1)
    expect(list.at(0)).toMatchObject({ path })
  })

  test('refuses numbers of partitions that are none', () => {
    for (const minPartitions of [0, -1, 1.5, Number.NaN]) {
      expect(messageOf(() => splitSource({ type: 'text', paths: ['a'], minPartitions }, 'textFile', 2))).toBe(
        `PlanError: textFile: minPartitions must be a whole number from 1, got ${minPartitions}.`,
      )
    }
  })

  test('keeps every line once, whatever the number of partitions', () => {
    const path = freshFile('a', '')
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'bcd', '', 'é')),
        fc.integer({ min: 1, max: 50 }),
        (lines, minPartitions) => {
          writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
          expect(rowsBySplit({ type: 'text', paths: [path], minPartitions }).flat()).toEqual(lines)
        },
      ),
    )
  })
})

describe('whole files', () => {
  test('are one row each, with mark and line ends kept, broken characters replaced, and gzip decompressed', () => {
    const root = freshDirectory()
    writeFileSync(join(root, 'a'), '\ufeffx\r\ny')
    writeFileSync(join(root, 'b'), Buffer.from([0xff, 0x41]))
    writeFileSync(join(root, 'c'), '')
    writeFileSync(join(root, 'd.gz'), gzipSync('packed\n'.repeat(1000)))
    expect(rowsBySplit({ type: 'wholeText', paths: [root] })).toEqual([
      [[join(root, 'a'), '\ufeffx\r\ny']],
      [[join(root, 'b'), '\ufffdA']],
      [[join(root, 'c'), '']],
      [[join(root, 'd.gz'), 'packed\n'.repeat(1000)]],
    ])
  })

  test('know their place, and refuse what no string can hold or is compressed under another name', () => {
    const path = freshFile('a', 'x'.repeat(100))
    const split = splitSource({ type: 'wholeText', paths: [path] }, 'wholeTextFiles', 2).at(0)
    const source = openSplit(split)
    expect(source.place()).toBe(null)
    source.advance(() => true)
    expect([source.place(), source.preview(), source.bytesRead]).toEqual([
      { path, byteOffset: 0, line: 1 },
      'x'.repeat(100),
      100,
    ])
    source.close()
    expect(messageOf(() => rowsOf(openSplit(split, { maxLineBytes: 99 })))).toBe(
      `DataError: ${path}: holds more than 99 bytes, too many for one string. Read it with textFile.`,
    )
    expect(rowsOf(openSplit(split, { maxLineBytes: 100 })).length).toBe(1)
    const packed = freshFile('b', gzipSync('x'))
    expect(messageOf(() => rowsBySplit({ type: 'wholeText', paths: [packed] }))).toContain(
      'is compressed with gzip, not text',
    )
  })
})

describe('lists and ranges', () => {
  test('are cut at ⌊i·len/n⌋, so that together the slices are the list', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 40 }), (items, sliceCount) => {
        const slices = rowsBySplit({ type: 'items', items, sliceCount })
        expect(slices.length).toBe(sliceCount)
        expect(slices.flat()).toEqual(items)
        const numbers = rowsBySplit({ type: 'range', start: 5, step: -3, count: items.length, sliceCount })
        expect(numbers.flat()).toEqual(items.map((_, i) => 5 + i * -3))
        expect(numbers.map((slice) => slice.length)).toEqual(slices.map((slice) => slice.length))
      }),
    )
    expect(rowsBySplit({ type: 'items', items: [1, 2, 3, 4, 5, 6, 7, 8], sliceCount: 3 })).toEqual([
      [1, 2],
      [3, 4, 5],
      [6, 7, 8],
    ])
  })

  test('are read in blocks, and count their rows', () => {
    const items = Array.from({ length: 10_000 }, (_, i) => ({ i }))
    const split = splitSource({ type: 'items', items, sliceCount: 1 }, 'parallelize', 2).at(0)
    expect(split.type === 'rows' && split.blocks.length).toBe(3)
    const source = openSplit(split)
    let count = 0
    while (source.advance(() => ++count < 5000));
    expect([source.rowsRead, source.preview(), source.place()]).toEqual([5000, '{ i: 4999 }', null])
    const range = openSplit({ type: 'range', start: 0.1, step: 0.1, from: 0, to: 9000 })
    expect(range.advance(() => true)).toBe(true)
    expect(rowsOf(range).length).toBe(9000 - 4096)
    expect(range.preview()).toBe(String(0.1 + 8999 * 0.1))
  })

  test('of numbers end exactly beyond 2^53 products', () => {
    const count = 9_007_199_254_740_991
    const list = splitSource({ type: 'range', start: 0, step: 1, count, sliceCount: 7 }, 'range', 2)
    const cuts = Array.from({ length: 7 }, (_, i) => list.at(i))
    expect(cuts.map((split) => split.type === 'range' && split.to)).toEqual(
      Array.from({ length: 7 }, (_, i) => Number((BigInt(i + 1) * BigInt(count)) / 7n)),
    )
  })

  test('refuse an item that cannot travel with the verb and its number in the list', () => {
    const items = Array.from({ length: 9000 }, (_, i): unknown => (i === 8765 ? { f() {} } : i))
    const list = splitSource({ type: 'items', items, sliceCount: 2 }, 'parallelize (a.ts:1:2)', 2)
    expect(messageOf(() => list.at(1))).toBe(
      'DataError: parallelize (a.ts:1:2): row 8765 cannot be moved between threads: .f is a function (f). Return data, not functions.',
    )
  })

  test('may be empty', () => {
    expect(rowsBySplit({ type: 'empty' })).toEqual([])
    expect(rowsBySplit({ type: 'items', items: [], sliceCount: 2 })).toEqual([[], []])
    expect(rowsBySplit({ type: 'range', start: 0, step: 1, count: 0, sliceCount: 1 })).toEqual([[]])
  })
})

/** Kept blocks: what a task leaves is read back by bucket, from memory or a file, and a damaged file is noticed. */
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KeptBlocks, Stretch } from '../../src/plan/task.ts'
import { hashKey } from '../../src/shuffle/key.ts'
import { readStretches } from '../../src/shuffle/read.ts'
import { openShuffleSink } from '../../src/shuffle/sink.ts'
import { spreadInput } from '../../src/shuffle/spread.ts'
import { stretchesOf } from '../../src/shuffle/stretches.ts'
import { messageOf } from '../io/fresh.ts'
import { expectSame, key } from './values.ts'
import { freshWorkspace, type TestWorkspace } from './workspaces.ts'

const WHOSE = { of: 'shuffle', id: 1, origin: 2 } as const

function rowsIn(stretches: readonly Stretch[]): unknown[] {
  const reader = readStretches(stretches, () => WHOSE)
  const rows: unknown[] = []
  for (let block = reader.next(); block !== null; block = reader.next()) rows.push(...block)
  reader.close()
  return rows
}

/** Memory enough, none that is shared, and so little that rows go to the file while they come. */
const PLACES: readonly (readonly [name: string, open: () => TestWorkspace, isFile: boolean])[] = [
  ['memory', () => freshWorkspace(2 ** 26), false],
  ['a file', () => freshWorkspace(2 ** 26, null), true],
  ['a file written piece by piece', () => freshWorkspace(100, 2 ** 26), true],
]

test.each(PLACES)('each bucket holds its pairs in the order in which they came: in %s', (_name, open, isFile) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.nat()), { minLength: 30, maxLength: 150, size: 'max' }),
      fc.integer({ min: 1, max: 5 }),
      (pairs, count) => {
        const sink = openShuffleSink({ type: 'hash' }, count, open().workspace)
        for (const pair of pairs) sink.push(pair)
        const kept = sink.finish()
        expect(kept.rows).toBe(pairs.length)
        if (isFile) expect(kept.file).not.toBeNull()
        else expect(kept.memory).not.toBeNull()
        for (let bucket = 0; bucket < count; bucket++) {
          const expected = pairs.filter(([each]) => hashKey(each) % count === bucket)
          expectSame(rowsIn(stretchesOf(kept, bucket, 0)), expected)
        }
      },
    ),
    { numRuns: 20 },
  )
})

test('rows are spread so that partitions differ by one at most, and their order stays', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 300 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 7 }),
      fc.boolean(),
      (sizes, count, isSmall) => {
        let next = 0
        const outputs = sizes.map((size) => {
          const sink = openShuffleSink({ type: 'spread' }, count, freshWorkspace(isSmall ? 200 : 2 ** 26).workspace)
          for (let i = 0; i < size; i++) sink.push({ n: next++, text: 'x'.repeat(400) })
          return sink.finish()
        })
        const parts = Array.from({ length: count }, (_, partition) => {
          const { stretches, rows } = spreadInput(outputs, partition, count)
          return (rowsIn(stretches) as { n: number }[]).slice(rows.from, rows.to)
        })
        expect(parts.flat().map(({ n }) => n)).toEqual(Array.from({ length: next }, (_, i) => i))
        const lengths = parts.map((part) => part.length)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      },
    ),
    { numRuns: 25 },
  )
})

function keptInFile(): KeptBlocks & { readonly file: string } {
  const sink = openShuffleSink({ type: 'hash' }, 1, freshWorkspace(2 ** 26, null).workspace)
  for (let i = 0; i < 2000; i++) sink.push([i, `value ${i}`])
  return sink.finish() as KeptBlocks & { readonly file: string }
}

test('one bit that changed anywhere in a file is noticed, and names who left it', () => {
  const kept = keptInFile()
  const whole = readFileSync(kept.file)
  const [stretch] = stretchesOf(kept, 0, 2) as [Stretch]
  const rows = rowsIn([stretch])
  expect(rows).toHaveLength(2000)
  // Bit 7 of byte 3 says that the first block is compressed.
  const place = fc.oneof(
    fc.tuple(fc.nat({ max: whole.byteLength - 1 }), fc.nat({ max: 7 })),
    fc.constant([3, 7] as const),
  )
  fc.assert(
    fc.property(place, ([at, bit]) => {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] as number) ^ (1 << bit)
      writeFileSync(kept.file, damaged)
      let error: unknown = null
      try {
        rowsIn([stretch])
      } catch (thrown) {
        error = thrown
      }
      expect(error).toMatchObject({ name: 'MissingBlocksError', blocks: { ...WHOSE, file: kept.file } })
    }),
    { numRuns: 150 },
  )
})

test('a file that is shorter, or gone, is noticed; of the task itself it is an error with advice', () => {
  const kept = keptInFile()
  const [stretch] = stretchesOf(kept, 0, 2) as [Stretch]
  truncateSync(kept.file, stretch.length - 1)
  expect(messageOf(() => rowsIn([stretch]))).toMatch(/^MissingBlocksError: .*shorter than it was/)
  rmSync(kept.file)
  expect(messageOf(() => rowsIn([stretch]))).toMatch(/^MissingBlocksError: .*not readable \(ENOENT\)/)
  expect(messageOf(() => readStretches([stretch], () => null).next())).toMatch(/^DataError: .*Did something clean/)
})

test('what is taken back leaves no file', () => {
  const { workspace, directory } = freshWorkspace(10, null)
  const sink = openShuffleSink({ type: 'hash' }, 2, workspace)
  for (let i = 0; i < 20_000; i++) sink.push([i, 'x'.repeat(50)])
  expect(readdirSync(directory)).toHaveLength(1)
  sink.abort()
  expect(readdirSync(directory)).toEqual([])
})

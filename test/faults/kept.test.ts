/** Faults around rows that are kept: readers that meet a loss, partitions computed twice, tasks that fail, what is added up. */
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { everythingIn, freshContext, freshFolder, rejection } from './fresh.ts'

const byKey = (a: readonly [number, unknown], b: readonly [number, unknown]): number => a[0] - b[0]

function blockFiles(folder: string): readonly string[] {
  return everythingIn(folder)
    .filter((path) => /(^|\/)blocks-/.test(path))
    .map((path) => join(folder, path))
}

describe('rows on their way into a cache', () => {
  test('what a job added to accumulators before a cache counts, though rows were numbered first', async () => {
    const ctx = await freshContext()
    const seen = ctx.accumulator(0)
    const rows = ctx
      .range(0, 40, 1, 4)
      .map((n) => {
        seen.add(1)
        return n
      })
      .cache()
    expect((await rows.zipWithIndex().collect()).at(-1)).toEqual([39, 39])
    expect(seen.value).toBe(40)
  })

  test('what is added while an action leaves the rest of a checkpoint to be written counts', async () => {
    const ctx = await freshContext()
    ctx.setCheckpointDir(freshFolder())
    const seen = ctx.accumulator(0)
    const rows = ctx
      .range(0, 40, 1, 4)
      .map((n) => {
        seen.add(1)
        return n
      })
      .checkpoint()
    expect(await rows.glom().take(1)).toHaveLength(1)
    expect(seen.value).toBe(40)
  })
})

describe('a checkpoint', () => {
  test('whose partitions are computed twice at the same time is whole', async () => {
    const folder = freshFolder()
    const ctx = await freshContext()
    ctx.setCheckpointDir(folder)
    const rows = ctx.range(0, 20_000, 1, 2).checkpoint()
    expect(await rows.zip(rows).count()).toBe(20_000)
    expect(await rows.sum()).toBe(199_990_000)
    expect(await rows.union(rows).count()).toBe(40_000)
    expect(everythingIn(folder).filter((path) => path.includes('part-'))).toHaveLength(2)
  })

  test('whose worker dies while it is written is written by the next', async () => {
    const folder = freshFolder()
    const mark = join(freshFolder(), 'mark')
    const ctx = await freshContext()
    ctx.setCheckpointDir(folder)
    const rows = ctx
      .range(0, 100_000, 1, 2)
      .map((n) => {
        if (n === 49_000 && !existsSync(mark)) {
          writeFileSync(mark, '')
          process.exit(9)
        }
        return `row ${n} of a checkpoint`
      })
      .checkpoint()
    expect(await rows.count()).toBe(100_000)
    expect(await rows.count()).toBe(100_000)
    expect(everythingIn(folder).filter((path) => path.includes('part-'))).toHaveLength(2)
  })

  test('that cannot be written names its directory and how to give another', async () => {
    const file = join(freshFolder(), 'file')
    writeFileSync(file, '')
    const ctx = await freshContext()
    ctx.setCheckpointDir(join(file, 'checkpoints'))
    const { message } = await rejection(ctx.range(0, 10, 1, 2).checkpoint().count())
    expect(message).toContain(file)
    expect(message).toContain('setCheckpointDir')
  })
})

describe('readers that meet a loss', () => {
  test('tasks that do not read a lost block wait or go on, and the answer is right', async () => {
    const tmpDir = freshFolder()
    const ctx = await freshContext({ isolation: 'process', tmpDir, master: 'local[2]' })
    const pairs = ctx.range(0, 64, 1, 4).map((n): [number, number] => [n < 16 ? 0 : n, n])
    const placed = pairs.partitionBy(16, (key) => key)
    expect(await placed.count()).toBe(64)
    const first = blockFiles(tmpDir).filter((path) => path.endsWith('-0'))
    expect(first.length).toBeGreaterThan(0)
    for (const path of first) rmSync(path)
    expect(await placed.count()).toBe(64)
    expect((await placed.keys().collect()).toSorted((a, b) => a - b).at(-1)).toBe(63)
  })

  test('all files of a context, and their directory, may vanish between two actions', async () => {
    const tmpDir = freshFolder()
    const ctx = await freshContext({ isolation: 'process', tmpDir })
    const groups = ctx
      .range(0, 400, 1, 8)
      .map((n): [number, number] => [n % 10, n])
      .groupByKey(2)
      .mapValues((values) => values.length)
    const before = (await groups.collect()).toSorted(byKey)
    for (const name of everythingIn(tmpDir)) rmSync(join(tmpDir, name), { recursive: true, force: true })
    expect((await groups.collect()).toSorted(byKey)).toEqual(before)
  })

  test('unpersist while a job reads the rows makes it compute them again', async () => {
    const ctx = await freshContext({ master: 'local[1]' })
    const rows = ctx.range(0, 40, 1, 8).map((n) => n * 2)
    rows.persist('DISK_ONLY')
    expect(await rows.sum()).toBe(1560)
    const seen: number[] = []
    for await (const row of rows) {
      seen.push(row)
      if (seen.length === 7) await rows.unpersist()
    }
    expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => n * 2))
  })
})

describe('the memory that rows may take', () => {
  test('is given back by tasks that fail after a partition was kept', async () => {
    const tmpDir = freshFolder()
    const ctx = await freshContext({ memory: '32MB', tmpDir, taskRetries: 0 })
    const fail = (): Promise<Error> => {
      const rows = ctx
        .range(0, 20_000, 1, 2)
        .map((n) => `row ${n} ${'x'.repeat(100)}`)
        .persist('MEMORY_AND_DISK')
      const failing = rows.coalesce(1).map((row) => {
        if (row.startsWith('row 19999 ')) throw new Error('the last row')
        return row
      })
      return rejection(failing.count())
    }
    // Each attempt keeps 1 MB; 16 are all there is.
    for (let i = 0; i < 24; i++) expect((await fail()).message).toContain('the last row')
    await ctx
      .range(0, 20_000, 1, 2)
      .map((n) => `row ${n}`)
      .persist('MEMORY_AND_DISK')
      .count()
    expect(blockFiles(tmpDir)).toEqual([])
  })
})

describe('merging results', () => {
  test('what the merges of a tree add to accumulators counts for each', async () => {
    const ctx = await freshContext()
    const merges = ctx.accumulator(0)
    const sum = await ctx.range(0, 16, 1, 16).treeAggregate(
      0,
      (a, b) => a + b,
      (a, b) => {
        merges.add(1)
        return a + b
      },
    )
    expect(sum).toBe(120)
    expect(merges.value).toBe(15)
  })
})

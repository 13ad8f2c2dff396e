/** Faults of what tasks leave for each other: workers that die at any stage, blocks that vanish or rot, memory and disks that are too small. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context, ContextOptions, Dataset } from 'kindling'
import { describe, expect, test } from 'vitest'
import { everythingIn, freshContext, freshFolder, rejection } from './fresh.ts'

const ISOLATIONS: readonly ContextOptions[] = [{ isolation: 'thread' }, { isolation: 'process' }]

/** Ends the worker of whoever comes first, once. */
function dieOnce(mark: string): void {
  if (existsSync(mark)) return
  writeFileSync(mark, '')
  process.exit(9)
}

const byKey = (a: readonly [number, unknown], b: readonly [number, unknown]): number => a[0] - b[0]

/** The files of blocks that a context has written. */
function blockFiles(folder: string): readonly string[] {
  return everythingIn(folder)
    .filter((path) => /(^|\/)blocks-/.test(path))
    .map((path) => join(folder, path))
}

async function sortedJoin(ctx: Context, killAt: string, mark: string): Promise<string[]> {
  const left = ctx.range(0, 200, 1, 4).map((n): [number, string] => {
    if (killAt === 'left' && n === 120) dieOnce(mark)
    return [n % 50, `left ${n}`]
  })
  const right = ctx.range(0, 100, 1, 3).map((n): [number, string] => {
    if (killAt === 'right' && n === 70) dieOnce(mark)
    return [n % 60, `right ${n}`]
  })
  const joined = left.join(right).map(([key, [a, b]]) => {
    if (killAt === 'reduce' && key === 31) dieOnce(mark)
    return `${key} ${a} ${b}`
  })
  const sorted = joined.sortBy((row) => {
    if (killAt === 'sort' && row.startsWith('7 ')) dieOnce(mark)
    return row
  })
  return sorted
    .map((row) => {
      if (killAt === 'result' && row.startsWith('44 ')) dieOnce(mark)
      return row
    })
    .collect()
}

describe.each(ISOLATIONS)('with isolation $isolation', (options) => {
  test.each(['left', 'right', 'reduce', 'sort', 'result'])(
    'a join whose worker dies at its %s stage gives the same rows',
    async (killAt) => {
      const folder = freshFolder()
      const ctx = await freshContext(options)
      const lost: string[] = []
      ctx.on('taskEnd', ({ failure }) => failure !== null && lost.push(failure))
      const expected = await sortedJoin(ctx, 'never', join(folder, 'mark'))
      expect(expected).toHaveLength(50 * 4 * 2 - 10 * 4)
      expect(await sortedJoin(ctx, killAt, join(folder, 'mark'))).toEqual(expected)
      expect(lost).toContain('lost')
    },
  )

  test('an accumulator counts each row of a shuffle once, though its worker died', async () => {
    const folder = freshFolder()
    const mark = join(folder, 'mark')
    const ctx = await freshContext(options)
    const seen = ctx.accumulator(0)
    const counted = ctx.range(0, 40, 1, 4).map((n): [number, number] => {
      seen.add(1)
      if (n === 25) dieOnce(mark)
      return [n % 3, 1]
    })
    const sums = counted.reduceByKey((a, b) => a + b)
    expect((await sums.collect()).toSorted(byKey)).toEqual([
      [0, 14],
      [1, 13],
      [2, 13],
    ])
    expect(await sums.count()).toBe(3)
    expect(seen.value).toBe(40)
  })
})

describe('blocks of a shuffle in files', () => {
  const damages: Readonly<Record<string, (path: string) => void>> = {
    'that vanished': (path) => rmSync(path),
    'with a flipped bit': (path) => {
      const bytes = readFileSync(path)
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 4
      writeFileSync(path, bytes)
    },
    'that was cut off': (path) => writeFileSync(path, readFileSync(path).subarray(0, 9)),
  }

  test.each(Object.keys(damages))('one %s is made again, and only that one', async (damage) => {
    const tmpDir = freshFolder()
    const ctx = await freshContext({ isolation: 'process', tmpDir })
    const seen = ctx.accumulator(0)
    const rows = ctx.range(0, 400, 1, 4).map((n): [number, string] => {
      seen.add(1)
      return [n % 10, `row ${n}`]
    })
    const groups = rows.groupByKey(2).mapValues((values) => values.length)
    const before = (await groups.collect()).toSorted(byKey)
    const mapped: number[] = []
    ctx.on('taskEnd', ({ stage, failure, metrics }) => {
      if (failure === null && (metrics?.shuffleBytesWritten ?? 0) > 0) mapped.push(stage)
    })
    const [file] = blockFiles(tmpDir)
    damages[damage]?.(file ?? '')
    expect((await groups.collect()).toSorted(byKey)).toEqual(before)
    expect(mapped).toHaveLength(1)
    expect(seen.value).toBe(400)
  })

  test('they go with the context', async () => {
    const tmpDir = freshFolder()
    const ctx = await freshContext({ isolation: 'process', tmpDir })
    await ctx.range(0, 100, 1, 4).repartition(2).count()
    expect(blockFiles(tmpDir)).toHaveLength(4)
    await ctx.stop()
    expect(readdirSync(tmpDir)).toEqual([])
  })
})

describe('kept rows', () => {
  test('a partition whose file vanished is made again', async () => {
    const tmpDir = freshFolder()
    const ctx = await freshContext({ tmpDir })
    const kept = ctx
      .range(0, 30, 1, 3)
      .map((n) => n * 2)
      .persist('DISK_ONLY')
    const sorted = kept.keyBy((n) => n % 4).groupByKey()
    expect(await kept.sum()).toBe(870)
    for (const file of blockFiles(tmpDir).slice(0, 2)) rmSync(file)
    expect(await kept.sum()).toBe(870)
    expect(await sorted.count()).toBe(2)
  })

  test('a checkpoint that is gone is an error that says where it was', async () => {
    const folder = freshFolder()
    const ctx = await freshContext()
    ctx.setCheckpointDir(folder)
    const rows = ctx.range(0, 30, 1, 3).checkpoint()
    await rows.count()
    expect(rows.isCheckpointed()).toBe(true)
    for (const path of everythingIn(folder).filter((name) => name.includes('part-'))) rmSync(join(folder, path))
    const { message } = await rejection(rows.collect())
    expect(message).toContain(folder)
    expect(message).toContain('make the dataset again')
  })
})

describe('memory that is too small', () => {
  test.each(ISOLATIONS)(
    'a sort and groups of more rows than fit are right, with isolation $isolation',
    async (options) => {
      const tmpDir = freshFolder()
      const ctx = await freshContext({ ...options, memory: '16MB', tmpDir })
      let spilled = 0
      ctx.on('taskEnd', ({ metrics }) => {
        spilled += metrics?.spilledBytes ?? 0
      })
      const rows = ctx
        .range(0, 300_000, 1, 3)
        .map((n): [number, string] => [(n * 7919) % 300_007, `some text of row ${n}`])
      const groups = rows.map(([key, text]): [string, string] => [`key ${key % 150_000}`, text]).groupByKey(2)
      expect(await groups.map(([, texts]) => texts.length).sum()).toBe(300_000)
      expect(await groups.count()).toBe(150_000)
      const keys = await rows.repartitionAndSortWithinPartitions(1).keys().collect()
      expect(keys.every((key, i) => i === 0 || (keys[i - 1] ?? 0) <= key)).toBe(true)
      expect(spilled).toBeGreaterThan(0)
      const sorted = await rows.sortByKey(false, 2).keys().collect()
      expect(sorted).toEqual(keys.toReversed())
      await ctx.stop()
      expect(readdirSync(tmpDir)).toEqual([])
    },
  )

  test("a directory for temporary files that can't be written to is named, with what to do", async () => {
    const folder = freshFolder()
    writeFileSync(join(folder, 'file'), '')
    const ctx = await freshContext({ isolation: 'process', tmpDir: join(folder, 'file') })
    const { message } = await rejection(ctx.range(0, 10, 1, 2).repartition(2).count())
    expect(message).toContain(join(folder, 'file'))
    expect(message).toContain('tmpDir')
  })
})

describe('sizes', () => {
  test('10,000 maps before and after a shuffle finish', async () => {
    const ctx = await freshContext()
    let rows = ctx.range(0, 10, 1, 2)
    for (let i = 0; i < 10_000; i++) rows = rows.map((n) => n + 1)
    let pairs = rows.keyBy((n) => n % 2).reduceByKey((a, b) => a + b)
    for (let i = 0; i < 10_000; i++) pairs = pairs.mapValues((n) => n + 1)
    expect((await pairs.collect()).toSorted(byKey)).toEqual([
      [0, 20 + 50_000 + 10_000],
      [1, 25 + 50_000 + 10_000],
    ])
  })

  test('300 shuffles in a row finish', async () => {
    const ctx = await freshContext()
    let pairs = ctx.range(0, 12, 1, 2).map((n): [number, number] => [n, 1])
    for (let i = 0; i < 300; i++)
      pairs = pairs.map(([key, n]): [number, number] => [(key + 1) % 12, n]).reduceByKey((a, b) => a + b, 2)
    expect(await pairs.values().sum()).toBe(12)
  })

  test('100,000 partitions are shuffled into two', async () => {
    const ctx = await freshContext()
    const counts = ctx
      .range(0, 3, 1, 100_000)
      .map((n): [string, number] => [`key ${n}`, 1])
      .reduceByKey((a, b) => a + b, 2)
    expect(await counts.count()).toBe(3)
  })

  test('a key with nine rows of ten is grouped and joined', async () => {
    const ctx = await freshContext()
    const rows = ctx.range(0, 100_000, 1, 4).map((n): [number, number] => [n % 10 === 0 ? n : -1, n])
    const groups = await rows
      .groupByKey()
      .mapValues((values) => values.length)
      .filter(([key]) => key === -1)
      .collect()
    expect(groups).toEqual([[-1, 90_000]])
    expect(
      await rows
        .join(
          ctx.parallelize([
            [-1, 'hot'],
            [10, 'cold'],
          ] as [number, string][]),
        )
        .count(),
    ).toBe(90_001)
  })
})

test('sides of a join that were cut differently, as files came between a failed action and the next, are refused', async () => {
  const folder = freshFolder()
  for (const side of ['left', 'right']) mkdirSync(join(folder, side))
  writeFileSync(join(folder, 'left', '1'), 'x\ny\n')
  writeFileSync(join(folder, 'right', '1'), 'x\nbad\n')
  await using ctx = await freshContext({ master: 'local[1]' })
  const pairs = (side: string): Dataset<[string, number]> =>
    ctx.textFile(join(folder, side), { minPartitions: 1 }).map((line): [string, number] => {
      if (line === 'bad') throw new Error('a bad line')
      return [line, 1]
    })
  const joined = pairs('left').join(pairs('right'))
  // The left side is moved by then, into one partition.
  expect((await rejection(joined.collect())).message).toContain('a bad line')
  writeFileSync(join(folder, 'right', '1'), 'x\n')
  for (const name of ['2', '3']) writeFileSync(join(folder, 'right', name), 'y\n')
  const error = await rejection(joined.collect())
  expect(error.name).toBe('PlanError')
  expect(error.message).toMatch(
    /^join \(.*\): one side lies in 1 partitions and another in 3, .*Make the datasets anew/,
  )
})

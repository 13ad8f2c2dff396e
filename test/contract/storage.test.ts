/** The contract of rows that are kept: persisted, checkpointed, and what each reader gets. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Accumulator, Context, Dataset, StorageLevel } from 'kindling'
import { contract, failure, stagesOf, unordered } from './engines.ts'

const LEVELS: readonly StorageLevel[] = ['MEMORY_ONLY', 'MEMORY_AND_DISK', 'DISK_ONLY']

/** Ten rows in three partitions, and how often one was computed. */
function counted(ctx: Context): { readonly rows: Dataset<{ n: number }>; readonly calls: Accumulator } {
  const calls = ctx.accumulator(0)
  const rows = ctx.range(0, 10, 1, 3).map((n) => {
    calls.add(1)
    return { n }
  })
  return { rows, calls }
}

contract('persist', [
  ...LEVELS.map((level) => ({
    name: `rows that are persisted as ${level} are computed once`,
    program: async (ctx: Context): Promise<unknown> => {
      const { rows, calls } = counted(ctx)
      rows.persist(level)
      const sums = [await rows.map(({ n }) => n).sum(), await rows.count(), (await rows.collect()).length]
      return [sums, calls.value]
    },
    expected: [[45, 10, 10], 10],
  })),
  {
    name: 'cache marks the dataset in place and gives it back; the first action computes it',
    program: async (ctx) => {
      const { rows, calls } = counted(ctx)
      const same = rows.cache()
      const before = calls.value
      await rows.count()
      return [same === rows, before, calls.value]
    },
    expected: [true, 0, 10],
  },
  {
    name: 'a function that changes its row does not change what is cached, nor does who collected it',
    program: async (ctx) => {
      const { rows } = counted(ctx)
      rows.cache()
      const change = (row: { n: number }): number => {
        row.n = -1
        return row.n
      }
      const first = await rows.map(change).sum()
      const collected = await rows.collect()
      for (const row of collected) row.n = 1000
      return [first, await rows.map(change).sum(), (await rows.collect()).map(({ n }) => n)]
    },
    expected: [-10, -10, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
  },
  {
    name: 'the very first action gives the same rows as the later ones, though it computes them',
    program: async (ctx) => {
      const { rows } = counted(ctx)
      rows.cache()
      const both = rows.union(rows).map((row) => {
        row.n *= 2
        return row.n
      })
      return [await both.sum(), await both.sum()]
    },
    expected: [180, 180],
  },
  {
    name: 'only the partitions that an action reads are kept, the others when they are read',
    program: async (ctx) => {
      const { rows, calls } = counted(ctx)
      rows.cache()
      await rows.mapPartitions((list) => [[...list].length]).take(1)
      const one = calls.value
      await rows.count()
      return [one, calls.value]
    },
    expected: [3, 10],
  },
  {
    name: 'a partition that was not read to its end is not kept, and is whole the next time',
    program: async (ctx) => {
      const { rows } = counted(ctx)
      rows.cache()
      return [await rows.map(({ n }) => n).take(2), await rows.map(({ n }) => n).collect()]
    },
    expected: [
      [0, 1],
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    ],
  },
  {
    name: 'unpersist computes them again, and persisting again keeps them again',
    program: async (ctx) => {
      const { rows, calls } = counted(ctx)
      rows.cache()
      await rows.count()
      const same = await rows.unpersist()
      await rows.count()
      const twice = calls.value
      rows.persist('DISK_ONLY')
      await rows.count()
      await rows.count()
      return [same === rows, twice, calls.value]
    },
    expected: [true, 20, 30],
  },
  {
    name: 'unpersist of what was not kept does nothing, twice neither',
    program: async (ctx) => {
      const { rows } = counted(ctx)
      await rows.unpersist()
      rows.cache()
      await rows.unpersist()
      await rows.unpersist()
      return rows.count()
    },
    expected: 10,
  },
  {
    name: 'the same level may be asked for again, another one only after unpersist',
    program: async (ctx) => {
      const { rows } = counted(ctx)
      rows.persist('DISK_ONLY').persist('DISK_ONLY')
      rows.cache()
    },
    expected: failure('PlanError', 'persist (', 'DISK_ONLY', 'unpersist'),
  },
  {
    name: 'a level that is none is refused with those there are',
    program: async (ctx) => ctx.range(1).persist('MEMORY' as never),
    expected: failure('PlanError', 'persist (', 'MEMORY_AND_DISK', 'MEMORY'),
  },
  {
    name: 'what was moved before is not moved again, and its stages do not run',
    program: async (ctx) => {
      const sums = ctx
        .range(0, 20, 1, 2)
        .map((n): [number, number] => [n % 3, n])
        .reduceByKey((a, b) => a + b)
        .cache()
      return [
        await stagesOf(ctx, () => sums.count()),
        await stagesOf(ctx, () => sums.count()),
        unordered(await sums.collect()),
      ]
    },
    expected: [
      [2, 2],
      [2],
      [
        [0, 63],
        [1, 70],
        [2, 57],
      ],
    ],
  },
  {
    name: 'keys of kept rows lie as they did: verbs by key after them move nothing',
    program: async (ctx) => {
      const placed = ctx
        .range(0, 20, 1, 2)
        .map((n): [number, number] => [n % 3, n])
        .partitionBy(4)
        .cache()
      await placed.count()
      const sums = placed.reduceByKey((a, b) => a + b)
      return [
        await stagesOf(ctx, () => sums.count()),
        (await sums.explain()).includes('kept MEMORY_ONLY'),
        sums.toDebugString().startsWith('(4) '),
        await stagesOf(ctx, () => placed.join(sums).count()),
        await placed.lookup(1),
      ]
    },
    expected: [[4], true, true, [4], [1, 4, 7, 10, 13, 16, 19]],
  },
  {
    name: 'every kind of row is kept as it is',
    program: async (ctx) => {
      const rows: readonly unknown[] = [
        undefined,
        -0,
        Number.NaN,
        1n,
        '\ud800',
        new Map([[1, new Set([2])]]),
        new Float32Array([0.5]),
        { a: undefined },
        [1, undefined],
        new Date(3),
      ]
      const kept: unknown[] = []
      for (const level of LEVELS) {
        const dataset = ctx.parallelize(rows, 3).persist(level)
        await dataset.count()
        kept.push(await dataset.collect())
      }
      return kept
    },
    expected: LEVELS.map(() => [
      undefined,
      -0,
      Number.NaN,
      1n,
      '\ud800',
      new Map([[1, new Set([2])]]),
      new Float32Array([0.5]),
      { a: undefined },
      [1, undefined],
      new Date(3),
    ]),
  },
  {
    name: 'empty partitions, and no partitions, can be kept',
    program: async (ctx) => {
      const none = ctx.parallelize([], 3).cache()
      const nothing = ctx.empty().cache()
      return [await none.count(), await none.glom().collect(), await nothing.count(), await nothing.collect()]
    },
    expected: [0, [[], [], []], 0, []],
  },
  {
    name: 'actions at the same time on a cached dataset agree',
    program: async (ctx) => {
      const { rows } = counted(ctx)
      rows.cache()
      const sums = await Promise.all(Array.from({ length: 5 }, () => rows.map(({ n }) => n).sum()))
      return [sums, await rows.count()]
    },
    expected: [[45, 45, 45, 45, 45], 10],
  },
  {
    name: 'rows of an asynchronous step are kept too',
    program: async (ctx) => {
      const calls = ctx.accumulator(0)
      const rows = ctx
        .range(0, 6, 1, 2)
        .mapAsync(async (n) => {
          calls.add(1)
          return n * 2
        })
        .cache()
      return [await rows.sum(), await rows.collect(), calls.value]
    },
    expected: [30, [0, 2, 4, 6, 8, 10], 6],
  },
  {
    name: 'a dataset whose computation failed is kept once it succeeds',
    program: async (ctx, directory) => {
      const { writeFileSync } = await import('node:fs')
      const path = join(directory, 'a.txt')
      const rows = ctx.textFile(path).cache()
      const failed = await rows.count().catch((error: Error) => error.name)
      writeFileSync(path, 'x\ny\n')
      const first = await rows.count()
      writeFileSync(path, 'gone\n')
      return [failed, first, await rows.collect()]
    },
    expected: ['DataError', 2, ['x', 'y']],
  },
])

contract('rows held back while they are kept', [
  {
    name: 'take of a cached dataset gives its rows, then all are there, of many blocks too',
    program: async (ctx) => {
      const rows = ctx
        .range(0, 30_000, 1, 2)
        .map((n) => ({ n }))
        .cache()
      const change = (row: { n: number }): number => {
        const { n } = row
        row.n = -1
        return n
      }
      const found: unknown[] = [(await rows.map(change).take(5000)).length]
      for (let i = 0; i < 3; i++) found.push(await rows.map(change).sum())
      return [...found, (await rows.collect())[29_999]]
    },
    expected: [5000, 449_985_000, 449_985_000, 449_985_000, { n: 29_999 }],
  },
  {
    name: 'a step after it that fails leaves a dataset that can be computed and kept',
    program: async (ctx) => {
      const { rows, calls } = counted(ctx)
      rows.cache()
      const failed = await rows
        .map(({ n }) => {
          if (n === 9) throw new Error('last row')
          return n
        })
        .count()
        .catch((error: Error) => error.message.includes('last row'))
      const sum = await rows.map(({ n }) => n).sum()
      const before = calls.value
      await rows.count()
      return [failed, sum, calls.value - before]
    },
    expected: [true, 45, 0],
  },
  {
    name: 'a function that stops pulling leaves the rest to be computed',
    program: async (ctx) => {
      const { rows } = counted(ctx)
      rows.cache()
      const firsts = rows.mapPartitions(function* (list) {
        for (const row of list) {
          yield row.n
          break
        }
      })
      return [await firsts.collect(), await firsts.collect(), await rows.count()]
    },
    expected: [[0, 3, 6], [0, 3, 6], 10],
  },
])

contract('checkpoint', [
  {
    name: 'the first action writes what is checkpointed while it runs; later ones read it',
    program: async (ctx, directory) => {
      ctx.setCheckpointDir(directory)
      const { rows, calls } = counted(ctx)
      const same = rows.checkpoint()
      const before = rows.isCheckpointed()
      await rows.count()
      const after = rows.isCheckpointed()
      return [
        same === rows,
        before,
        after,
        (await rows.collect()).length,
        calls.value,
        partsIn(join(directory, readdirSync(directory)[0] as string)),
      ]
    },
    expected: [true, false, true, 10, 10, ['part-00000', 'part-00001', 'part-00002']],
  },
  {
    name: 'an action that reads a part of it has the rest written before it ends',
    program: async (ctx, directory) => {
      ctx.setCheckpointDir(directory)
      const { rows } = counted(ctx)
      rows.checkpoint()
      await rows.take(1)
      return [rows.isCheckpointed(), (await rows.collect()).length]
    },
    expected: [true, 10],
  },
  {
    name: 'a dataset that a plan reads twice is written by two tasks at once, and stays whole',
    program: async (ctx, directory) => {
      ctx.setCheckpointDir(directory)
      const { rows } = counted(ctx)
      rows.checkpoint()
      const both = rows.union(rows).map(({ n }) => n)
      return [await both.sum(), await both.sum(), rows.isCheckpointed(), await rows.count()]
    },
    expected: [90, 90, true, 10],
  },
  {
    name: 'a task that reads a dataset twice while it is written gets it whole both times',
    program: async (ctx, directory) => {
      ctx.setCheckpointDir(directory)
      const { rows } = counted(ctx)
      rows.checkpoint()
      const within = rows
        .union(rows)
        .coalesce(1)
        .map(({ n }) => n)
      return [await within.sum(), await within.sum(), rows.isCheckpointed()]
    },
    expected: [90, 90, true],
  },
  {
    name: 'what it was made from is not looked at any more',
    program: async (ctx, directory) => {
      const { rmSync, writeFileSync } = await import('node:fs')
      ctx.setCheckpointDir(join(directory, 'checkpoints'))
      const path = join(directory, 'a.txt')
      writeFileSync(path, 'x\ny\nz\n')
      const rows = ctx
        .textFile(path, { minPartitions: 1 })
        .map((line): [string, number] => [line, 1])
        .reduceByKey((a, b) => a + b)
        .checkpoint()
      await rows.count()
      rmSync(path)
      return [unordered(await rows.keys().collect()), rows.getNumPartitions()]
    },
    expected: [['x', 'y', 'z'], 1],
  },
  {
    name: 'checkpoint without a directory is refused',
    program: async () => {
      const { createContext } = await import('kindling')
      await using other = await createContext({ master: 'inline' })
      other.range(3).checkpoint()
    },
    expected: failure('PlanError', 'checkpoint (', 'setCheckpointDir'),
  },
  {
    name: 'a directory that is none is refused',
    program: async (ctx) => ctx.setCheckpointDir(''),
    expected: failure('PlanError', 'setCheckpointDir', 'directory'),
  },
  {
    name: 'the files of a checkpoint stay when the dataset is asked to be unpersisted',
    program: async (ctx, directory) => {
      ctx.setCheckpointDir(directory)
      const { rows } = counted(ctx)
      await rows.checkpoint().count()
      await rows.unpersist()
      return [rows.isCheckpointed(), readdirSync(directory).length]
    },
    expected: [true, 1],
  },
  {
    name: 'localCheckpoint keeps rows without a directory',
    program: async (ctx) => {
      const { rows, calls } = counted(ctx)
      rows.localCheckpoint()
      await rows.count()
      await rows.count()
      return [calls.value, rows.isCheckpointed()]
    },
    expected: [10, false],
  },
  {
    name: 'a failed action leaves no checkpoint that looks whole',
    program: async (ctx, directory) => {
      ctx.setCheckpointDir(directory)
      const rows = ctx
        .range(0, 4, 1, 2)
        .map((n) => {
          if (n === 3) throw new Error('bad row')
          return n
        })
        .checkpoint()
      const failed = await rows.count().catch((error: Error) => error.message.includes('bad row'))
      const [made] = readdirSync(directory)
      const parts = made === undefined ? [] : partsIn(join(directory, made))
      return [failed, rows.isCheckpointed(), parts.filter((name) => name !== 'part-00000')]
    },
    expected: [true, false, []],
  },
])

contract('names and numbers of datasets', [
  {
    name: 'setName names the dataset in place; ids differ; partitions are known without running',
    program: async (ctx) => {
      const rows = ctx.range(0, 10, 1, 4)
      const other = rows.map((n) => n)
      return [
        rows.setName('mine') === rows,
        rows.name(),
        other.name(),
        rows.id !== other.id,
        rows.getNumPartitions(),
        rows.numPartitions,
        other.isCheckpointed(),
      ]
    },
    expected: [true, 'mine', undefined, true, 4, 4, false],
  },
  {
    name: 'toDebugString begins with the partitions and shows each shuffle',
    program: async (ctx) => {
      const text = ctx
        .range(0, 10, 1, 4)
        .map((n): [number, number] => [n, n])
        .reduceByKey((a, b) => a + b, 3)
        .sortByKey(true, 2)
        .toDebugString()
      return [text.startsWith('(2) '), text.match(/\+-\(\d\)/g)]
    },
    expected: [true, ['+-(3)', '+-(4)']],
  },
])

contract('what is left on disk', [
  {
    name: 'nothing of a dataset on disk is left once it is unpersisted and its context stopped',
    program: async (_ctx, directory) => {
      const { createContext } = await import('kindling')
      const other = await createContext({ master: 'local[1]', tmpDir: directory })
      const rows = other.range(0, 1000, 1, 2).persist('DISK_ONLY')
      await rows.count()
      const during = filesUnder(directory)
      await rows.unpersist()
      const after = filesUnder(directory)
      await other.stop()
      return [during > 0, after, existsSync(directory) ? readdirSync(directory) : []]
    },
    expected: [true, 0, []],
  },
])

/** The files of a checkpoint, without what tells apart the attempts that made them. */
function partsIn(directory: string): string[] {
  return readdirSync(directory)
    .map((name) => name.replace(/-[0-9a-f]{8}$/, ''))
    .sort()
}

/** Files of rows in a directory, however deep. */
function filesUnder(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.startsWith('blocks-'),
  ).length
}

/** The map side of a shuffle: each row goes to the bucket of its partition, as blocks that reduce tasks read. */
import { DataError } from '../errors.ts'
import { type Pair, requirePair } from '../plan/pair.ts'
import type { Partitioner } from '../plan/partitioner.ts'
import type { KeptBlocks } from '../plan/task.ts'
import { encodeBlock } from './block.ts'
import { BlockBuffer, MERGED_AT_ONCE } from './blocks.ts'
import { BlockKeeper } from './keep.ts'
import { hashKey } from './key.ts'
import { KeySamples } from './key-samples.ts'
import { SortBuffer, type SortedPairs } from './sort-buffer.ts'
import type { Workspace } from './workspace.ts'

const BY_KEY = 'a shuffle by key'

export interface ShuffleSink {
  push(row: unknown): void
  finish(): KeptBlocks
  abort(): void
}

/** A partitioner whose function is revived. */
export type LivePartitioner = Partitioner<(key: unknown) => unknown>

export function openShuffleSink(
  partitioner: LivePartitioner,
  partitionCount: number,
  workspace: Workspace,
): ShuffleSink {
  switch (partitioner.type) {
    case 'range':
      return new RangeSink(partitioner.ascending, partitionCount, workspace)
    case 'spread':
      return new SpreadSink(workspace)
    default:
      return new BucketSink(bucketOf(partitioner, partitionCount), workspace, partitionCount)
  }
}

function bucketOf(
  partitioner: Exclude<LivePartitioner, { type: 'range' | 'spread' }>,
  count: number,
): (row: unknown) => number {
  if (partitioner.type === 'hash') return (row) => hashKey(keyOf(row)) % count
  const { fn } = partitioner
  return (row) => customBucket(fn(keyOf(row)), count)
}

/** The partition that a user's function means. @throws DataError unless it gave a number */
export function customBucket(value: unknown, count: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new DataError(
      `the partition function must return a whole number, got ${typeof value === 'number' ? value : typeof value}. Any will do: it is taken modulo the number of partitions`,
    )
  }
  const bucket = Math.floor(value) % count
  return bucket < 0 ? bucket + count : bucket
}

function keyOf(row: unknown): unknown {
  requirePair(BY_KEY, row)
  return row[0]
}

class BucketSink implements ShuffleSink {
  readonly #bucketOf: (row: unknown) => number
  readonly #keeper: BlockKeeper
  readonly #buffers: BlockBuffer[]
  readonly #mostBytes: number

  constructor(bucket: (row: unknown) => number, workspace: Workspace, partitionCount: number) {
    this.#bucketOf = bucket
    this.#keeper = new BlockKeeper(workspace)
    this.#mostBytes = workspace.taskBytes
    this.#buffers = Array.from({ length: partitionCount }, (_, i) => {
      return new BlockBuffer((block) => this.#keeper.add(i, block, this.#mostBytes), partitionCount)
    })
  }

  push(row: unknown): void {
    ;(this.#buffers[this.#bucketOf(row)] as BlockBuffer).add(row)
  }

  finish(): KeptBlocks {
    for (const buffer of this.#buffers) buffer.flush()
    const rows = this.#buffers.reduce((sum, buffer) => sum + buffer.rowCount, 0)
    return this.#keeper.finish(this.#buffers.length, rows)
  }

  abort(): void {
    this.#keeper.abort()
  }
}

/** Rows in the order they come; how many each block holds tells where readers cut them. */
class SpreadSink implements ShuffleSink {
  readonly #keeper: BlockKeeper
  readonly #buffer: BlockBuffer
  readonly #spanRows: number[] = []

  constructor(workspace: Workspace) {
    this.#keeper = new BlockKeeper(workspace, { isBlockwise: true })
    this.#buffer = new BlockBuffer((block, _first, rowCount) => {
      this.#spanRows.push(rowCount)
      this.#keeper.add(0, block, workspace.taskBytes)
    })
  }

  push(row: unknown): void {
    this.#buffer.add(row)
  }

  finish(): KeptBlocks {
    this.#buffer.flush()
    return this.#keeper.finish(1, this.#buffer.rowCount, { spanRows: Uint32Array.from(this.#spanRows) })
  }

  abort(): void {
    this.#keeper.abort()
  }
}

/** Rows in sorted runs, with what is needed to cut them by key afterwards: so the input is read once, not twice to sample it first. */
class RangeSink implements ShuffleSink {
  readonly #keeper: BlockKeeper
  readonly #buffer: SortBuffer
  readonly #samples: KeySamples
  readonly #mostBytes: number
  readonly #firstKeys: unknown[] = []
  #runs = 0
  #rows = 0

  constructor(ascending: boolean, partitionCount: number, workspace: Workspace) {
    this.#keeper = new BlockKeeper(workspace, { isBlockwise: true })
    this.#samples = new KeySamples(partitionCount)
    this.#mostBytes = workspace.taskBytes / 2
    this.#buffer = new SortBuffer(this.#mostBytes, ascending, (sorted) => this.#write(sorted))
  }

  push(row: unknown): void {
    requirePair(BY_KEY, row)
    this.#rows++
    this.#buffer.add(row)
  }

  finish(): KeptBlocks {
    this.#write(this.#buffer.take())
    const samples = this.#samples.taken()
    const order = {
      firstKeys: encodeBlock(this.#firstKeys),
      samples: encodeBlock(samples.keys),
      rowsPerSample: samples.rowsEach,
    }
    return this.#keeper.finish(this.#runs, this.#rows, { order })
  }

  abort(): void {
    this.#keeper.abort()
  }

  #write(sorted: SortedPairs): void {
    if (sorted.length === 0) return
    const run = this.#runs++
    const buffer = new BlockBuffer((block, first) => {
      this.#firstKeys.push((first as Pair)[0])
      this.#keeper.add(run, block, this.#mostBytes)
    }, MERGED_AT_ONCE)
    for (let place = 0; place < sorted.length; place++) {
      const pair = sorted.at(place) as Pair
      this.#samples.add(pair[0])
      buffer.add(pair)
    }
    buffer.flush()
  }
}

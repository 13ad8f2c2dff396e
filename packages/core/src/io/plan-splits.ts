/** Splitting: a source cut into the splits that its tasks read, one per partition. */
import { resolve } from 'node:path'
import { PlanError } from '../errors.ts'
import { sliceStart } from '../plan/inputs.ts'
import type { LinesSplit, Source, Split } from '../plan/source.ts'
import { type InputFile, listFiles } from './list-files.ts'
import { encodeRows } from './row-codec.ts'

export interface SplitList {
  readonly count: number
  /** What a partition reads. The rows of a list are encoded here, so that a job holds one partition of them twice at most. */
  at(partition: number): Split
}

/** The largest split, as long as the last of a file need not be longer. Source: the block size of Hadoop's local files. */
const BLOCK_BYTES = 32 * 1024 * 1024
/** Smaller splits cost more than they give; only `minPartitions` asks for them. */
const SMALLEST_BYTES = 1024 * 1024
/** The last split of a file may be this much longer than the others. Source: Hadoop's FileInputFormat. */
const SPLIT_SLOP = 1.1
/** Rows of a list in one block. */
const BLOCK_ROWS = 4096

/**
 * @param verb the verb and its place, which errors begin with
 * @throws DataError for paths that can't be read, PlanError for a number of partitions that is none
 */
export function splitSource(source: Source, verb: string, defaultParallelism: number): SplitList {
  switch (source.type) {
    case 'text':
      return listOf(textSplits(verb, source, defaultParallelism))
    case 'wholeText':
      return listOf(
        listFiles(verb, source.paths).map(({ path, stamp }) => ({ type: 'wholeText', path: resolve(path), stamp })),
      )
    case 'items': {
      const { items, sliceCount } = source
      return { count: sliceCount, at: (slice) => itemsSplit(verb, items, slice, sliceCount) }
    }
    case 'range': {
      const { start, step, count, sliceCount } = source
      const at = (slice: number): Split => {
        return {
          type: 'range',
          start,
          step,
          from: sliceStart(slice, sliceCount, count),
          to: sliceStart(slice + 1, sliceCount, count),
        }
      }
      return { count: sliceCount, at }
    }
    case 'empty':
      return listOf([])
  }
}

function listOf(splits: readonly Split[]): SplitList {
  const at = (partition: number): Split => {
    const split = splits[partition]
    if (split === undefined) throw new RangeError(`partition ${partition} of ${splits.length} does not exist`)
    return split
  }
  return { count: splits.length, at }
}

function textSplits(verb: string, source: Source & { type: 'text' }, defaultParallelism: number): LinesSplit[] {
  const { minPartitions } = source
  if (minPartitions !== undefined && (!Number.isInteger(minPartitions) || minPartitions < 1)) {
    throw new PlanError(`${verb}: minPartitions must be a whole number from 1, got ${String(minPartitions)}.`)
  }
  const files = listFiles(verb, source.paths)
  const total = files.reduce((sum, file) => sum + file.stamp.sizeBytes, 0)
  const goal = Math.max(1, Math.floor(total / (minPartitions ?? Math.max(2, defaultParallelism))))
  const wanted = Math.min(goal, BLOCK_BYTES)
  const splitBytes = minPartitions === undefined ? Math.max(wanted, SMALLEST_BYTES) : wanted
  return files.flatMap((file) => splitsOf(file, splitBytes))
}

/** An empty file is one empty split; a compressed one can only be read from its start. */
function splitsOf(file: InputFile, splitBytes: number): LinesSplit[] {
  const { stamp, gzip } = file
  const size = stamp.sizeBytes
  const path = resolve(file.path)
  if (gzip) return [{ type: 'lines', path, start: 0, end: -1, gzip, stamp }]
  const splits: LinesSplit[] = []
  let start = 0
  for (; (size - start) / splitBytes > SPLIT_SLOP; start += splitBytes) {
    splits.push({ type: 'lines', path, start, end: start + splitBytes, gzip, stamp })
  }
  if (start < size || size === 0) splits.push({ type: 'lines', path, start, end: size, gzip, stamp })
  return splits
}

function itemsSplit(verb: string, items: readonly unknown[], slice: number, sliceCount: number): Split {
  const to = sliceStart(slice + 1, sliceCount, items.length)
  const blocks: Uint8Array[] = []
  try {
    for (let from = sliceStart(slice, sliceCount, items.length); from < to; from += BLOCK_ROWS) {
      blocks.push(encodeRows(items.slice(from, Math.min(from + BLOCK_ROWS, to)), from))
    }
  } catch (error) {
    if (error instanceof Error) error.message = `${verb}: ${error.message}`
    throw error
  }
  return { type: 'rows', blocks }
}

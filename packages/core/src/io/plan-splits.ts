/** Splitting: a source cut into the splits that its tasks read, one per partition. */
import { resolve } from 'node:path'
import { PlanError } from '../errors.ts'
import type { CsvDialect } from '../plan/csv-dialect.ts'
import { sliceStart } from '../plan/inputs.ts'
import type { LinesSplit, Source, Split } from '../plan/source.ts'
import { RecordEnds } from './csv-record-ends.ts'
import { type InputFile, listFiles } from './list-files.ts'
import { readFooter } from './parquet-footer.ts'
import { encodeRows } from './row-codec.ts'
import { streamSplit } from './stream-rows.ts'

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
    case 'csv':
      return csvSplits(textSplits(verb, source, defaultParallelism), source.dialect)
    case 'parquet':
      return listOf(listFiles(verb, source.paths).flatMap((file) => groupsOf(file, source.columns)))
    case 'wholeText':
      return listOf(
        listFiles(verb, source.paths).map(({ path, ...file }) => ({ type: 'wholeText', path: resolve(path), ...file })),
      )
    case 'items': {
      const { items, sliceCount } = source
      return { count: sliceCount, at: (slice) => itemsSplit(verb, items, slice, sliceCount) }
    }
    case 'stream':
      return { count: source.sliceCount, at: (slice) => streamSplit(source, slice) }
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

/** Splits of CSV begin and end with records: where, is found when a split is asked for, so that tasks start before all is known. */
function csvSplits(splits: readonly LinesSplit[], dialect: CsvDialect): SplitList {
  // Each split of a file and its number among them; the first begins at 0.
  const places: { readonly offsets: number[]; readonly index: number }[] = []
  for (const { start } of splits) {
    const offsets = start === 0 ? [] : (places.at(-1)?.offsets ?? [])
    places.push({ offsets, index: offsets.push(start) - 1 })
  }
  const files = new Map<readonly number[], RecordEnds>()
  const at = (partition: number): Split => {
    const { path, start, end, stamp, compression } = listOf(splits).at(partition) as LinesSplit
    const { offsets, index } = places[partition] as (typeof places)[number]
    if (compression !== 'none') return { type: 'csv', path, start, end, compression, stamp, dialect }
    const ends = files.get(offsets) ?? new RecordEnds(path, stamp, dialect, offsets)
    files.set(offsets, ends)
    return { type: 'csv', path, start: ends.at(index), end: ends.at(index + 1), compression, stamp, dialect }
  }
  return { count: splits.length, at }
}

/** The row groups of a Parquet file, as many as its footer names. */
function groupsOf({ path, stamp }: InputFile, columns: readonly string[] | null): Split[] {
  let firstRow = 0
  return readFooter(path, stamp).row_groups.map(({ num_rows }, group) => {
    const split: Split = { type: 'parquet', path: resolve(path), stamp, group, firstRow, columns }
    firstRow += Number(num_rows)
    return split
  })
}

function textSplits(verb: string, source: Source & { type: 'text' | 'csv' }, defaultParallelism: number): LinesSplit[] {
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
  const { stamp, compression } = file
  const size = stamp.sizeBytes
  const path = resolve(file.path)
  if (compression !== 'none') return [{ type: 'lines', path, start: 0, end: -1, compression, stamp }]
  const splits: LinesSplit[] = []
  let start = 0
  for (; (size - start) / splitBytes > SPLIT_SLOP; start += splitBytes) {
    splits.push({ type: 'lines', path, start, end: start + splitBytes, compression, stamp })
  }
  if (start < size || size === 0) splits.push({ type: 'lines', path, start, end: size, compression, stamp })
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

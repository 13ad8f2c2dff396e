/** What a task does with the rows that reach the end of its stage, and the result rows it gives back, as blocks. */
import { DataError } from '../errors.ts'
import { type CsvWriter, openCsvWriter } from '../io/csv-writer.ts'
import { openParquetPart } from '../io/parquet-part.ts'
import { decodeRows, encodeRows } from '../io/row-codec.ts'
import type { Push } from '../io/row-source.ts'
import { jsonOf, textOf } from '../io/row-text.ts'
import { openTextPart } from '../io/text-part.ts'
import { describe } from '../plan/describe.ts'
import { compareValues } from '../plan/order.ts'
import type { ParquetFormat } from '../plan/parquet-format.ts'
import { withPartitionerFunction } from '../plan/partitioner.ts'
import type { Sink } from '../plan/step.ts'
import type { KeptBlocks, Task } from '../plan/task.ts'
import type { TextFormat } from '../plan/text-format.ts'
import type { FunctionRef } from '../program/program.ts'
import { openShuffleSink } from '../shuffle/sink.ts'
import { openSummary } from './summaries.ts'
import type { LineSink, TaskState } from './task-state.ts'

export interface TaskSink {
  readonly push: Push<unknown>
  /** Takes what `push` would write of rows. */
  readonly pushLines?: LineSink
  /** Result rows of the partition. */
  finish(): SinkResult
  /** Takes back what was written. */
  abort(): void
}

export interface SinkResult {
  readonly blocks: readonly Uint8Array[]
  /** What a map task leaves for a shuffle. */
  readonly shuffled: KeptBlocks | null
  readonly rowsOut: number
  readonly bytesWritten: number
}

/** Rows held before they are encoded: few enough that a partition's text buffers can be freed, many enough to pay. */
const BLOCK_ROWS = 4096

type Call = (...args: unknown[]) => unknown

/**
 * @param node the plan node of the action, which runs when a row arrives
 */
export function openSink(
  sink: Exclude<Sink<FunctionRef>, { op: 'forEachPartition' }>,
  functions: readonly unknown[],
  state: TaskState,
  node: number,
  task: Task,
): TaskSink {
  const fnOf = (ref: FunctionRef): Call => functions[ref] as Call
  switch (sink.op) {
    case 'collect':
      return collectSink(Number.POSITIVE_INFINITY, state, node)
    case 'take':
      return collectSink(sink.count, state, node)
    case 'count':
      return countSink()
    case 'sum':
      return foldSink(state, node, 0, (sum, row) => {
        if (typeof row !== 'number') throw new DataError(`expected a number, got ${describe(row)}`)
        return (sum as number) + row
      })
    case 'reduce':
      return foldSink(state, node, NOTHING, fnOf(sink.fn))
    case 'fold':
      return foldSink(state, node, decodeRows(sink.zero)[0], fnOf(sink.fn))
    case 'min':
    case 'max': {
      const sign = sink.op === 'min' ? 1 : -1
      const key = sink.key === null ? (row: unknown) => row : fnOf(sink.key)
      return foldSink(state, node, NOTHING, (best, row) => (sign * compareValues(key(row), key(best)) < 0 ? row : best))
    }
    case 'forEach':
      return forEachSink(fnOf(sink.fn), state, node)
    case 'text':
      return textSink(task.output, sink, state, node)
    case 'parquet':
      return parquetSink(task.output, sink.format, state, node)
    case 'shuffle':
      return shuffleSink(sink, fnOf, state, node)
    case 'top':
    case 'stats':
    case 'histogram':
    case 'sketch':
      return openSummary(sink, sink.op === 'top' && sink.key !== null ? fnOf(sink.key) : null, state, node)
  }
}

/** No accumulator yet: the first row becomes it. */
const NOTHING = Symbol('nothing')

function foldSink(state: TaskState, node: number, zero: unknown, fn: Call): TaskSink {
  let accumulator = zero
  let rowsOut = 0
  return {
    push(row) {
      rowsOut++
      state.at = node
      accumulator = accumulator === NOTHING ? row : fn(accumulator, row)
      return true
    },
    finish() {
      state.at = node
      return {
        blocks: accumulator === NOTHING ? [] : [encodeRows([accumulator])],
        rowsOut,
        bytesWritten: 0,
        shuffled: null,
      }
    },
    abort() {},
  }
}

function countSink(): TaskSink {
  let rowsOut = 0
  return {
    push() {
      rowsOut++
      return true
    },
    finish: () => ({ blocks: [encodeRows([rowsOut])], rowsOut, bytesWritten: 0, shuffled: null }),
    abort() {},
  }
}

function collectSink(limit: number, state: TaskState, node: number): TaskSink {
  const blocks: Uint8Array[] = []
  let rows: unknown[] = []
  let rowsOut = 0
  const flush = (): void => {
    state.at = node
    if (rows.length > 0) blocks.push(encodeRows(rows))
    rows = []
  }
  return {
    push(row) {
      rows.push(row)
      if (rows.length >= BLOCK_ROWS) flush()
      if (++rowsOut < limit) return true
      state.stopped = true
      return false
    },
    finish() {
      flush()
      return { blocks, rowsOut, bytesWritten: 0, shuffled: null }
    },
    abort() {},
  }
}

function forEachSink(fn: Call, state: TaskState, node: number): TaskSink {
  let rowsOut = 0
  return {
    push(row) {
      rowsOut++
      state.at = node
      if (fn(row) instanceof Promise) {
        throw new DataError(
          'the function given to forEach returned a promise. Use mapAsync(fn).count(), or an async function in forEachPartition',
        )
      }
      return true
    },
    finish: () => ({ blocks: [], rowsOut, bytesWritten: 0, shuffled: null }),
    abort() {},
  }
}

function shuffleSink(
  { partitioner, partitionCount }: Sink<FunctionRef> & { op: 'shuffle' },
  fnOf: (ref: FunctionRef) => Call,
  state: TaskState,
  node: number,
): TaskSink {
  const live = withPartitionerFunction(partitioner, fnOf)
  const shuffle = openShuffleSink(live, partitionCount, state.workspace)
  let rowsOut = 0
  return {
    push(row) {
      rowsOut++
      state.at = node
      shuffle.push(row)
      return true
    },
    finish() {
      state.at = node
      return { blocks: [], rowsOut, bytesWritten: 0, shuffled: shuffle.finish() }
    },
    abort: () => shuffle.abort(),
  }
}

function textSink(
  output: string | null,
  { format, compression }: Sink<FunctionRef> & { op: 'text' },
  state: TaskState,
  node: number,
): TaskSink {
  if (output === null) throw new Error('a text sink needs a file')
  const { lineOf, emptyText } = formatterOf(format)
  const part = openTextPart(output, compression)
  let rowsOut = 0
  return {
    push(row) {
      rowsOut++
      state.at = node
      part.write(lineOf(row))
      return true
    },
    pushLines(bytes, count) {
      rowsOut += count
      state.at = node
      part.writeLines(bytes)
    },
    finish() {
      state.at = node
      if (rowsOut === 0 && emptyText !== null) part.write(emptyText)
      return { blocks: [], rowsOut, bytesWritten: part.finish().bytesWritten, shuffled: null }
    },
    abort: () => part.abort(),
  }
}

function parquetSink(output: string | null, format: ParquetFormat, state: TaskState, node: number): TaskSink {
  if (output === null) throw new Error('a Parquet sink needs a file')
  const part = openParquetPart(output, format)
  let rowsOut = 0
  return {
    push(row) {
      rowsOut++
      state.at = node
      part.write(row)
      return true
    },
    finish() {
      state.at = node
      return { blocks: [], rowsOut, bytesWritten: part.finish().bytesWritten, shuffled: null }
    },
    abort: () => part.abort(),
  }
}

function formatterOf(format: TextFormat): CsvWriter {
  switch (format.type) {
    case 'text':
      return { lineOf: textOf, emptyText: null }
    case 'json':
      return { lineOf: jsonOf, emptyText: null }
    case 'csv':
      return openCsvWriter(format)
  }
}

/** Sinks that keep a little of many rows: the first ones in order, moments, counts between edges, a sketch of how many differ. */
import { DataError } from '../errors.ts'
import { decodeRows, encodeRows } from '../io/row-codec.ts'
import { describe } from '../plan/describe.ts'
import { compareValues } from '../plan/order.ts'
import type { Sink } from '../plan/step.ts'
import type { FunctionRef } from '../program/program.ts'
import { hashKey } from '../shuffle/key.ts'
import type { TaskSink } from './sinks.ts'
import type { TaskState } from './task-state.ts'

type Summary = Sink<FunctionRef> & { op: 'top' | 'stats' | 'histogram' | 'sketch' }

/** @param key the key of `top`, where it has one */
export function openSummary(
  sink: Summary,
  key: ((row: unknown) => unknown) | null,
  state: TaskState,
  node: number,
): TaskSink {
  const summary = summaryOf(sink, key)
  let rowsOut = 0
  return {
    push(row) {
      rowsOut++
      state.at = node
      summary.add(row)
      return true
    },
    finish() {
      state.at = node
      return { blocks: [encodeRows(summary.rows())], rowsOut, bytesWritten: 0, shuffled: null }
    },
    abort() {},
  }
}

interface Accumulating {
  add(row: unknown): void
  /** What the partition gives. */
  rows(): readonly unknown[]
}

function summaryOf(sink: Summary, key: ((row: unknown) => unknown) | null): Accumulating {
  switch (sink.op) {
    case 'top':
      return topOf(sink.count, sink.ascending, key ?? ((row) => row))
    case 'stats':
      return momentsOf()
    case 'histogram':
      return histogramOf(decodeRows(sink.edges) as number[])
    case 'sketch':
      return sketchOf(sink.precision)
  }
}

/** A list that is cut back to the first rows whenever it has grown to twice as many: fewer comparisons a row than a heap. */
function topOf(count: number, ascending: boolean, key: (row: unknown) => unknown): Accumulating {
  const sign = ascending ? 1 : -1
  let kept: { readonly key: unknown; readonly row: unknown }[] = []
  let last: { readonly key: unknown } | null = null
  const cut = (): void => {
    kept = kept.sort((a, b) => sign * compareValues(a.key, b.key)).slice(0, count)
    if (kept.length === count) last = kept.at(-1) ?? null
  }
  return {
    add(row) {
      const own = key(row)
      // A comparison for every row also refuses keys that have no order.
      if (last !== null ? sign * compareValues(own, last.key) >= 0 : compareValues(own, own) !== 0) return
      kept.push({ key: own, row })
      if (kept.length >= 2 * count) cut()
    },
    rows() {
      cut()
      return kept.map(({ row }) => row)
    },
  }
}

/** Count, mean and the sum of squared distances from it, so that nothing cancels. */
export interface Moments {
  readonly count: number
  readonly sum: number
  readonly mean: number
  readonly squares: number
  readonly min: number
  readonly max: number
}

/** Source: Welford, Note on a method for calculating corrected sums of squares and products, 1962. */
function momentsOf(): Accumulating {
  let count = 0
  let sum = 0
  let mean = 0
  let squares = 0
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  return {
    add(row) {
      const value = numberOf(row)
      const distance = value - mean
      count++
      sum += value
      mean += distance / count
      squares += distance * (value - mean)
      if (value < min) min = value
      if (value > max) max = value
    },
    rows: () => [{ count, sum, mean, squares, min, max } satisfies Moments],
  }
}

/** The last bucket holds its upper edge, the others don't; what lies outside counts nowhere. */
function histogramOf(edges: readonly number[]): Accumulating {
  const counts = Array.from({ length: edges.length - 1 }, () => 0)
  const lowest = edges[0] as number
  const highest = edges.at(-1) as number
  return {
    add(row) {
      const value = numberOf(row)
      if (!(value >= lowest && value <= highest)) return
      let low = 0
      let high = counts.length - 1
      while (low < high) {
        const middle = (low + high + 1) >>> 1
        if (value >= (edges[middle] as number)) low = middle
        else high = middle - 1
      }
      counts[low] = (counts[low] as number) + 1
    },
    rows: () => [counts],
  }
}

/** Source: Flajolet and others, HyperLogLog, 2007. */
function sketchOf(precision: number): Accumulating {
  const registers = new Uint8Array(2 ** precision)
  return {
    add(row) {
      const register = hashKey(row) >>> (32 - precision)
      const zeros = Math.clz32(hashKey(row, 0x5bd1e995)) + 1
      if (zeros > (registers[register] as number)) registers[register] = zeros
    },
    rows: () => [registers],
  }
}

function numberOf(row: unknown): number {
  if (typeof row !== 'number') throw new DataError(`expected a number, got ${describe(row)}`)
  return row
}

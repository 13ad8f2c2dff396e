/** The verbs of the model test, each told twice: as a user writes it, and with the model's plain arrays. */
import { setImmediate } from 'node:timers/promises'
import type { Dataset } from 'kindling'
import { coalesced, type Partitions, perRow, withIndex, withUniqueId, zipped } from './model.ts'

type Rows = Dataset<unknown>
type Pair = [unknown, unknown]

export interface Verb {
  /** Pair verbs apply to pairs only; where rows are none they are left out, on both sides. */
  readonly needsPairs?: true
  /** Whether it gives pairs; where it is not said, it gives what it got. */
  readonly givesPairs?: boolean
  readonly real: (rows: Rows, n: number) => Rows
  readonly model: (rows: Partitions, n: number) => Partitions
}

/** A small whole number for any row: what the functions below decide by. */
export function weigh(row: unknown): number {
  if (typeof row === 'string' || Array.isArray(row)) return row.length
  return typeof row === 'number' && Number.isFinite(row) ? Math.trunc(Math.abs(row)) % 100 : 3
}

const isPart = (row: unknown, n: number): boolean => (weigh(row) + n) % 3 !== 0
const copies = (row: unknown, n: number): unknown[] => Array.from({ length: (weigh(row) + n) % 3 }, () => row)
const label = (row: unknown, n: number): string => `${typeof row} ${weigh(row) * n}`

/** Functions of the two sides are written apart, so that neither can hide what the other does. */
export const VERBS: Readonly<Record<string, Verb>> = {
  map: {
    givesPairs: false,
    real: (rows, n) => rows.map<unknown>((row) => ({ row, n })),
    model: (rows, n) => perRow(rows, (row) => [{ row, n }]),
  },
  mapToText: {
    givesPairs: false,
    real: (rows, n) => rows.map((row) => label(row, n)),
    model: (rows, n) => perRow(rows, (row) => [`${typeof row} ${weigh(row) * n}`]),
  },
  mapToPair: {
    givesPairs: true,
    real: (rows, n) => rows.map((row): Pair => [weigh(row) % (n + 1), row]),
    model: (rows, n) => perRow(rows, (row) => [[weigh(row) % (n + 1), row]]),
  },
  mapAsync: {
    givesPairs: false,
    real: (rows, n) =>
      rows.mapAsync(
        async (row) => {
          if (weigh(row) % 2 === 0) await setImmediate()
          return [row]
        },
        { concurrency: n + 1 },
      ),
    model: (rows) => perRow(rows, (row) => [[row]]),
  },
  filter: {
    real: (rows, n) => rows.filter((row) => isPart(row, n)),
    model: (rows, n) => rows.map((list) => list.filter((row) => (weigh(row) + n) % 3 !== 0)),
  },
  filterAllOut: {
    real: (rows) => rows.filter(() => false),
    model: (rows) => rows.map(() => []),
  },
  flatMap: {
    real: (rows, n) => rows.flatMap((row) => copies(row, n)),
    model: (rows, n) => perRow(rows, (row) => Array.from({ length: (weigh(row) + n) % 3 }, () => row)),
  },
  flatMapGenerator: {
    givesPairs: false,
    real: (rows, n) =>
      rows.flatMap<unknown>(function* (row) {
        if (n > 2) yield row
        yield n
      }),
    model: (rows, n) => perRow(rows, (row) => (n > 2 ? [row, n] : [n])),
  },
  flatMapText: {
    givesPairs: false,
    real: (rows) => rows.flatMap((row) => String(weigh(row))),
    model: (rows) => perRow(rows, (row) => Array.from(String(weigh(row)))),
  },
  mapPartitionsToCount: {
    givesPairs: false,
    real: (rows) => rows.mapPartitions((list) => [Array.from(list).length]),
    model: (rows) => rows.map((list) => [list.length]),
  },
  mapPartitionsOfSome: {
    real: (rows, n) =>
      rows.mapPartitions(function* (list) {
        let left = n
        for (const row of list) {
          if (left-- === 0) break
          yield row
        }
      }),
    model: (rows, n) => rows.map((list) => list.slice(0, n)),
  },
  mapPartitionsWithIndex: {
    givesPairs: true,
    real: (rows, n) =>
      rows.mapPartitionsWithIndex((partition, list) => Array.from(list, (row): Pair => [partition * n, row])),
    model: (rows, n) => rows.map((list, k) => list.map((row) => [k * n, row])),
  },
  glom: { givesPairs: false, real: (rows) => rows.glom(), model: (rows) => rows.map((list) => [list]) },
  keyBy: {
    givesPairs: true,
    real: (rows, n) => rows.keyBy((row) => weigh(row) * n),
    model: (rows, n) => perRow(rows, (row) => [[weigh(row) * n, row]]),
  },
  keys: {
    needsPairs: true,
    givesPairs: false,
    real: (rows) => pairs(rows).keys(),
    model: (rows) => perRow(rows, (row) => [(row as Pair)[0]]),
  },
  values: {
    needsPairs: true,
    givesPairs: false,
    real: (rows) => pairs(rows).values(),
    model: (rows) => perRow(rows, (row) => [(row as Pair)[1]]),
  },
  mapValues: {
    needsPairs: true,
    real: (rows, n) => pairs(rows).mapValues((value) => weigh(value) + n),
    model: (rows, n) => perRow(rows, (row) => [[(row as Pair)[0], weigh((row as Pair)[1]) + n]]),
  },
  flatMapValues: {
    needsPairs: true,
    real: (rows, n) => pairs(rows).flatMapValues((value) => copies(value, n).concat(n).values()),
    model: (rows, n) =>
      perRow(rows, (row) => {
        const [key, value] = row as Pair
        const values = Array.from({ length: (weigh(value) + n) % 3 }, () => value).concat(n)
        return values.map((each) => [key, each])
      }),
  },
  unionWithItself: { real: (rows) => rows.union(rows), model: (rows) => [...rows, ...rows] },
  unionOfUnions: {
    givesPairs: false,
    real: (rows, n) => {
      const { context } = rows
      return context.union<unknown>([context.range(n).coalesce(1), rows.union(context.empty()), rows.map(weigh)])
    },
    model: (rows, n) => [Array.from({ length: n }, (_, i) => i), ...rows].concat(perRow(rows, (row) => [weigh(row)])),
  },
  zipWithItself: { givesPairs: true, real: (rows) => rows.zip(rows), model: (rows) => zipped(rows, rows) },
  zipWithOwnMap: {
    givesPairs: true,
    real: (rows) => rows.map(weigh).zip(rows),
    model: (rows) =>
      zipped(
        perRow(rows, (row) => [weigh(row)]),
        rows,
      ),
  },
  coalesce: { real: (rows, n) => rows.coalesce(n + 1), model: (rows, n) => coalesced(rows, n + 1) },
  zipWithIndex: { givesPairs: true, real: (rows) => rows.zipWithIndex(), model: withIndex },
  zipWithUniqueId: { givesPairs: true, real: (rows) => rows.zipWithUniqueId(), model: withUniqueId },
  sampleAll: { real: (rows, n) => rows.sample(false, 1, n), model: (rows) => rows },
  sampleNone: { real: (rows, n) => rows.sample(n % 2 === 0, 0, n), model: (rows) => rows.map(() => []) },
}

function pairs(rows: Rows): Dataset<Pair> {
  // The pipeline knows that these rows are pairs; their type is lost in the table.
  return rows as Dataset<Pair>
}

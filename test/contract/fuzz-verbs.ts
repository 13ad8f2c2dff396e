/** The verbs of the fuzz, each told twice: as a user writes it, and with the model's plain arrays. */
import type { Dataset } from 'kindling'
import {
  bag,
  canonical,
  cogrouped,
  grouped,
  inOrder,
  joined,
  keyText,
  list,
  type Modelled,
  type Pair,
  parts,
  placed,
  product,
  sorted,
  spread,
} from './fuzz-model.ts'
import { VERBS as NARROW, weigh } from './model-verbs.ts'

type Rows = Dataset<unknown>
type Pairs = Dataset<[unknown, unknown]>

export interface FuzzVerb {
  readonly needsPairs: boolean
  /** Whether it gives pairs; null: as what it got. */
  readonly givesPairs: boolean | null
  /** It says something of partitions, so that it needs to know them; or of the order of rows. */
  readonly needs: 'parts' | 'list' | 'bag'
  readonly real: (rows: Rows, n: number, known: Modelled['known']) => Rows
  readonly model: (rows: Modelled, n: number) => Modelled
}

/** Narrow verbs that look at one row at a time; all others look at partitions. */
const PER_ROW = [
  'map',
  'mapToText',
  'mapToPair',
  'mapAsync',
  'filter',
  'filterAllOut',
  'flatMap',
  'flatMapGenerator',
  'flatMapText',
  'keyBy',
  'keys',
  'values',
  'mapValues',
  'flatMapValues',
  'sampleAll',
  'sampleNone',
]

const all = ({ parts: rows }: Modelled): readonly unknown[] => rows.flat()

/** Rows whose values have no order get one, on both sides: the verbs that follow would show it. */
const groupsInOrder = (rows: Dataset<[unknown, unknown[]]>, known: Modelled['known']): Rows =>
  known === 'bag' ? rows.mapValues((values) => inOrder(values)) : rows
const ordered = (rows: Modelled, values: readonly unknown[]): unknown[] =>
  rows.known === 'bag' ? inOrder(values) : [...values]

/** Another dataset of pairs, made of this one: fewer keys, other values. */
const otherOf = (rows: Rows, n: number): Pairs =>
  pairs(rows)
    .filter(([key]) => (weigh(key) + n) % 3 !== 0)
    .mapValues((value) => weigh(value) % 5)
const otherRows = (rows: Modelled, n: number): Pair[] =>
  (all(rows) as readonly Pair[])
    .filter(([key]) => (weigh(key) + n) % 3 !== 0)
    .map(([key, value]) => [key, weigh(value) % 5])

const WIDE: Readonly<Record<string, FuzzVerb>> = {
  keyByItself: {
    ...wide(false, true),
    real: (rows) => rows.map((row): Pair => [row, weigh(row)]),
    model: (rows) => ({ ...rows, parts: rows.parts.map((part) => part.map((row): Pair => [row, weigh(row)])) }),
  },
  reduceByKeyToSum: byKey(
    (rows, n) =>
      pairs(rows)
        .mapValues((value) => weigh(value))
        .reduceByKey((a, b) => a + b, n),
    (values) => values.map(weigh).reduce((a, b) => a + b),
  ),
  reduceByKeyToText: {
    ...byKey(
      (rows, n) =>
        pairs(rows)
          .mapValues((value) => `${weigh(value)};`)
          .reduceByKey((a, b) => a + b, n),
      (values) => values.map((value) => `${weigh(value)};`).join(''),
    ),
    needs: 'list',
  },
  foldByKey: byKey(
    (rows) =>
      pairs(rows)
        .mapValues((value) => weigh(value))
        .foldByKey(0, (a, b) => Math.max(a, b)),
    (values) => values.map(weigh).reduce((a, b) => Math.max(a, b)),
    (rows) => rows.count,
  ),
  aggregateByKey: byKey(
    (rows, n, known) =>
      groupsInOrder(
        pairs(rows).aggregateByKey<unknown, unknown, unknown[]>(
          [],
          (items, value) => {
            items.push(value)
            return items
          },
          (a, b) => a.concat(b),
          n,
        ),
        known,
      ),
    (values) => values,
  ),
  combineByKey: byKey(
    (rows, n) =>
      pairs(rows).combineByKey(
        (value) => ({ most: weigh(value), count: 1 }),
        (combined, value) => {
          combined.most = Math.max(combined.most, weigh(value))
          combined.count++
          return combined
        },
        (a, b) => ({ most: Math.max(a.most, b.most), count: a.count + b.count }),
        n,
      ),
    (values) => ({ most: Math.max(...values.map(weigh)), count: values.length }),
  ),
  groupByKey: byKey(
    (rows, n, known) => groupsInOrder(pairs(rows).groupByKey(n), known),
    (values) => values,
  ),
  groupByKeyWhereItLies: byKey(
    (rows, n, known) => groupsInOrder(pairs(rows).partitionBy(n).groupByKey(), known),
    (values) => values,
  ),
  // Other keys than those by which rows lie: what was known of them must be forgotten.
  groupByOtherKeys: {
    ...wide(true, true),
    real: (rows, n, known) =>
      groupsInOrder(
        pairs(rows)
          .partitionBy(n, (key) => weigh(key))
          .map(([key, value]): [unknown, unknown] => [weigh(value) % 5, key])
          .groupByKey()
          .mapValues((keys) => inOrder(keys)),
        known,
      ),
    model: (rows, n) =>
      bag(
        grouped((all(rows) as readonly Pair[]).map(([key, value]) => [weigh(value) % 5, key])).map(([key, keys]) => [
          key,
          inOrder(keys),
        ]),
        countOf(rows, n),
      ),
  },
  groupBy: {
    ...wide(false, true),
    real: (rows, n, known) =>
      groupsInOrder(
        rows.groupBy((row) => weigh(row) % (n + 1)),
        known,
      ),
    model: (rows, n) =>
      bag(
        grouped(all(rows).map((row) => [weigh(row) % (n + 1), row])).map(([key, values]) => [
          key,
          ordered(rows, values),
        ]),
        rows.count,
      ),
  },
  partitionBy: {
    ...wide(true, true),
    real: (rows, n) => pairs(rows).partitionBy(n),
    model: (rows, n) => {
      for (const [key] of all(rows) as readonly Pair[]) keyText(key)
      return bag(all(rows), countOf(rows, n))
    },
  },
  partitionByWeight: {
    ...wide(true, true),
    real: (rows, n) => pairs(rows).partitionBy(n, (key) => weigh(key)),
    model: (rows, n) => asKnown(rows, placed(all(rows), countOf(rows, n), weigh)),
  },
  repartitionAndSort: {
    ...wide(true, true),
    needs: 'list',
    real: (rows, n) =>
      pairs(rows).repartitionAndSortWithinPartitions(
        n,
        (key) => weigh(key),
        n % 2 === 0,
        (key) => weigh(key) % 7,
      ),
    model: (rows, n) =>
      parts(
        placed(all(rows), countOf(rows, n), weigh).map((part) =>
          sorted(part as readonly Pair[], ([key]) => weigh(key) % 7, n % 2 === 0),
        ),
      ),
  },
  distinct: {
    ...wide(false, null),
    real: (rows, n) => rows.distinct(n),
    model: (rows, n) => bag(distinct(all(rows)), countOf(rows, n)),
  },
  intersection: {
    ...wide(false, null),
    real: (rows, n) => rows.intersection(rows.filter((row) => (weigh(row) + n) % 3 !== 0)),
    model: (rows, n) => {
      const other = distinct(all(rows).filter((row) => (weigh(row) + n) % 3 !== 0))
      distinct(all(rows))
      return bag(other, rows.count)
    },
  },
  subtract: {
    ...wide(false, null),
    real: (rows, n) => rows.subtract(rows.filter((row) => (weigh(row) + n) % 3 === 0)),
    model: (rows, n) => {
      for (const row of all(rows)) keyText(row)
      return bag(
        all(rows).filter((row) => (weigh(row) + n) % 3 !== 0),
        rows.count,
      )
    },
  },
  join: joining((left, right) => left.join(right), { left: false, right: false }),
  leftOuterJoin: joining((left, right) => left.leftOuterJoin(right), { left: false, right: true }),
  rightOuterJoin: joining((left, right) => left.rightOuterJoin(right), { left: true, right: false }),
  fullOuterJoin: joining((left, right) => left.fullOuterJoin(right.partitionBy(3)), { left: true, right: true }, 3),
  cogroup: {
    ...wide(true, true),
    real: (rows, n, known) => {
      const groups = pairs(rows).cogroup(otherOf(rows, n))
      return known === 'bag' ? groups.mapValues(([a, b]) => [inOrder(a), inOrder(b)]) : groups
    },
    model: (rows, n) =>
      bag(
        cogrouped(all(rows), otherRows(rows, n)).map(([key, a, b]) => [key, [ordered(rows, a), ordered(rows, b)]]),
        rows.count,
      ),
  },
  subtractByKey: {
    ...wide(true, true),
    real: (rows, n) => pairs(rows).subtractByKey(otherOf(rows, n), n),
    model: (rows, n) => {
      const less = new Set(otherRows(rows, n).map(([key]) => keyText(key)))
      return bag(
        (all(rows) as readonly Pair[]).filter(([key]) => !less.has(keyText(key))),
        countOf(rows, n),
      )
    },
  },
  sortBy: {
    ...wide(false, null),
    needs: 'list',
    real: (rows, n) => rows.sortBy((row) => row, n % 2 === 0, n),
    model: (rows, n) =>
      list(
        sorted(all(rows), (row) => row, n % 2 === 0),
        countOf(rows, n),
      ),
  },
  sortByWeight: {
    ...wide(false, null),
    needs: 'list',
    real: (rows, n) => rows.sortBy((row) => weigh(row) % 5, n % 2 === 0, n),
    model: (rows, n) =>
      list(
        sorted(all(rows), (row) => weigh(row) % 5, n % 2 === 0),
        countOf(rows, n),
      ),
  },
  // Of rows whose order is open only those that are equal in every way may be ties.
  sortByText: {
    ...wide(false, null),
    real: (rows, n) => rows.sortBy((row) => canonical(row), true, n),
    model: (rows, n) => list(inOrder(all(rows)), countOf(rows, n)),
  },
  sortByKey: {
    ...wide(true, true),
    needs: 'list',
    real: (rows, n) => pairs(rows).sortByKey(n % 2 === 0),
    model: (rows, n) =>
      list(
        sorted(all(rows) as readonly Pair[], ([key]) => key, n % 2 === 0),
        rows.count,
      ),
  },
  repartition: { ...wide(false, null), real: (rows, n) => rows.repartition(n), model: spread },
  coalesceWithShuffle: { ...wide(false, null), real: (rows, n) => rows.coalesce(n, true), model: spread },
  cartesian: {
    ...wide(false, true),
    real: (rows, n) => rows.cartesian(rows.context.range(0, n - 1, 1, 2)),
    model: (rows, n) =>
      product(rows, parts([range(0, Math.floor((n - 1) / 2)), range(Math.floor((n - 1) / 2), n - 1)])),
  },
  sampleByKey: {
    ...wide(true, true),
    real: (rows, n) =>
      pairs(rows)
        .map(([key, value]): [unknown, unknown] => [weigh(key) % 2, value])
        .sampleByKey(
          false,
          new Map<unknown, number>([
            [0, 1],
            [1, 0],
          ]),
          n,
        ),
    model: (rows) => ({
      ...rows,
      parts: rows.parts.map((part) =>
        (part as readonly Pair[]).filter(([key]) => weigh(key) % 2 === 0).map(([, value]): Pair => [0, value]),
      ),
    }),
  },
  cache: kept((rows) => rows.cache()),
  persistOnDisk: kept((rows) => rows.persist('DISK_ONLY')),
  persistInBoth: kept((rows) => rows.persist('MEMORY_AND_DISK')),
  checkpoint: kept((rows) => rows.checkpoint()),
  cacheAndUnite: {
    ...wide(false, null),
    real: (rows) => {
      const cached = rows.filter(() => true).cache()
      return cached.union(cached)
    },
    model: united,
  },
  unionWithItself: { ...wide(false, null), real: (rows) => rows.union(rows), model: united },
  zipWithIndex: {
    ...wide(false, true),
    needs: 'list',
    real: (rows) => rows.zipWithIndex(),
    model: (rows) => {
      let index = 0
      return { ...rows, parts: rows.parts.map((part) => part.map((row) => [row, index++])) }
    },
  },
}

export const VERBS: Readonly<Record<string, FuzzVerb>> = {
  ...Object.fromEntries(
    Object.entries(NARROW).map(([name, verb]): [string, FuzzVerb] => [
      name,
      {
        needsPairs: verb.needsPairs ?? false,
        givesPairs: verb.givesPairs ?? null,
        needs: PER_ROW.includes(name) ? 'bag' : 'parts',
        real: verb.real,
        model: (rows, n) => {
          const made = verb.model(rows.parts, n)
          return rows.known === 'parts' ? parts(made) : { ...rows, parts: made }
        },
      },
    ]),
  ),
  ...WIDE,
}

function wide(needsPairs: boolean, givesPairs: boolean | null): Pick<FuzzVerb, 'needsPairs' | 'givesPairs' | 'needs'> {
  return { needsPairs, givesPairs, needs: 'bag' }
}

function byKey(
  real: FuzzVerb['real'],
  fold: (values: readonly unknown[]) => unknown,
  count: (rows: Modelled, n: number) => number = countOf,
): FuzzVerb {
  return {
    ...wide(true, true),
    real,
    model: (rows, n) =>
      bag(
        grouped(all(rows)).map(([key, values]) => [key, fold(ordered(rows, values))]),
        count(rows, n),
      ),
  }
}

function joining(
  real: (left: Pairs, right: Pairs) => Rows,
  mayLack: { readonly left: boolean; readonly right: boolean },
  least: number = 0,
): FuzzVerb {
  return {
    ...wide(true, true),
    real: (rows, n) => real(pairs(rows), otherOf(rows, n)),
    model: (rows, n) => {
      const pairsOf = joined(all(rows), otherRows(rows, n), mayLack)
      return bag(pairsOf, rows.count === 0 ? 0 : Math.max(rows.count, least))
    },
  }
}

function kept(keep: (rows: Rows) => Rows): FuzzVerb {
  // A step before it, since a dataset can be kept in one way only.
  return { ...wide(false, null), real: (rows) => keep(rows.filter(() => true)), model: (rows) => rows }
}

function united(rows: Modelled): Modelled {
  const made = [...rows.parts, ...rows.parts]
  return rows.known === 'parts' ? parts(made) : { ...rows, parts: [made.flat()], count: 2 * rows.count }
}

/** A shuffle of no partitions has none. */
function countOf(rows: Modelled, n: number): number {
  return rows.count === 0 ? 0 : n
}

/** Where nothing is known of the order of rows, nothing is of theirs within partitions. */
function asKnown(rows: Modelled, made: readonly (readonly unknown[])[]): Modelled {
  return rows.known === 'bag' ? bag(made.flat(), made.length) : parts(made)
}

function distinct(rows: readonly unknown[]): unknown[] {
  return grouped(rows.map((row) => [row, null])).map(([row]) => row)
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i)
}

function pairs(rows: Rows): Pairs {
  // The pipeline knows that these rows are pairs; their type is lost in the table.
  return rows as Pairs
}

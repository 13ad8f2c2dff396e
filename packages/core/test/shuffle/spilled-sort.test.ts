/** Sorting pairs, in memory and on disk, and the ranges that cut what is sorted. */
import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareValues } from '../../src/plan/order.ts'
import type { Pair } from '../../src/plan/pair.ts'
import { decodeBlock } from '../../src/shuffle/block.ts'
import { CursorMerge, cursorOver } from '../../src/shuffle/cursor.ts'
import { PairSorter } from '../../src/shuffle/pair-sorter.ts'
import { rangeInputs } from '../../src/shuffle/ranges.ts'
import { openShuffleSink } from '../../src/shuffle/sink.ts'
import { sortPairs } from '../../src/shuffle/sort.ts'
import { expectSame, ordered } from './values.ts'
import { freshWorkspace } from './workspaces.ts'

/** The plain form: JavaScript's own sort, which is stable, by a comparator of no more than `<`. */
function plainlySorted(pairs: readonly Pair[], ascending: boolean): Pair[] {
  return pairs.slice().sort(([a], [b]) => (ascending ? compareValues(a, b) : compareValues(b, a)))
}

/** Pairs whose values tell where they stood. */
const numbered = (keys: readonly unknown[]): Pair[] => keys.map((key, i) => [key, i])

/** Half of them long enough for the radix sort. */
const numbers = fc.array(
  fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.double(),
    fc.integer(),
    fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, Number.MIN_VALUE, -Number.MIN_VALUE, 2 ** 53, 2 ** 32),
  ),
  { minLength: 0, maxLength: 600, size: 'max' },
)

test('numbers are sorted as by comparing, stable, both ways, by radix too', () => {
  fc.assert(
    fc.property(numbers, fc.boolean(), (keys, ascending) => {
      expectSame(sortPairs(numbered(keys), ascending), plainlySorted(numbered(keys), ascending))
    }),
    { numRuns: 300 },
  )
})

test('so are many numbers that differ in one digit only, or are all the same', () => {
  const families = [
    () => 5,
    (i: number) => i % 2,
    (i: number) => (i % 700) * 2 ** 40,
    (i: number) => -i,
    (i: number) => i * 2 ** -1060,
    (i: number) => (i % 3 === 0 ? Number.NaN : i % 3 === 1 ? -0 : 0),
  ]
  for (const make of families) {
    const pairs = numbered(Array.from({ length: 1000 }, (_, i) => make(i)))
    for (const ascending of [true, false])
      expect(sortPairs(pairs, ascending)).toStrictEqual(plainlySorted(pairs, ascending))
  }
})

test('values of all types are sorted as by comparing', () => {
  fc.assert(
    fc.property(fc.array(ordered, { maxLength: 60 }), fc.boolean(), (keys, ascending) => {
      expectSame(sortPairs(numbered(keys), ascending), plainlySorted(numbered(keys), ascending))
    }),
    { numRuns: 500 },
  )
})

test('the default order is one: antisymmetric, transitive, with itself equal', () => {
  fc.assert(
    fc.property(ordered, ordered, ordered, (a, b, c) => {
      expect(compareValues(a, a)).toBe(0)
      expect(Math.sign(compareValues(a, b))).toBe(0 - Math.sign(compareValues(b, a)))
      if (compareValues(a, b) <= 0 && compareValues(b, c) <= 0) expect(compareValues(a, c)).toBeLessThanOrEqual(0)
    }),
    { numRuns: 3000 },
  )
})

test('a sorter gives the same whatever it had to write to disk, and leaves nothing there', () => {
  fc.assert(
    fc.property(
      fc.array(ordered, { maxLength: 80, size: 'max' }),
      fc.constantFrom(0, 500, 5000, 2 ** 26),
      fc.boolean(),
      (keys, taskBytes, ascending) => {
        const { workspace, directory } = freshWorkspace(taskBytes)
        const sorter = new PairSorter(workspace, ascending)
        for (const pair of numbered(keys)) sorter.add(pair)
        const rows: unknown[] = []
        while (sorter.advance((row) => rows.push(row) > 0));
        expectSame(rows, plainlySorted(numbered(keys), ascending))
        if (taskBytes === 0 && keys.length > 0) expect(sorter.spilledBytes).toBeGreaterThan(0)
        sorter.close()
        if (sorter.spilledBytes > 0) expect(readdirSync(directory)).toEqual([])
      },
    ),
    { numRuns: 40 },
  )
})

test('ranges give every row to one partition, in order over all of them, however many runs and blocks there are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.oneof(ordered, fc.integer({ min: 0, max: 50 })), { maxLength: 100, size: 'max' }), {
        maxLength: 4,
      }),
      fc.integer({ min: 1, max: 6 }),
      fc.boolean(),
      fc.constantFrom(600, 4000, 2 ** 26),
      (tasks, partitionCount, ascending, taskBytes) => {
        const { workspace } = freshWorkspace(taskBytes, taskBytes === 600 ? null : 2 ** 26)
        const outputs = tasks.map((keys, task) => {
          const sink = openShuffleSink({ type: 'range', ascending }, partitionCount, workspace)
          for (const [i, key] of keys.entries()) sink.push([key, [task, i]])
          return sink.finish()
        })
        const compare = (a: unknown, b: unknown): number => (ascending ? compareValues(a, b) : compareValues(b, a))
        const inputOf = rangeInputs(outputs, partitionCount, ascending)
        const found = Array.from({ length: partitionCount }, (_, partition) => {
          const { runs, lower, upper } = inputOf(partition)
          const merge = new CursorMerge(
            runs.map((run) => cursorOver(run, () => null, 1)),
            compare,
          )
          const rows: Pair[] = []
          for (let row = merge.take(); row !== undefined; row = merge.take()) {
            if (lower !== null && compare(row[0], decodeBlock(lower)[0]) < 0) continue
            if (upper !== null && compare(row[0], decodeBlock(upper)[0]) >= 0) continue
            rows.push(row)
          }
          return rows
        })
        const all = tasks.flatMap((keys, task) => keys.map((key, i): Pair => [key, [task, i]]))
        expectSame(found.flat(), plainlySorted(all, ascending))
      },
    ),
    { numRuns: 40 },
  )
})

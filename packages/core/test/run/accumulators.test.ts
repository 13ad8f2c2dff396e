/** The ledger: each partition of each stage counts once, whatever is computed again. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeRows } from '../../src/io/row-codec.ts'
import type { AccumulatorKind, SharedAccumulator } from '../../src/plan/shared.ts'
import { type Cell, openCell } from '../../src/run/accumulator-cells.ts'
import { openLedger } from '../../src/run/accumulators.ts'

function accumulatorOf(id: number, kind: AccumulatorKind): { cell: Cell; shared: SharedAccumulator } {
  const cell = openCell(kind, `accumulator ${id}`)
  const merge: SharedAccumulator['merge'] = (total) => cell.merge(total)
  return { cell, shared: { type: 'accumulator', id, kind, label: `accumulator ${id}`, merge } }
}

test('a partition that comes again is not counted again, in its stage', () => {
  const sum = accumulatorOf(7, 'sum')
  const list = accumulatorOf(8, 'list')
  const count = openLedger([sum.shared, list.shared])
  count(1, 0, [
    { id: 7, total: 5 },
    { id: 8, total: encodeRows(['a']) },
  ])
  count(1, 0, [{ id: 7, total: 5 }])
  count(1, 1, [{ id: 7, total: 6 }])
  count(2, 0, [{ id: 7, total: 100 }])
  count(2, 0, [{ id: 7, total: 100 }])
  expect([sum.cell.content, list.cell.content]).toEqual([111, ['a']])
})

test('a partition that added nothing has been counted, too', () => {
  const sum = accumulatorOf(0, 'sum')
  const count = openLedger([sum.shared])
  count(0, 0, undefined)
  count(0, 0, [{ id: 0, total: 1 }])
  expect(sum.cell.content).toBe(0)
})

test('what tasks added does not depend on how rows are cut, nor on the order in which tasks end', () => {
  const word = fc.constantFrom('a', 'b', 'c')
  const cut = fc.array(fc.array(fc.tuple(word, fc.integer({ min: -50, max: 50 })), { maxLength: 8 }), { maxLength: 6 })
  const kinds = ['sum', 'min', 'max', 'list', 'set', 'counts'] as const
  const add = (cell: Cell, kind: AccumulatorKind, [key, n]: readonly [string, number]): void => {
    const item = kind === 'counts' ? [key, n] : kind === 'set' || kind === 'list' ? [key] : [n]
    cell.add(...(item as never[]))
  }
  const sorted = (content: unknown): unknown =>
    typeof content === 'number' ? content : [...(content as Iterable<unknown>)].map(String).toSorted()
  fc.assert(
    fc.property(cut, fc.constantFrom(...kinds), fc.boolean(), (partitions, kind, isReversed) => {
      const { cell, shared } = accumulatorOf(1, kind)
      const count = openLedger([shared])
      const worker = openCell(kind, 'in a worker')
      const tasks = [...partitions.entries()]
      for (const [partition, rows] of isReversed ? tasks.toReversed() : tasks) {
        worker.clear()
        for (const row of rows) add(worker, kind, row)
        const total = worker.total()
        count(0, partition, total === null ? undefined : [{ id: 1, total }])
      }
      const whole = openCell(kind, 'all at once')
      for (const row of partitions.flat()) add(whole, kind, row)
      expect(sorted(cell.content)).toEqual(sorted(whole.content))
    }),
  )
})

/** A table of groups gives what a plain `Map` gives, whatever it had to write to disk. */
import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Fold, Listing } from '../../src/shuffle/combined.ts'
import { keyText } from '../../src/shuffle/key.ts'
import { GroupTable } from '../../src/shuffle/table.ts'
import { expectSame, key } from './values.ts'
import { freshWorkspace } from './workspaces.ts'

type Row = readonly [key: unknown, value: number, side: number]

/** The values of each key with their sides, in the order in which they were added. */
const listing: Fold = {
  create: (value, side) => [[value, side]],
  add: (list, value, side) => {
    ;(list as unknown[]).push([value, side])
    return list
  },
  merge: (a, b) => (a as unknown[]).concat(b as unknown[]),
}

function tableOf(
  rows: readonly Row[],
  taskBytes: number,
  combination: Fold | Listing = listing,
): { groups: unknown[]; spilledBytes: number; left: string[] } {
  const { workspace, directory } = freshWorkspace(taskBytes)
  const table = new GroupTable(combination, workspace)
  for (const [rowKey, value, side] of rows) table.add(rowKey, value, side)
  const groups: unknown[] = []
  while (table.advance((group) => groups.push(group) > 0));
  const { spilledBytes } = table
  table.close()
  return { groups, spilledBytes, left: spilledBytes > 0 ? readdirSync(directory) : [] }
}

/** Each group under the text of its key; as in a `Map`, -0 is 0. */
function mapOf(rows: readonly Row[]): Map<string, unknown> {
  const groups = new Map<string, [unknown, unknown[]]>()
  for (const [rowKey, value, side] of rows) {
    const text = keyText(rowKey)
    const group = groups.get(text) ?? [rowKey === 0 ? 0 : rowKey, []]
    group[1].push([value, side])
    groups.set(text, group)
  }
  return groups
}

const row = fc.tuple(key, fc.nat({ max: 9 }), fc.nat({ max: 1 }))

test('groups are those of a Map, their values in the order in which they were added', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 120, size: 'max' }),
      fc.constantFrom(0, 300, 3000, 2 ** 26),
      (rows, taskBytes) => {
        const { groups, left } = tableOf(rows, taskBytes)
        const byText = new Map((groups as [unknown, unknown][]).map((group) => [keyText(group[0]), group]))
        expect(byText.size).toBe(groups.length)
        expectSame(byText, new Map([...byText.keys()].map((text) => [text, mapOf(rows).get(text)])))
        expect(groups).toHaveLength(mapOf(rows).size)
        expect(left).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})

test('values that are held lie in lists, by the side they come from', () => {
  fc.assert(
    fc.property(
      fc.array(row, { maxLength: 120, size: 'max' }),
      fc.constantFrom(0, 300, 3000, 2 ** 26),
      fc.constantFrom(null, 2, 3),
      (rows, taskBytes, sides) => {
        const { groups } = tableOf(rows, taskBytes, { sides })
        const byText = new Map((groups as [unknown, unknown][]).map(([each, lists]) => [keyText(each), lists]))
        const lists = [...mapOf(rows)].map(([text, group]) => {
          const values = (group as [unknown, [number, number][]])[1]
          const of = (side: number) => values.filter((value) => value[1] === side).map(([value]) => value)
          return [
            text,
            sides === null ? values.map(([value]) => value) : Array.from({ length: sides }, (_, i) => of(i)),
          ]
        })
        expect(byText).toEqual(new Map(lists as [string, unknown][]))
      },
    ),
    { numRuns: 60 },
  )
})

test('with little memory it writes to disk, with enough it does not', () => {
  const rows = Array.from({ length: 200 }, (_, i): Row => [`key ${i % 90}`, i, 0])
  expect(tableOf(rows, 2000).spilledBytes).toBeGreaterThan(0)
  expect(tableOf(rows, 2 ** 26).spilledBytes).toBe(0)
})

test('keys whose hashes collide stay apart on disk', () => {
  // Found by trying: 32 bits collide among some 80,000 keys.
  const rows = Array.from({ length: 150_000 }, (_, i): Row => [i + 0.5, i, 0])
  const { groups, spilledBytes } = tableOf(rows, 4 * 2 ** 20)
  expect(spilledBytes).toBeGreaterThan(0)
  expect(new Set((groups as [number, unknown][]).map(([each]) => each)).size).toBe(150_000)
  expect(groups.every((group) => (group as [number, [number, number][]])[1].length === 1)).toBe(true)
})

test('whoever wants no more rows is given none', () => {
  const { workspace } = freshWorkspace(0)
  const table = new GroupTable(listing, workspace)
  for (let i = 0; i < 10; i++) table.add(i, i, 0)
  let given = 0
  expect(table.advance(() => ++given < 3)).toBe(false)
  expect(given).toBe(3)
  table.close()
})

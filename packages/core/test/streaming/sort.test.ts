import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseKeyParts } from '../../src/streaming/key-parts.ts'
import { type KeyRules, readKeys } from '../../src/streaming/key-rules.ts'
import { mergeLines } from '../../src/streaming/merge-lines.ts'
import { sortLines } from '../../src/streaming/sort-lines.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindling-sort-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const TAB: KeyRules = { separator: '\t', keyFields: 1, fieldSeparator: '\t', order: [], partitionBy: [] }
/** Bytes that matter: separators, a sign, digits, NUL and the highest. */
const line = fc
  .array(fc.constantFrom('\t', '\t', '.', '-', '0', '9', 'a', 'b', '\0', 'ÿ'), { maxLength: 12 })
  .map((characters) => characters.join(''))

/** What the shuffle makes of the outputs of several mappers: the lines of each reducer. */
function shuffled(
  mappers: readonly (readonly string[])[],
  rules: KeyRules,
  partitionCount: number,
  budgetBytes: number,
): string[][] {
  const sorted = mappers.map((lines, i) => {
    const input = join(folder, `map-${i}`)
    const output = `${input}.sorted`
    // The last line of a file may lack its end.
    writeFileSync(
      input,
      lines.join('\n') + (lines.length > 0 && (i % 2 === 0 || lines.at(-1) === '') ? '\n' : ''),
      'latin1',
    )
    return { path: output, ...sortLines({ type: 'sort', input, output, rules, partitionCount, budgetBytes }) }
  })
  return Array.from({ length: partitionCount }, (_, partition) => {
    const output = join(folder, `reduce-${partition}`)
    const runs = sorted.map(({ path, offsets }) => ({
      path,
      start: offsets[partition] ?? 0,
      end: offsets[partition + 1] ?? 0,
    }))
    const { lineCount } = mergeLines({ type: 'merge', runs, output, rules, separator: null, budgetBytes })
    const lines = readFileSync(output, 'latin1').split('\n').slice(0, -1)
    expect(lines).toHaveLength(lineCount)
    return lines
  })
}

/** The plain form: a stable sort of all lines by the bytes of their keys. */
function reference(mappers: readonly (readonly string[])[]): string[] {
  const keyOf = (text: string): Buffer => Buffer.from(text.split('\t')[0] ?? '', 'latin1')
  return mappers.flat().toSorted((a, b) => Buffer.compare(keyOf(a), keyOf(b)))
}

/** A file that ends without a line end ends without an empty line. */
const withoutEmptyEnd = (lines: readonly string[]): readonly string[] =>
  lines.at(-1) === '' ? lines.slice(0, -1) : lines

test('any lines from any mappers come sorted by key, stable, however little memory there is', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(line, { maxLength: 40 }).map(withoutEmptyEnd), { maxLength: 5 }),
      fc.constantFrom(1, 300, 1e6),
      (mappers, budget) => {
        expect(shuffled(mappers, TAB, 1, budget)[0]).toEqual(reference(mappers))
      },
    ),
  )
})

test('every line reaches one reducer, and all lines of a key the same one', () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 60 }).map(withoutEmptyEnd),
      fc.integer({ min: 1, max: 5 }),
      (lines, count) => {
        const parts = shuffled([lines], TAB, count, 1000)
        expect(parts.flat().toSorted()).toEqual(lines.toSorted())
        const homes = new Map<string, number>()
        parts.forEach((part, i) =>
          part.forEach((text) => {
            const key = text.split('\t')[0] ?? ''
            expect(homes.get(key) ?? i).toBe(i)
            homes.set(key, i)
          }),
        )
      },
    ),
  )
})

const hasGnuSort = /GNU/.test(String(spawnSync('sort', ['--version']).stdout))

test.skipIf(!hasGnuSort)('orders in the words of sort(1) are those of GNU sort [needs GNU sort]', () => {
  const fields = fc.array(
    fc.constantFrom(
      '',
      'a',
      'b',
      'ab',
      '1',
      '-2',
      '10',
      '2.5',
      '-0.5',
      '007',
      '12345678901234567890',
      '12345678901234567891',
    ),
    {
      minLength: 3,
      maxLength: 3,
    },
  )
  const lines = fc.array(
    fields.map((words) => words.join(',')),
    { minLength: 1, maxLength: 40 },
  )
  const orders = fc.constantFrom('-k1,1', '-k2,2n', '-k2,2nr -k1,1', '-k1,2r', '-n -k3,3', '-k2.2,2.2 -k1,1r')
  fc.assert(
    fc.property(lines, orders, (texts, order) => {
      const rules = {
        separator: ',',
        keyFields: 3,
        fieldSeparator: ',',
        order: parseKeyParts('sort', order),
        partitionBy: [],
      }
      const input = `${texts.join('\n')}\n`
      const expected = spawnSync('sort', ['-s', '-t,', ...order.split(' ')], {
        input,
        encoding: 'latin1',
        env: { LC_ALL: 'C', PATH: process.env['PATH'] },
      })
      expect(`${shuffled([texts], rules, 1, 500)[0]?.join('\n')}\n`).toBe(expected.stdout)
    }),
    { numRuns: 60 },
  )
})

test('a line longer than the memory passes whole', () => {
  const long = `b\t${'x'.repeat(300_000)}`
  expect(shuffled([['c\t1', long, 'a\t2'], ['b\t0']], TAB, 1, 1000)[0]).toEqual(['a\t2', long, 'b\t0', 'c\t1'])
})

test('more runs than files may be open are merged in rounds, in order, and nothing is left behind', () => {
  const mappers = Array.from({ length: 300 }, (_, i) => [`k\t${i}`, `a${i % 7}\t${i}`])
  expect(shuffled(mappers, TAB, 1, 1e6)[0]).toEqual(reference(mappers))
  expect(readdirSync(folder).filter((name) => /spill|merge/.test(name))).toEqual([])
})

test("the reducer of a key is the one of Hadoop's hash", () => {
  const keys = readKeys(TAB)
  const partition = (key: string, count: number, rules = keys): number =>
    rules.partitionOf(Buffer.from(key), 0, Buffer.byteLength(key), count)
  // Text.hashCode of "a" is 31 + 97 = 128, of "ab" 31 * 128 + 98 = 4066.
  expect([partition('a', 1000), partition('ab', 1000), partition('', 7)]).toEqual([128, 66, 1])
  // KeyFieldBasedPartitioner begins with 0: "11" is 31 * 49 + 49 = 1568; fields 1 and 2 are joined with what stands between.
  const byFirst = readKeys({
    ...TAB,
    separator: '.',
    keyFields: 4,
    fieldSeparator: '.',
    partitionBy: parseKeyParts('partition key', '-k1,1'),
  })
  expect([partition('11.12.1.2', 1000, byFirst), partition('11.14.2.3', 1000, byFirst)]).toEqual([568, 568])
})

test('groups are counted, and a separator that reducers expect takes the place of the one that stood there', () => {
  const rules = { separator: '.', keyFields: 2, fieldSeparator: '.', order: [], partitionBy: [] }
  writeFileSync(join(folder, 'in'), 'b.1.x.y\na.2\nb.1.w\n')
  const sorted = sortLines({
    type: 'sort',
    input: join(folder, 'in'),
    output: join(folder, 'sorted'),
    rules,
    partitionCount: 1,
    budgetBytes: 1000,
  })
  const runs = [{ path: join(folder, 'sorted'), start: 0, end: sorted.offsets[1] ?? 0 }]
  const output = join(folder, 'out')
  expect(mergeLines({ type: 'merge', runs, output, rules, separator: '\t', budgetBytes: 1000 })).toEqual({
    lineCount: 3,
    groupCount: 2,
  })
  expect(readFileSync(output, 'utf8')).toBe('a.2\nb.1\tx.y\nb.1\tw\n')
})

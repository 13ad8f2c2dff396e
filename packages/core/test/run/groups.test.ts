/** Groups that are combined while rows are scanned: what the fuzz does not reach. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Context, type ContextOptions, createContext, type Dataset } from '../../src/index.ts'
import { freshDirectory } from '../io/fresh.ts'

function fileOf(name: string, lines: readonly string[]): string {
  const path = join(freshDirectory(), name)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}

async function contextOf(options: ContextOptions): Promise<Context> {
  const context = await createContext({ master: 'inline', ...options })
  onTestFinished(() => context.stop())
  return context
}

interface Answer {
  readonly rows: readonly unknown[]
  /** Rows that compiled steps left to V8. */
  readonly bailed: number
  readonly explained: string
}

/** The rows that a dataset gives compiled, which must be those that V8 gives. */
async function both(make: (context: Context) => Dataset<unknown>, options: ContextOptions = {}): Promise<Answer> {
  const compiled = await contextOf(options)
  let bailed = 0
  compiled.on('jobEnd', (event) => {
    bailed += event.rowsBailed
  })
  const dataset = make(compiled)
  const rows = await dataset.collect()
  expect(rows).toEqual(await make(await contextOf({ ...options, compile: false })).collect())
  return { rows, bailed, explained: await dataset.explain() }
}

interface Row {
  user: string
  ms: number
  deep?: { id: string }
}

const rowsOf = (context: Context, path: string): Dataset<Row> =>
  context.textFile(path).map((line) => JSON.parse(line) as Row)
const line = (user: unknown, ms: unknown): string => JSON.stringify({ user, ms })
const sums = (rows: Dataset<Row>): Dataset<[string, number]> =>
  rows.map((r): [string, number] => [r.user, r.ms]).reduceByKey((a, b) => a + b, 2)

test('the verbs that combine numbers by a field are compiled, and say so', async () => {
  const path = fileOf(
    'rows.json',
    Array.from({ length: 5000 }, (_, i) => line(`user ${i % 7}`, i / 8)),
  )
  const verbs: readonly ((rows: Dataset<Row>) => Dataset<unknown>)[] = [
    sums,
    (rows) =>
      rows
        .keyBy((r) => r.user)
        .mapValues((r) => r.ms)
        .foldByKey(0, (a, b) => a + b),
    (rows) => rows.map((r): [string, number] => [r.user, r.ms]).aggregateByKey(1, (a, b) => Math.max(a, b), Math.max),
    (rows) =>
      rows
        .map((r): [string, number] => [r.user, 1])
        .combineByKey(
          (n) => n,
          (a, b) => a + b,
          (a, b) => a + b,
        ),
    (rows) => rows.map((r) => r.user).distinct(),
    (rows) => rows.map((r): [number, number] => [Math.floor(r.ms / 100), 1]).reduceByKey((a, b) => a + b),
    (rows) =>
      rows
        .filter((r) => r.ms > 3)
        .map((r): [number, string] => [r.ms, r.user])
        .map(([ms, user]): [string, number] => [user, ms])
        .reduceByKey(Math.min),
  ]
  for (const verb of verbs) {
    const { bailed, explained } = await both((context) => verb(rowsOf(context, path)))
    expect(bailed).toBe(0)
    expect(explained).toMatch(/(combine|reduceByKey|distinct|foldByKey|aggregateByKey|combineByKey).* compiled/)
    expect(explained.split('stage 1')[0]).not.toContain('V8')
  }
})

test('means are combined as arrays or objects of numbers', async () => {
  const path = fileOf('rows.json', [
    ...Array.from({ length: 5000 }, (_, i) => line(`user ${i % 7}`, i / 3)),
    line('user 3', null),
  ])
  const verbs: readonly ((rows: Dataset<Row>) => Dataset<unknown>)[] = [
    (rows) =>
      rows
        .map((r): [string, number[]] => [r.user, [r.ms, 1]])
        .reduceByKey((a, b) => [(a[0] ?? 0) + (b[0] ?? 0), (a[1] ?? 0) + (b[1] ?? 0)]),
    (rows) =>
      rows
        .map((r): [string, [number, number]] => [r.user, [r.ms, 1]])
        .reduceByKey(([sum, n], [ms, one]) => [sum + ms, n + one]),
    (rows) =>
      rows
        .map((r): [string, { ms: number; n: number; most: number }] => [r.user, { ms: r.ms, n: 1, most: r.ms }])
        .reduceByKey((a, b) => ({ ...a, n: a.n + b.n, ms: a.ms + b.ms, most: Math.max(a.most, b.most) })),
    (rows) =>
      rows
        .map((r): [string, number] => [r.user, r.ms])
        .aggregateByKey(
          [0, 0],
          (a, ms) => [(a[0] ?? 0) + ms, (a[1] ?? 0) + 1],
          (a, b) => [(a[0] ?? 0) + (b[0] ?? 0), (a[1] ?? 0) + (b[1] ?? 0)],
        ),
    (rows) =>
      rows
        .keyBy((r) => r.user)
        .combineByKey(
          (r) => ({ n: 1, ms: r.ms }),
          (a, r) => ({ n: a.n + 1, ms: a.ms - r.ms }),
          (a, b) => ({ n: a.n + b.n, ms: a.ms + b.ms }),
        ),
  ]
  const compiled: boolean[] = []
  for (const verb of verbs) {
    const { explained } = await both((context) => verb(rowsOf(context, path)))
    compiled.push(/combine.* compiled/.test(explained))
  }
  expect(compiled).toEqual([true, true, true, true, true])
})

test('counts by key need no more than the key', async () => {
  const path = fileOf(
    'rows.json',
    Array.from({ length: 3000 }, (_, i) => line(`user ${i % 5}`, 1)),
  )
  const context = await contextOf({})
  expect(
    await rowsOf(context, path)
      .keyBy((r) => r.user)
      .countByKey(),
  ).toEqual(new Map(Array.from({ length: 5 }, (_, i) => [`user ${i}`, 600])))
  expect(
    await rowsOf(context, path)
      .map((r) => r.user)
      .countByValue(),
  ).toEqual(new Map(Array.from({ length: 5 }, (_, i) => [`user ${i}`, 600])))
})

test('rows that V8 has to combine come in at their turn, and take their key with them', async () => {
  const odd = [
    line('user 1', '!'),
    '{"user":"user \\u0032","ms":5}',
    '{"ms":1}',
    line(null, 3),
    line('user 4', 2.5),
    line(['user 1'], 1),
    '{"user":7,"ms":7}',
  ]
  const plain = Array.from({ length: 4000 }, (_, i) => line(`user ${i % 10}`, i / 3))
  const lines = plain.flatMap((text, i) => (i % 500 === 250 ? [odd[(i / 500) | 0] ?? text, text] : [text]))
  const { rows, explained } = await both((context) => sums(rowsOf(context, fileOf('rows.json', lines))))
  expect(rows).toHaveLength(14)
  expect(explained).toContain('compiled')
})

test('a function that combines fails at the row that it fails for', async () => {
  const path = fileOf('rows.json', [
    ...Array.from({ length: 3000 }, (_, i) => line('a', i)),
    '{"user":"a","ms":{"deep":1}}',
    line('a', 1),
  ])
  const messages = await Promise.all(
    [true, false].map(async (compile) => {
      const context = await contextOf({ compile })
      const combined = rowsOf(context, path)
        .map((r): [string, number] => [r.user, r.ms])
        .reduceByKey((a, b) => (typeof b === 'number' ? a + b : (b as { deep: { er: number } }).deep.er.valueOf()))
      return combined.collect().catch((error: Error) => error.message)
    }),
  )
  expect(messages[0]).toContain('rows.json:3001')
  expect(messages[0]).toBe(messages[1])
})

test('hundreds of thousands of keys', async () => {
  const lines = Array.from({ length: 300_000 }, (_, i) => `{"user":"${(i * 7919) % 290_000}","ms":${i % 9}}`)
  const path = fileOf('rows.json', [...lines, ...lines.slice(0, 1000)])
  const { rows } = await both((context) => sums(rowsOf(context, path)))
  expect(rows).toHaveLength(290_000)
})

test('keys whose texts fill the room for them', async () => {
  const long = 'x'.repeat(40_000)
  const path = fileOf(
    'rows.json',
    Array.from({ length: 1100 }, (_, i) => line(`${long}${i % 1000}`, i)),
  )
  const { rows } = await both((context) => sums(rowsOf(context, path)))
  expect(rows).toHaveLength(1000)
})

test('under a small budget groups go to disk as they would without', async () => {
  const path = fileOf(
    'rows.json',
    Array.from({ length: 20_000 }, (_, i) => line(`user ${(i * 7919) % 5000}`, i % 11)),
  )
  const { rows } = await both((context) => sums(rowsOf(context, path)), { memory: '16KB' })
  expect(rows).toHaveLength(5000)
})

test('a built-in that is replaced on the way ends what is compiled', async () => {
  const path = fileOf('rows.json', [
    ...Array.from({ length: 3000 }, (_, i) => line(`user ${i % 3}`, i)),
    line(null, 1),
    ...Array.from({ length: 3000 }, (_, i) => line(`user ${i % 3}`, i)),
  ])
  const own = Math.hypot
  onTestFinished(() => {
    Math.hypot = own
  })
  const run = async (compile: boolean): Promise<unknown> => {
    const context = await contextOf({ compile })
    const largest = rowsOf(context, path)
      .map((r): [string, number] => [r.user ?? ((Math.hypot = () => -1), 'none'), r.ms])
      .reduceByKey((a, b) => Math.hypot(a, b))
    const rows = await largest.collect()
    Math.hypot = own
    return rows
  }
  const rows = await run(true)
  expect(rows).toContainEqual(['user 0', -1])
  expect(rows).toEqual(await run(false))
})

const WORDS = ['to', 'be', 'or', 'not', 'café', '0123456789', '']

test('words are counted, whatever they are separated by', async () => {
  const lines = Array.from(
    { length: 3000 },
    (_, i) => ` ${WORDS.map((_, k) => WORDS[(i * k) % 7]).join(' ')}\t${i % 13} `,
  )
  const path = fileOf('text.txt', [...lines, ''])
  const counts =
    (split: (line: string) => string[]) =>
    (context: Context): Dataset<unknown> =>
      context
        .textFile(path)
        .flatMap(split)
        .map((word): [string, number] => [word, 1])
        .reduceByKey((a, b) => a + b)
  for (const split of [
    (text: string) => text.split(' '),
    (text: string) => text.split(/\s+/),
    (text: string) => text.split('\t'),
  ]) {
    const { rows, bailed, explained } = await both(counts(split))
    expect(rows.length).toBeGreaterThan(5)
    expect(bailed).toBe(0)
    expect(explained.split('stage 1')[0]).not.toContain('V8')
  }
})

test('lines that are combined as they are, are words', async () => {
  const path = fileOf('lines.txt', ['', 'b', 'a', 'a', 'caf\u00e9', 'b', 'a line that is longer than others', ''])
  const verbs: readonly ((lines: Dataset<string>) => Dataset<unknown>)[] = [
    (lines) => lines.distinct(),
    (lines) => lines.filter((line) => line.length < 9).distinct(),
    (lines) => lines.map((line): [string, number] => [line, line.length]).reduceByKey((a, b) => a + b),
    (lines) => lines.map((line): [number, number] => [line.length, 1]).reduceByKey((a, b) => a + b),
  ]
  for (const verb of verbs) {
    const { bailed, explained } = await both((context) => verb(context.textFile(path)))
    expect(bailed).toBe(0)
    expect(explained.split('stage 1')[0]).toMatch(/combine.* compiled/)
  }
  const context = await contextOf({})
  expect(await context.textFile(path).countByValue()).toEqual(
    new Map(Object.entries({ '': 2, b: 2, a: 2, 'caf\u00e9': 1, 'a line that is longer than others': 1 })),
  )
})

test('a word that fails names the line it stands in', async () => {
  const path = fileOf('text.txt', [
    ...Array.from({ length: 900 }, (_, i) => `some words ${i}`),
    'the worst of words',
    'some',
  ])
  const messages = await Promise.all(
    [true, false].map(async (compile) => {
      const context = await contextOf({ compile })
      const padded = context
        .textFile(path)
        .flatMap((text) => text.split(' '))
        .map((word): [string, number] => [word, word.padStart(word === 'worst' ? 2 ** 30 : 1).length])
        .reduceByKey((a, b) => a + b)
      return padded.collect().catch((error: Error) => error.message)
    }),
  )
  expect(messages[0]).toContain('text.txt:901')
  expect(messages[0]).toBe(messages[1])
})

test('lines that end otherwise, and spaces that are not in ASCII, are left to V8', async () => {
  const lines = ['a b\u00a0c', 'a\u3000b', ...Array.from({ length: 200 }, (_, i) => `a ${i % 7}`)]
  const count =
    (path: string) =>
    (context: Context): Dataset<unknown> =>
      context
        .textFile(path)
        .flatMap((text) => text.split(/\s+/))
        .map((word): [string, number] => [word, 1])
        .reduceByKey((a, b) => a + b)
  expect((await both(count(fileOf('text.txt', lines)))).bailed).toBe(202)
  const path = join(freshDirectory(), 'mac.txt')
  writeFileSync(path, lines.slice(2).join('\r'))
  // The last is a chunk of its own, in which no line ends.
  expect((await both(count(path))).bailed).toBe(199)
})

test('words after a filter, and words that are only kept, are for V8', async () => {
  const path = fileOf('text.txt', ['a b', 'c d a', 'b'])
  const kept = await both((context) =>
    context
      .textFile(path)
      .flatMap((text) => text.split(' '))
      .filter((word) => word !== 'a'),
  )
  expect(kept.explained).toContain('V8: splits lines, which V8 does as fast unless the words are combined by key')
  const filtered = await both((context) =>
    context
      .textFile(path)
      .filter((text) => text.includes('a'))
      .flatMap((text) => text.split(' '))
      .map((word): [string, number] => [word, 1])
      .reduceByKey((a, b) => a + b),
  )
  expect(filtered.rows).toHaveLength(4)
})

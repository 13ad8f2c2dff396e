/** Compiled steps in a task: what the fuzz does not reach, each in files of its own. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import type { KindlingEvent } from '../../src/index.ts'
import { type Context, createContext } from '../../src/index.ts'
import { freshDirectory } from '../io/fresh.ts'

interface Row {
  a: number
  b: string
}

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(freshDirectory(), name)
  writeFileSync(path, content)
  return path
}

async function contextOf(options: { compile?: boolean } = {}): Promise<Context> {
  const context = await createContext({ master: 'inline', ...options })
  onTestFinished(() => context.stop())
  return context
}

const rows = (count: number): string => Array.from({ length: count }, (_, i) => `{"a":${i},"b":"row ${i}"}\n`).join('')
const parse = (line: string): Row => JSON.parse(line) as Row

/** The answer, the same with and without compiling, and how many rows compiled steps left to V8. */
async function both<T>(run: (context: Context) => Promise<T>): Promise<{ answer: T; bailed: number }> {
  const compiled = await contextOf()
  const ends: KindlingEvent[] = []
  compiled.on('jobEnd', (event) => ends.push(event))
  const answer = await run(compiled)
  expect(answer).toEqual(await run(await contextOf({ compile: false })))
  const bailed = ends.reduce((sum, event) => sum + (event.type === 'jobEnd' ? event.rowsBailed : 0), 0)
  return { answer, bailed }
}

test('rows are counted, summed and collected from columns alone', async () => {
  const path = fileOf('rows.json', rows(10_000))
  const { answer, bailed } = await both(async (ctx) => {
    const parsed = ctx.textFile(path).map(parse)
    return [
      await parsed.filter((r) => r.a >= 5000).count(),
      await parsed.map((r) => r.a).sum(),
      await parsed.filter((r) => r.b === 'row 7').collect(),
      await parsed
        .filter((r) => r.b.endsWith('99'))
        .map((r) => r.b)
        .first(),
    ]
  })
  expect(answer).toEqual([5000, 49_995_000, [{ a: 7, b: 'row 7' }], 'row 99'])
  expect(bailed).toBe(0)
})

test('what an earlier map makes and a later one drops is evaluated all the same', async () => {
  const content = `${rows(100)}{"a":1,"user":{"name":"x"}}\n{"a":2,"user":{"id":2}}\n${rows(100)}`
  const path = fileOf('rows.json', content)
  const { answer } = await both(async (ctx) => {
    const constants = ctx
      .textFile(path)
      .map((line) => JSON.parse(line) as Row & { user?: { name: string } })
      .map((r) => ({ ...r, length: r.user?.name.length }))
      .map(() => 1.95)
    return constants.sum().catch((error: Error) => error.message)
  })
  expect(answer).toContain("Cannot read properties of undefined (reading 'length')")
  expect(answer).toContain('rows.json:102')
})

test('jsonLines without a schema is compiled, whatever becomes of bad rows', async () => {
  const path = fileOf('rows.json', `${rows(1000)}nonsense\n\n{"a":2000,"b":"last"}\n`)
  const { answer } = await both(async (ctx) => {
    const skipped = ctx.jsonLines<Row>(path, { onBadRow: 'skip' }).filter((r) => r.a >= 999)
    const collected = ctx.jsonLines<Row>(path, { onBadRow: 'collect' }).filter((r) => !r.ok || r.value.a > 1500)
    const failed = ctx.jsonLines<Row>(path).filter((r) => r.a > 5)
    return [
      await skipped.map((r) => r.b).collect(),
      (await collected.collect()).map((r) => ({ ...r, file: '' })),
      await failed.count().catch((error: Error) => error.message.replace(/\(.*?test\.ts:\d+:\d+\)/, '(here)')),
    ]
  })
  expect(answer[0]).toEqual(['row 999', 'last'])
  expect(answer[1]).toMatchObject([
    { ok: false, line: 1001 },
    { ok: true, value: { a: 2000 } },
  ])
  expect(answer[2]).toContain('not JSON')
})

test('gzip is scanned as plain text is', async () => {
  const path = fileOf('rows.json.gz', gzipSync(rows(50_000)))
  const { answer, bailed } = await both((ctx) =>
    ctx
      .textFile(path)
      .map(parse)
      .filter((r) => r.a % 1000 === 0)
      .count(),
  )
  expect(answer).toBe(50)
  expect(bailed).toBe(0)
})

test('a line longer than the memory of the kernel is read by V8', async () => {
  const long = `{"a":1,"b":"${'x'.repeat(3_000_000)}"}\n`
  const path = fileOf('long.json', `${rows(100)}${long}${rows(20_000)}`)
  const { answer, bailed } = await both((ctx) =>
    ctx
      .textFile(path, { minPartitions: 1 })
      .map(parse)
      .filter((r) => r.a === 1)
      .map((r) => r.b.length)
      .collect(),
  )
  expect(answer).toEqual([5, 3_000_000, 5])
  expect(bailed).toBeGreaterThan(0)
})

test('numbering goes on through rows that are given from columns and rows that V8 ran', async () => {
  const text = Array.from({ length: 1000 }, (_, i) => (i % 10 === 3 ? `{"a":${i},"a":${i}}` : `{"a":${i}}`)).join('\n')
  const path = fileOf('rows.json', text)
  const { answer, bailed } = await both((ctx) =>
    ctx
      .textFile(path)
      .map(parse)
      .map((r) => r.a)
      .zipWithIndex()
      .collect(),
  )
  expect(answer).toEqual(Array.from({ length: 1000 }, (_, i) => [i, i]))
  expect(bailed).toBe(100)
})

test('two files that are zipped are scanned side by side', async () => {
  const [left, right] = [fileOf('left.json', rows(30_000)), fileOf('right.json', rows(30_000))]
  const { answer } = await both(async (ctx) => {
    const side = (path: string): ReturnType<typeof numbers> => numbers(ctx, path)
    return side(left)
      .zip(side(right))
      .filter(([a, b]) => a !== b)
      .count()
  })
  expect(answer).toBe(0)
})

function numbers(ctx: Context, path: string) {
  return ctx
    .textFile(path, { minPartitions: 1 })
    .map(parse)
    .map((r) => r.a)
}

test('take stops reading, and what it took is what came first', async () => {
  const path = fileOf('rows.json', rows(200_000))
  const { answer } = await both((ctx) =>
    ctx
      .textFile(path)
      .map(parse)
      .filter((r) => r.a > 10)
      .map((r) => r.a)
      .take(3),
  )
  expect(answer).toEqual([11, 12, 13])
})

test('a built-in that user code replaces is used from the next row on', async () => {
  const path = fileOf('rows.json', rows(100))
  const ctx = await contextOf()
  const own = { parse: JSON.parse, abs: Math.abs }
  try {
    const found = await ctx
      .textFile(path)
      .map(parse)
      .filter((r) => Math.abs(r.a) >= 0)
      .mapPartitions((kept) =>
        (function* () {
          for (const row of kept) yield row.a
        })(),
      )
      .collect()
    expect(found).toHaveLength(100)
    const replaced = await ctx
      .textFile(path)
      .map(parse)
      .filter((r) => Math.abs(r.a) >= 0)
      .map((r) => {
        if (r.a === 50) Math.abs = () => -1
        return /w/.test(r.b) ? r.a : -1
      })
      .collect()
    expect(replaced).toEqual(Array.from({ length: 51 }, (_, i) => i))
  } finally {
    JSON.parse = own.parse
    Math.abs = own.abs
  }
})

test('a field that all objects were given counts for rows without it', async () => {
  const path = fileOf('rows.json', '{"a":1}\n{"a":2,"c":5}\n{"a":3}\n')
  const ctx = await contextOf()
  const everyObject: object = Object.prototype
  Object.defineProperty(everyObject, 'c', { value: 7, configurable: true })
  try {
    const sums = await ctx
      .textFile(path)
      .map((line) => JSON.parse(line) as { a: number; c: number })
      .map((r) => r.a + r.c)
      .collect()
    expect(sums).toEqual([8, 7, 10])
  } finally {
    Reflect.deleteProperty(everyObject, 'c')
  }
})

test('an error names the step, the record, and its line and byte', async () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `{"a":${i},"b":"x"}`)
  lines[2000] = '{"a":2000,"b":null}'
  const path = fileOf('rows.json', lines.join('\n'))
  const message = async (ctx: Context): Promise<string> =>
    ctx
      .textFile(path, { minPartitions: 1 })
      .map(parse)
      .filter((r) => r.b.length > 3 || r.a > 2999)
      .collect()
      .then(String, (error: Error) => error.message.replace(/\(.*?test\.ts:\d+:\d+\)/, '(here)'))
  const [compiled, plain] = [await message(await contextOf()), await message(await contextOf({ compile: false }))]
  expect(compiled).toBe(plain)
  expect(compiled).toContain("Cannot read properties of null (reading 'length')")
  expect(compiled).toContain(':2001 (byte ')
})

test('an action that fails on a row given from columns names that row', async () => {
  const path = fileOf('rows.json', '{"a":1}\n{"a":2}\n{"a":"three"}\n{"a":4}\n')
  const message = async (ctx: Context): Promise<string> =>
    ctx
      .textFile(path, { minPartitions: 1 })
      .map(parse)
      .map((r) => r.a)
      .sum()
      .then(String, (error: Error) => error.message.replace(/\(.*?test\.ts:\d+:\d+\)/, '(here)'))
  const [compiled, plain] = [await message(await contextOf()), await message(await contextOf({ compile: false }))]
  expect(compiled).toBe(plain)
  expect(compiled).toContain('the string "three"')
  expect(compiled).toContain(':3 (byte 16)')
})

test('explain says what is compiled, and with analyze what a run took', async () => {
  const path = fileOf('rows.json', rows(1000))
  const plan = async (compile: boolean): Promise<string> => {
    const ctx = await contextOf({ compile })
    const text = await ctx
      .textFile(path)
      .map(parse)
      .filter((r) => r.a > 990)
      .filter((r) => /[7]$/.test(r.b))
      .explain({ analyze: true })
    return text.replaceAll(/\S*scan\.test\.ts:\d+:\d+/g, 'here').replaceAll(/ +/g, ' ')
  }
  const compiled = await plan(true)
  expect(compiled).toMatch(/ map \S.* here compiled\n/)
  expect(compiled).toMatch(/ filter .* here compiled\n/)
  expect(compiled).toContain('V8: calls "/[7]$/.test(r.b)", which is not a built-in that is compiled\n')
  expect(compiled).toMatch(
    /\nran in \d+\.\d\d s: 1,000 rows read, [\d,]+ bytes; 1 rows given; 0 rows \(0\.0 %\) were left to V8 by compiled steps$/,
  )
  expect(await plan(false)).not.toMatch(/compiled\n|V8:/)
})

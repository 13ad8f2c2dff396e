/** Lines that are written from columns: what V8 writes, whatever is between them. */
import { expect, test } from 'vitest'
import type { UserFunction } from '../../src/plan/step.ts'
import { Folder, outcomeOf, pairOf, write } from './differential.ts'
import type { ChainText } from './random-chains.ts'

interface Row {
  index: number
  name: string
}

const parse: UserFunction = (line: string) => JSON.parse(line) as Row
const whole: UserFunction = (r: Row) => JSON.stringify({ ...r, twice: r.index * 2 })
const some: UserFunction = (r: Row) => ({ name: r.name, twice: r.index * 2 })

const row = (index: number, name: string): string => `{"index": ${index}, "name": "${name}"}\n`
const rows = (count: number, name = 'a name'): string =>
  Array.from({ length: count }, (_, i) => row(i / 7, `${name} ${i}`)).join('')

/** The same by both ways, and what that is. */
async function written(bytes: Buffer, fn: UserFunction, sink: ChainText['sink']): Promise<string> {
  using folder = new Folder()
  const path = write(folder, bytes)
  const ops = [parse, fn].map(() => ({ op: 'map', text: '' }) as const)
  const pair = await pairOf({ steps: ops, sink }, [parse, fn])
  expect(pair.report.scan?.line).toMatchObject({ form: 'json' })
  const part = { start: 0, end: bytes.length }
  const compiled = await outcomeOf(pair.compiled, path, part)
  expect(compiled.text).toBe((await outcomeOf(pair.plain, path, part)).text)
  return compiled.text
}

const CASES: readonly [string, Buffer][] = [
  ['more rows than are scanned at once', Buffer.from(rows(10_000))],
  ['rows whose lines fill more than the room for them', Buffer.from(rows(4000, 'x'.repeat(300)))],
  ['a row whose line has no room', Buffer.from(`${rows(3000)}${row(1, 'y'.repeat(200_000))}${rows(50)}`)],
  ['rows whose names are escaped, between others', Buffer.from(`${rows(100)}${row(1, 'a\\"b\\u0041')}`.repeat(40))],
  [
    'other shapes, another type, a field twice',
    Buffer.from(
      `${rows(60)}{"name":"b","index":1,"more":null}\n{"index":"1","name":2}\n{"index":1,"index":2,"name":"c"}\n`.repeat(
        30,
      ),
    ),
  ],
  [
    'numbers of more digits than doubles have',
    Buffer.from(`${rows(60)}{"index":1.00000000000000000000001,"name":"b"}\n{"index":1e400,"name":"b"}\n`.repeat(30)),
  ],
  [
    'no line end behind the last row, and CR before LF',
    Buffer.from(`${rows(60).replaceAll('\n', '\r\n')}{"index":1,"name":"b"}`),
  ],
  ['names that are not ASCII', Buffer.from(rows(3000, 'caf\u00e9 \u{1f600}'))],
  [
    'bytes that are no UTF-8, between others',
    Buffer.concat([Buffer.from(rows(3000)), Buffer.from(row(1, '\xff\xc3'), 'latin1'), Buffer.from(rows(10))]),
  ],
]

test.each(CASES)('%s', async (_, bytes) => {
  expect((await written(bytes, whole, 'text')).length).toBeGreaterThan(bytes.length)
  await written(bytes, some, 'json')
})

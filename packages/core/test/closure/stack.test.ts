/** A failure in a worker points at the line the user wrote. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveStack } from '../../src/closure/resolve-stack.ts'
import { learnSourceMaps, remapStack } from '../../src/closure/source-map.ts'
import { travel } from './travel.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kindling-stack-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** `file:line` of the topmost frame. */
async function placeOf(fn: () => unknown): Promise<string> {
  const error: unknown = await travel(fn).catch((reason: unknown) => reason)
  const frame =
    resolveStack((error as Error).stack ?? '')
      .split('\n')
      .find((line) => line.includes('    at ')) ?? ''
  return /([^/\\]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? frame
}

/** The line of this very file that has the mark. */
async function lineOf(mark: string): Promise<string> {
  const lines = (await readFile(new URL(import.meta.url), 'utf8')).split('\n')
  return `stack.test.ts:${lines.findIndex((line) => line.includes(`// ${mark}`)) + 1}`
}

test('a function that needs nothing but globals', async () => {
  const fn = (): never => {
    JSON.stringify(1)
    throw new Error('x') // simple place
  }
  expect(await placeOf(fn)).toBe(await lineOf('simple place'))
})

test('a function with captured objects, in a function that it captures', async () => {
  const options = { text: 'bad' }
  const inner = (): never => {
    throw new Error(options.text) // inner place
  }
  expect(await placeOf(() => inner())).toBe(await lineOf('inner place'))
})

test('methods and constructors of a class', async () => {
  class Row {
    readonly ok: boolean
    constructor(ok: boolean) {
      this.ok = ok
      if (!ok) throw new Error('no') // constructor place
    }
    static parse(): Row {
      throw new Error('no') // static place
    }
    check(): boolean {
      throw new Error('no') // method place
    }
  }
  expect(await placeOf(() => new Row(false))).toBe(await lineOf('constructor place'))
  expect(await placeOf(() => Row.parse())).toBe(await lineOf('static place'))
  expect(await placeOf(() => new Row(true).check())).toBe(await lineOf('method place'))
})

test('a method with a computed key, after a function whose parameters begin on another line', async () => {
  const key = 'dynamic'
  const holder = {
    [`${key}Name`](first: number, second = first): never {
      throw new Error(String(second)) // computed place
    },
  }
  expect(await placeOf(() => holder.dynamicName(1))).toBe(await lineOf('computed place'))
})

test('a script with a source map beside it', async () => {
  const script = join(folder, 'job.cjs')
  // Generated line 2 is line 7 of job.ts; columns are kept.
  const map = { version: 3, sources: ['job.ts'], names: [], mappings: ';AAMA' }
  await writeFile(`${script}.map`, JSON.stringify(map))
  await writeFile(
    script,
    "const o = { m: 'x' }\nmodule.exports = () => { throw new Error(o.m) }\n//# sourceMappingURL=job.cjs.map\n",
  )
  const fn = createRequire(import.meta.url)(script) as () => unknown
  expect(await placeOf(fn)).toBe('job.ts:7')
})

test('a map that is missing or broken leaves the place as it is', () => {
  const url = pathToFileURL(join(folder, 'gone.js')).href
  learnSourceMaps([{ url, sourceMap: 'gone.js.map' }])
  expect(remapStack(`Error: x\n    at f (${url}:3:4)`)).toBe(`Error: x\n    at f (${url}:3:4)`)
  learnSourceMaps([{ url, sourceMap: 'data:application/json;base64,!!' }])
  expect(remapStack(`    at ${url}:3:4`)).toBe(`    at ${url}:3:4`)
})

test('frames of other files, and numbers of scripts that nobody knows, are left alone', () => {
  const stack = 'Error: at 1:2:3\n    at node:internal/x:1:2\n    at kindling:script/999999:1:2'
  expect(remapStack(stack)).toBe(stack)
  expect(resolveStack(stack)).toBe(stack)
})

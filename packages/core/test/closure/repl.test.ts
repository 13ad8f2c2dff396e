/** What a REPL does differently: each line is a script, imports are variables, and there may be another realm. */
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import vm from 'node:vm'
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { hostValue } from '../../src/closure/host.ts'
import { dynamicImport } from '../../src/closure/import-module.ts'
import { rootedSpecifier } from '../../src/closure/rooted-specifier.ts'
import { travel } from './travel.ts'

interface Threads {
  readonly isMainThread: boolean
  readonly threadId: number
}

/** What a line typed into a REPL gives. */
const typed = (line: string): unknown => vm.runInThisContext(line)

test('functions of several lines go on sharing a variable that one of them assigns', async () => {
  typed('let typedCounter = 10')
  typed('const typedBump = () => ++typedCounter')
  typed('const typedPeek = () => typedCounter')
  const fn = typed('() => { typedBump(); return typedPeek() }') as () => number
  expect(await travel(fn)).toBe(11)
})

test('the thread’s own facts, through a namespace that is only a variable', async () => {
  const threads = (await dynamicImport(import.meta.url)('node:worker_threads')) as Threads
  expect(await travel(() => [threads.isMainThread, threads.threadId > 0])).toEqual([false, true])
})

test('what a package exports as a whole, in a variable whose script did not require it', async () => {
  const library = createRequire(import.meta.url)('zod') as { z: typeof z }
  expect(await travel((row: number) => library.z.number().parse(row), 4)).toBe(4)
})

test('a format of another realm', async () => {
  const fn = vm.runInNewContext("const euros = new Intl.NumberFormat('de'); () => euros.format(1.5)") as () => string
  expect(await travel(fn)).toBe('1,5')
})

test('a rooted specifier is a path below some folder above the script', () => {
  const folder = new URL('.', import.meta.url)
  const here = '/closure/repl.test.ts'
  expect(rootedSpecifier(here, new URL('fixtures/library.ts', folder).href)).toBe(new URL('repl.test.ts', folder).href)
  expect(rootedSpecifier('/nowhere/x.js', import.meta.url)).toBe('/nowhere/x.js')
  expect(rootedSpecifier('zod', import.meta.url)).toBe('zod')
  expect(rootedSpecifier('/@fs/a/b.js', import.meta.url)).toBe('file:///a/b.js')
  expect(rootedSpecifier('/closure', pathToFileURL(join(tmpdir(), 'x.ts')).href)).toBe('/closure')
})

test('a dynamic import as vite writes it', async () => {
  const load = hostValue({ type: 'host', name: 'dynamicImport', url: import.meta.url }) as (
    specifier: string,
  ) => Promise<{ isMarked: boolean }>
  expect((await load('/closure/fixtures/rooted.mjs')).isMarked).toBe(true)
})

/** Imports as each loader writes them, and what a worker loads. */
import { readFile } from 'node:fs/promises'
import { beforeAll, expect, test } from 'vitest'
import { importBindings } from '../../src/closure/imports.ts'
import { loadParser, parseScript } from '../../src/closure/parser.ts'

beforeAll(loadParser)

function read(source: string): Record<string, string> {
  const program = parseScript(source)
  if (!program) throw new Error('not a script')
  const bindings = [...importBindings(program)]
  return Object.fromEntries(
    bindings.map(([name, one]) => [
      name,
      [one.system, one.specifier, ...one.path, one.isWrapped ? '(wrapped)' : '', one.isMocked ? '(mocked)' : '']
        .filter(Boolean)
        .join(' '),
    ]),
  )
}

test('ES modules', () => {
  expect(read("import a, { b as c, 'd-e' as f } from 'x'; import * as g from './y.js'; import 'z'")).toEqual({
    a: 'esm x default',
    c: 'esm x b',
    f: 'esm x d-e',
    g: 'esm ./y.js',
  })
})

test('dynamic imports at the top level', () => {
  expect(
    read("const a = await import('x'); const { b } = await import('y'); export const c = (await import('z')).default"),
  ).toEqual({
    a: 'esm x',
    b: 'esm y b',
    c: 'esm z default',
  })
})

test('CommonJS, and createRequire as esbuild names it', () => {
  expect(
    read("const a = require('x'), { b, c: d } = require('y'), e = require('z').f; const g = require2('w')"),
  ).toEqual({
    a: 'cjs x',
    b: 'cjs y b',
    d: 'cjs y c',
    e: 'cjs z f',
    g: 'cjs w',
  })
})

test('CommonJS as tsx and tsc write it', () => {
  expect(read('__filename="/x.ts";(()=>{var import_a = __toESM(require("a"));var import_b = require("b")})()')).toEqual(
    {
      import_a: 'cjs a (wrapped)',
      import_b: 'cjs b',
    },
  )
  expect(read('"use strict";const a_1 = __importStar(require("a"))')).toEqual({ a_1: 'cjs a (wrapped)' })
})

test('vitest, with a mocked module', () => {
  expect(
    read(`'use strict';async (__vite_ssr_import__)=>{{const __vite_ssr_import_0__ = await __vite_ssr_import__("/@fs/r/node_modules/x/x.js", {});
      __vite_ssr_import_9__.vi.mock("y", () => 1)
      const __vi_import_0__ = await __vite_ssr_dynamic_import__("/@fs/r/node_modules/y/y.js")}}`),
  ).toEqual({
    __vite_ssr_import_0__: 'esm file:///r/node_modules/x/x.js (wrapped)',
    __vi_import_0__: 'esm file:///r/node_modules/y/y.js (wrapped) (mocked)',
  })
})

test('what a worker loads contains neither the capture nor the parser', async () => {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const follow = async (url: URL): Promise<void> => {
    if (seen.has(url.href)) return
    seen.add(url.href)
    for (const [, specifier = ''] of (await readFile(url, 'utf8')).matchAll(
      /^(?:import|export)\s(?!type\b).*?from '([^']+)'/gms,
    )) {
      if (specifier.startsWith('.')) await follow(new URL(specifier, url))
      else packages.add(specifier)
    }
  }
  await follow(new URL('../../src/closure/revive.ts', import.meta.url))
  expect([...packages].every((name) => name.startsWith('node:'))).toBe(true)
  expect([...seen].some((url) => /capture|parser|inspect|encode/.test(url))).toBe(false)
  expect(seen.size).toBeGreaterThan(8)
})

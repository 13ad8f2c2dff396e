/** A captured function seen as code. */
import { expect, test } from 'vitest'
import { captureFunctions } from '../../src/closure/capture.ts'
import type { FunctionCode } from '../../src/closure/code.ts'
import { capture } from './travel.ts'

async function codeOf(fn: (...args: never[]) => unknown): Promise<FunctionCode> {
  const [code] = (await capture(fn)).codes
  if (!code) throw new Error('no code')
  return code
}

test('the tree and the source it counts in', async () => {
  const code = await codeOf((row: { a: number }) => row.a > 1)
  if (!code.ok) throw new Error(code.why)
  expect(code.ast.type).toBe('ArrowFunctionExpression')
  expect(code.source.slice(code.ast.body.start, code.ast.body.end)).toBe('row.a > 1')
})

test('captured values are those that travel, not those of later', async () => {
  let limit = 1.5
  const helper = (x: number): boolean => x > limit
  const [options, max] = [{ deep: { n: 2 } }, Math.max]
  const fn = (x: number): unknown => [limit, helper(x), options.deep, max(x, 1)]
  const code = await codeOf(fn)
  limit = 9
  if (!code.ok) throw new Error(code.why)
  expect(code.captured.get('limit')).toEqual({ kind: 'primitive', value: 1.5 })
  const inner = code.captured.get('helper')
  expect(inner?.kind === 'function' && inner.code.ok && inner.code.captured.get('limit')).toEqual({
    kind: 'primitive',
    value: 1.5,
  })
  expect(code.captured.get('max')).toEqual({ kind: 'builtin', path: 'Math.max' })
  const object = code.captured.get('options')
  const deep = object?.kind === 'object' ? object.get('deep') : undefined
  expect(deep?.kind === 'object' && deep.get('n')).toEqual({ kind: 'primitive', value: 2 })
})

test('a builtin is the arrow that calls it', async () => {
  const code = await codeOf(JSON.parse)
  expect(code.ok && code.source).toBe('((row) => JSON.parse(row))')
})

test('says why a function is not code to compile', async () => {
  let total = 0
  class Row {}
  const assigning = (x: number): number => {
    total += x
    return total
  }
  expect(await codeOf(assigning)).toEqual({ ok: false, why: 'assigns total' })
  expect(await codeOf(Row as never)).toEqual({ ok: false, why: 'is a class' })
  expect(await codeOf(assigning.bind(null))).toEqual({
    ok: false,
    why: 'is not a function written here but a bound function',
  })
})

test('codes come in the order of the functions', async () => {
  const at = { text: '' }
  const { codes } = await captureFunctions([(): number => 1, (): number => 2].map((fn) => ({ fn, verb: 'map', at })))
  expect(codes.map((code) => code.ok && code.source)).toEqual(['(() => 1)', '(() => 2)'])
})

/** Free variables, by example: the function's text, then its free names; `=` assigned, `?` only under typeof. */
import { beforeAll, expect, test } from 'vitest'
import { loadParser, parseFunction } from '../../src/closure/parser.ts'

beforeAll(loadParser)

const CASES: readonly (readonly [text: string, names: string])[] = [
  ['x => x + a', 'a'],
  ['function f(n) { return n ? f(n - 1) : b }', 'b'],
  ['function (a, { b = c, ...d }, [e] = g) { var h = 1; { let i; i = j } return h }', 'c g j'],
  ['() => { try { k() } catch ({ l }) { l } }', 'k'],
  ['() => { try { k() } catch { l } }', 'k l'],
  ['() => { for (const m of n) m; for (let i = 0; i < p; i++) i; for (q in r) q }', 'n p q= r'],
  ['() => { q: for (;;) { break q } }', ''],
  ['() => o.p?.[r] + `${s}` + t`x`', 'o r s t'],
  ['() => ({ u, v: w, [x]: 1, y() { return y2 } }).z', 'u w x y2'],
  ['() => typeof z', 'z?'],
  ['() => typeof z === z', 'z'],
  ['() => { A = 1; B++; [C.d, E = F] = G; ({ H, I: { J } } = K) }', 'A= B= C E= F G H= J= K'],
  ['() => { inner(); function inner() { return a } }', 'a'],
  ['() => { { var hoisted } return hoisted }', ''],
  ['(a = () => b, b) => a', ''],
  ['() => { switch (a) { case b: let c; c = d } }', 'a b d'],
  [
    'class X extends Y { #p = q; static s = r; [t]() { super.t(); return this.#p } static { u } get v() { return X } }',
    'Y q r t u',
  ],
  ['get foo() { return a }', 'a'],
  ['*[Symbol.iterator]() { b }', 'b'],
  ['async *many() { yield* a; await b; for await (const x of y) x }', 'a b y'],
  ['#p() { return zz }', 'zz'],
  ["'a b'() { return xx }", 'xx'],
  ['function () { return arguments.length + [] }', ''],
  ['async () => { await import(spec) }', 'spec'],
  ['() => undefined', 'undefined'],
  ['({ a: { b = c } = {} }) => b', 'c'],
]

test.each(CASES)('%s', (text, names) => {
  const found = [...parseFunction(text).free.names].map(
    ([name, use]) => name + (use.assigned ? '=' : use.typeofOnly ? '?' : ''),
  )
  expect(found.sort().join(' ')).toBe(names)
})

test('members are told apart from the whole', () => {
  const { names } = parseFunction('() => [ns.a, ns.b.c, whole.x, whole, computed[k], opt?.d]').free
  expect(names.get('ns')?.members).toEqual(new Set(['a', 'b']))
  expect(names.get('opt')?.members).toEqual(new Set(['d']))
  expect(names.get('whole')?.members).toBeNull()
  expect(names.get('computed')?.members).toBeNull()
})

test('what comes from the function around', () => {
  const outer = (text: string): string => [...parseFunction(text).free.outer].sort().join(' ')
  expect(outer('() => [this, arguments, new.target]')).toBe('arguments new.target this')
  expect(outer('() => super.x')).toBe('super')
  expect(outer('m() { return super.x }')).toBe('super')
  expect(outer('() => eval(a)')).toBe('eval')
  expect(outer('(eval) => eval(a)')).toBe('')
  expect(outer('() => function () { return [this, arguments, new.target] }')).toBe('')
  expect(outer('() => class extends A { x = this; m() { super.m() } }')).toBe('')
})

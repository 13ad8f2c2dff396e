/**
 * Grouping: rows that a chain makes pairs of, and then combines by key, are combined while they are scanned, where keys are fields or
 * numbers, and what is combined is numbers, or arrays or objects of numbers. A row of which that turns out not to be true is combined by V8, at its turn.
 */
import type { FunctionCode } from '../closure/code.ts'
import type { Combiner } from '../plan/combiner.ts'
import {
  type Constant,
  constant,
  type Expression,
  isField,
  isNumber,
  pathOf,
  Refusal,
  some,
  UNDEFINED,
} from './expression.ts'
import { lower } from './lower.ts'

export interface ScanGroup {
  /** A field, which is grouped where it is a string or a number; or what must turn out to be a number. */
  readonly key: Expression
  /** What must turn out to be numbers, and is combined: `later` by its index. */
  readonly values: readonly Expression[]
  readonly combine: Totals | { readonly constant: Constant }
}

/** What a group has after its first values, and after each later ones: numbers, `soFar` by their index. */
export interface Totals {
  readonly shape: Shape
  readonly first: readonly Expression[]
  readonly then: readonly Expression[]
}

/** What the numbers of a group are parts of: one number is itself, several are an array or a plain object. */
export type Shape = 'number' | 'array' | readonly string[]

/** What a stage knows of what its functions are, and of what they begin with. */
export interface Known {
  /** The functions, by number. */
  readonly codes: readonly FunctionCode[]
  /** Whether captured objects stay as they are. */
  readonly trustsObjects: boolean
  /** The value that a block of one row holds. */
  readonly valueOf: (block: Uint8Array) => unknown
}

/** @throws Refusal saying what is not understood */
export function groupOf(
  value: Expression,
  combiner: Combiner<number>,
  { codes, trustsObjects, valueOf }: Known,
): ScanGroup {
  if (value.op !== 'array' || value.items.length !== 2) throw new Refusal('combines something else than pairs')
  const [key, each] = value.items as readonly [Expression, Expression]
  if (pathOf(key) === null && !isNumber(key, isField))
    throw new Refusal('has a key that is neither a field nor a number')
  const call = (fn: number, ...args: readonly Expression[]): Parts => {
    const code = codes[fn]
    if (code === undefined) throw new Error(`no function ${fn}`)
    return partsOf(lower(code, args, trustsObjects))
  }
  const totals = (begin: Parts, go: (soFar: Expression) => Parts): ScanGroup => {
    const { shape } = begin
    const soFar = begin.items.map((_, index): Expression => ({ op: 'argument', name: 'soFar', index }))
    const next = go(whole(shape, soFar))
    if (!isSame(next.shape, shape)) throw new Refusal('combines something else than it began with')
    const values: Expression[] = []
    const [first, then] = [begin, next].map(({ items }) => items.map((e) => hoisted(e, values, 'number'))) as [
      Expression[],
      Expression[],
    ]
    if (![...first, ...then].every((e) => isNumber(e, () => false)))
      throw new Refusal('combines something else than numbers')
    return { key, values, combine: { shape, first, then } }
  }
  const one = constant(1)
  switch (combiner.type) {
    case 'count':
      return totals(partsOf(one), (soFar) => partsOf({ op: 'binary', sign: '+', left: soFar, right: one }))
    case 'first':
      if (each.op === 'const') return { key, values: [], combine: { constant: each.value } }
      return totals(partsOf(each), partsOf)
    case 'reduce':
      return totals(partsOf(each), (soFar) => call(combiner.fn, soFar, each))
    case 'fold':
      return totals(call(combiner.fn, zeroOf(valueOf(combiner.zero)), each), (soFar) => call(combiner.fn, soFar, each))
    case 'custom':
      return totals(call(combiner.create, each), (soFar) => call(combiner.fn, soFar, each))
    case 'group':
      throw new Refusal('holds all values')
  }
}

/**
 * An expression of what was combined so far and of the row, as one of numbers: what says nothing of the former is computed for the row, among `values`.
 * Where only its truth matters, that is 1 or 0.
 */
function hoisted(e: Expression, values: Expression[], as: 'number' | 'truth'): Expression {
  const number = (part: Expression): Expression => hoisted(part, values, 'number')
  const truth = (part: Expression): Expression => hoisted(part, values, 'truth')
  if (!some(e, (part) => part.op === 'argument')) {
    if (e.op === 'const') return e
    if (e.op === 'row' || e.op === 'record' || e.op === 'array' || e.op === 'words')
      throw new Refusal('combines something else than numbers')
    const value: Expression = as === 'number' ? e : { op: 'if', test: e, yes: constant(1), no: constant(0) }
    const known = values.findIndex((other) => JSON.stringify(other) === JSON.stringify(value))
    return { op: 'argument', name: 'later', index: known < 0 ? values.push(value) - 1 : known }
  }
  switch (e.op) {
    case 'argument':
      return e
    case 'unary':
      if (e.sign === 'typeof') break
      return { ...e, of: e.sign === '!' ? truth(e.of) : number(e.of) }
    case 'binary': {
      const isChoice = e.sign === '&&' || e.sign === '||'
      const part = isChoice && as === 'truth' ? truth : number
      return { ...e, left: part(e.left), right: part(e.right) }
    }
    case 'if':
      return { ...e, test: truth(e.test), yes: hoisted(e.yes, values, as), no: hoisted(e.no, values, as) }
    case 'call':
      return { ...e, args: e.args.map(number) }
    default:
  }
  throw new Refusal('combines numbers with more than arithmetic')
}

/** An expression as the numbers that it is made of. */
interface Parts {
  readonly shape: Shape
  readonly items: readonly Expression[]
}

function partsOf(e: Expression): Parts {
  if (e.op === 'array') return { shape: 'array', items: e.items }
  if (e.op !== 'record' || e.spread !== null) return { shape: 'number', items: [e] }
  // A later field of the same name takes the value and leaves the place.
  const fields = new Map(e.fields.map(([name, value]) => [name, value]))
  if (e.fields.some(([name, , isOptional]) => isOptional === true || /^\d+$|^__proto__$/.test(name)))
    throw new Refusal('combines objects whose fields come and go, or are no plain names')
  return { shape: [...fields.keys()], items: [...fields.values()] }
}

function whole(shape: Shape, items: readonly Expression[]): Expression {
  if (shape === 'array') return { op: 'array', items }
  const [only] = items
  if (shape === 'number') return only ?? UNDEFINED
  return { op: 'record', spread: null, fields: shape.map((name, i) => [name, items[i] ?? UNDEFINED]) }
}

function zeroOf(zero: unknown): Expression {
  const number = (value: unknown): Expression => {
    if (typeof value !== 'number') throw new Refusal('combines something else than numbers')
    return constant(value)
  }
  if (Array.isArray(zero)) return { op: 'array', items: zero.map(number) }
  if (typeof zero !== 'object' || zero === null) return number(zero)
  return { op: 'record', spread: null, fields: Object.entries(zero).map(([name, value]) => [name, number(value)]) }
}

function isSame(a: Shape, b: Shape): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/**
 * Grouping: rows that a chain makes pairs of, and then combines by key, are combined while they are scanned, where keys are fields or
 * numbers and what is combined is numbers. A row of which that turns out not to be true is combined by V8, at its turn.
 */
import type { FunctionCode } from '../closure/code.ts'
import type { Combiner } from '../plan/combiner.ts'
import {
  type Constant,
  constant,
  type Expression,
  isField,
  isNumber,
  LATER,
  pathOf,
  Refusal,
  SO_FAR,
  sequence,
  UNDEFINED,
} from './expression.ts'
import { lower } from './lower.ts'

export interface ScanGroup {
  /** A field, which is grouped where it is a string or a number; or what must turn out to be a number. */
  readonly key: Expression
  /** What must turn out to be a number, and is combined; null where the values are a constant, or only counted. */
  readonly value: Expression | null
  /** What a group has after its first value, and after each later one: of `SO_FAR` and `LATER`; or the constant that all have. */
  readonly combine: { readonly first: Expression; readonly then: Expression } | { readonly constant: Constant }
}

/** What a stage knows of what its functions are, and of what they begin with. */
export interface Known {
  /** The functions, by number. */
  readonly codes: readonly FunctionCode[]
  /** The value that a block of one row holds. */
  readonly valueOf: (block: Uint8Array) => unknown
}

/** @throws Refusal saying what is not understood */
export function groupOf(value: Expression, combiner: Combiner<number>, { codes, valueOf }: Known): ScanGroup {
  if (value.op !== 'array' || value.items.length !== 2) throw new Refusal('combines something else than pairs')
  const [key, each] = value.items as readonly [Expression, Expression]
  if (pathOf(key) === null && !isNumber(key, isField))
    throw new Refusal('has a key that is neither a field nor a number')
  // What is constant needs no column; what it would be otherwise is evaluated, since it may throw.
  const own = each.op === 'const' ? null : each
  const later = each.op === 'const' ? each : LATER
  switch (combiner.type) {
    case 'count': {
      const isSeen = sequence(each, UNDEFINED) !== UNDEFINED
      return { key, value: isSeen ? own : null, combine: { first: constant(1), then: plus(SO_FAR, constant(1)) } }
    }
    case 'first':
      if (each.op === 'const') return { key, value: null, combine: { constant: each.value } }
      return { key, value: each, combine: { first: LATER, then: SO_FAR } }
    case 'reduce':
      return { key, value: own, combine: numbers(later, combined(codes, combiner.fn, SO_FAR, later)) }
    case 'fold': {
      const zero = valueOf(combiner.zero)
      if (typeof zero !== 'number') throw new Refusal('combines something else than numbers')
      const { fn } = combiner
      const first = combined(codes, fn, constant(zero), later)
      return { key, value: own, combine: numbers(first, combined(codes, fn, SO_FAR, later)) }
    }
    case 'custom': {
      const create = codes[combiner.create]
      if (create === undefined) throw new Error(`no function ${combiner.create}`)
      return {
        key,
        value: own,
        combine: numbers(lower(create, [later]), combined(codes, combiner.fn, SO_FAR, later)),
      }
    }
    case 'group':
      throw new Refusal('holds all values')
  }
}

function combined(codes: readonly FunctionCode[], fn: number, a: Expression, b: Expression): Expression {
  const code = codes[fn]
  if (code === undefined) throw new Error(`no function ${fn}`)
  return lower(code, [a, b])
}

/** Both must be numbers whatever numbers they are made of: what is combined has room for nothing else. */
function numbers(first: Expression, then: Expression): { readonly first: Expression; readonly then: Expression } {
  if (![first, then].every((e) => isNumber(e, () => false))) throw new Refusal('combines something else than numbers')
  return { first, then }
}

function plus(left: Expression, right: Expression): Expression {
  return { op: 'binary', sign: '+', left, right }
}

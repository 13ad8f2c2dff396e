/** What functions captured, as constants. Primitives are; what objects hold is one as long as nobody can change it. */
import type { Expression as Ast, Super } from 'acorn'
import type { CapturedValue, FunctionCode } from '../closure/code.ts'
import { constant, type Expression, Refusal } from './expression.ts'
import { keyOf } from './syntax.ts'

/** A captured object is read that a function might change which is not compiled. */
export class ObjectRefusal extends Refusal {}

/** What is read where a captured variable is. @throws Refusal where that is no primitive */
export function capturedConstant(name: string, value: CapturedValue): Expression {
  if (value.kind === 'primitive' && typeof value.value !== 'bigint') return constant(value.value)
  throw new Refusal(
    value.kind === 'object'
      ? `uses the captured object ${name} as a value`
      : `uses ${name}, which is not a number, string, boolean or null`,
  )
}

export interface Reading {
  readonly code: Extract<FunctionCode, { ok: true }>
  readonly isLocal: (name: string) => boolean
  /** Whether captured objects stay as they are. */
  readonly trustsObjects: boolean
}

/**
 * What a captured object holds where `e` reads it, as `LIMITS.error` and `options['limit']` do; null for anything else.
 * @throws Refusal where the object has no such property, or might change
 */
export function heldIn(e: Ast | Super, reading: Reading): CapturedValue | null {
  if (e.type !== 'MemberExpression' || e.optional) return null
  const { object, property, computed } = e
  const { code, isLocal, trustsObjects } = reading
  const of =
    object.type === 'Identifier'
      ? isLocal(object.name)
        ? null
        : (code.captured.get(object.name) ?? null)
      : heldIn(object, reading)
  if (of?.kind !== 'object') return null
  const text = code.source.slice(e.start, e.end)
  if (!trustsObjects)
    throw new ObjectRefusal(`reads ${text} of a captured object, which a function that is not compiled might change`)
  const isNamed = property.type === (computed ? 'Literal' : 'Identifier')
  const held = isNamed ? of.get(keyOf(property)) : undefined
  if (held === undefined) throw new Refusal(`reads ${text}, which the captured object does not have`)
  return held
}

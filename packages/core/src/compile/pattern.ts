/** Parameters and constants that are destructured: names for parts of an expression. */
import type { Expression as Ast, Pattern } from 'acorn'
import { both, type Expression, item, Refusal, UNDEFINED } from './expression.ts'
import { keyOf } from './syntax.ts'

/** What is needed of the function that has the pattern. */
export interface PatternLowering {
  /** The expression of a default. */
  readonly go: (e: Ast) => Expression
  /** A member of an expression. */
  readonly member: (of: Expression, name: string) => Expression
  /** A part of the function as the user wrote it. */
  readonly quote: (part: { readonly start: number; readonly end: number }) => string
}

/** Names the parts of `value`; gives what must be evaluated for it. @throws Refusal for a pattern that is not understood */
export function bind(
  pattern: Pattern,
  value: Expression,
  names: Map<string, Expression>,
  lowering: PatternLowering,
): Expression {
  switch (pattern.type) {
    case 'Identifier':
      names.set(pattern.name, value)
      return UNDEFINED
    case 'AssignmentPattern': {
      const otherwise = lowering.go(pattern.right)
      const test: Expression = { op: 'binary', sign: '===', left: value, right: UNDEFINED }
      const chosen: Expression = { op: 'if', test, yes: otherwise, no: value }
      return both(chosen, bind(pattern.left, chosen, names, lowering))
    }
    case 'ObjectPattern': {
      let checks: Expression = UNDEFINED
      if (pattern.properties.length === 0) throw new Refusal(`destructures nothing: ${lowering.quote(pattern)}`)
      for (const property of pattern.properties) {
        if (property.type !== 'Property' || property.computed)
          throw new Refusal(`destructures ${lowering.quote(property)}`)
        const field = lowering.member(value, keyOf(property.key))
        checks = both(both(checks, field), bind(property.value, field, names, lowering))
      }
      return checks
    }
    case 'ArrayPattern': {
      let checks: Expression = UNDEFINED
      for (const [i, part] of pattern.elements.entries())
        if (part !== null) checks = both(checks, bind(part, item(value, i), names, lowering))
      return checks
    }
    default:
      throw new Refusal(`destructures ${lowering.quote(pattern)}`)
  }
}

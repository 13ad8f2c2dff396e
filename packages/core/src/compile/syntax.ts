/** Pieces of syntax that are recognised by their form alone. */
import type { Expression as Ast, Literal, Statement, Super } from 'acorn'

const QUOTE = 40

/** A part of a function as the user wrote it. */
export function quoted(source: string, { start, end }: { readonly start: number; readonly end: number }): string {
  const text = source.slice(start, end).replace(/\s+/g, ' ')
  return `"${text.length > QUOTE ? `${text.slice(0, QUOTE - 1)}…` : text}"`
}

/** The statements of a branch that ends by returning; null when it may fall through. */
export function returning(statement: Statement): readonly Statement[] | null {
  const statements = statement.type === 'BlockStatement' ? statement.body : [statement]
  const last = statements.at(-1)
  if (last === undefined) return null
  if (last.type === 'ReturnStatement') return statements
  if (last.type !== 'IfStatement' || !last.alternate) return null
  return returning(last.consequent) !== null && returning(last.alternate) !== null ? statements : null
}

/** Whether a literal is a number, string, boolean or null: neither a regular expression nor a bigint. */
export function isPlainLiteral(e: Literal): e is SimpleLiteral {
  const isOther = ('regex' in e && e.regex) || ('bigint' in e && e.bigint)
  return !isOther && !(e.value instanceof RegExp) && typeof e.value !== 'bigint'
}

type SimpleLiteral = Literal & { readonly value: string | boolean | number | null }

/** The name that a key of an object or pattern spells. */
export function keyOf(key: { readonly type: string; readonly name?: unknown; readonly value?: unknown }): string {
  return String(key.type === 'Identifier' ? key.name : key.value)
}

/** The variable of which a method is called, and its name; null for any other call. */
export function calledOn(callee: Ast | Super): { readonly of: string; readonly name: string } | null {
  if (callee.type !== 'MemberExpression' || callee.computed || callee.optional) return null
  const { object, property } = callee
  return object.type === 'Identifier' && property.type === 'Identifier'
    ? { of: object.name, name: property.name }
    : null
}

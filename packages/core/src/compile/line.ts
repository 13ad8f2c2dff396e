/**
 * The line of text that a chain ends with, in parts: literal text, fields of the row and computed numbers. A line that is made of these
 * can be written from columns, without a value in between.
 */
import { type Expression, isField, isNumber, isOptionalPath, isWellFormed, pathOf, ROW } from './expression.ts'

/** What becomes a line, and how: as JSON, or as what `String` makes of it. */
export interface ScanLine {
  readonly form: 'json' | 'text'
  readonly value: Expression
}

export interface FieldPart {
  readonly path: readonly string[]
  /** Whether strings keep their quotes. */
  readonly form: ScanLine['form']
  /** A field whose parent is null or missing is undefined, instead of an error. */
  readonly isOptional: boolean
  /** What stands before the field, and is left out with it where it is undefined; null where it can't be left out. */
  readonly key: string | null
}

export type LinePart =
  | { readonly literal: string }
  | FieldPart
  /** Must turn out to be a finite number. */
  | { readonly number: Expression }

/** The line that a value becomes in a file of one form. In a text file objects are JSON too. */
export function lineOf(value: Expression, form: ScanLine['form']): ScanLine {
  if (form === 'text' && value.op === 'call' && value.name === 'JSON.stringify' && value.args[0] !== undefined)
    return { form: 'json', value: value.args[0] }
  return { form: value.op === 'row' || value.op === 'record' ? 'json' : form, value }
}

/**
 * The parts of a line.
 * @param fields of the row itself, each a string, number, boolean or null, in their order
 * @returns null when something else than those parts is needed
 */
export function linePartsOf({ form, value }: ScanLine, fields: readonly string[]): readonly LinePart[] | null {
  const parts = form === 'json' ? jsonParts(value, fields) : textParts(value)
  return parts === null ? null : joined(parts)
}

/** The numbers that must be computed for a line, each once. */
export function numbersOf(parts: readonly LinePart[]): readonly Expression[] {
  return [...new Set(parts.flatMap((part) => ('number' in part ? [part.number] : [])))]
}

function jsonParts(e: Expression, fields: readonly string[]): readonly LinePart[] | null {
  const path = pathOf(e)
  if (path !== null) return [fieldPart(e, path, 'json')]
  if (e.op === 'const') return typeof e.value === 'object' && e.value !== null ? null : literal(JSON.stringify(e.value))
  if (isNumber(e, isField)) return [{ number: e }]
  switch (e.op) {
    case 'row':
      return objectParts(new Map(fields.map((name) => [name, fieldOf(name)])), fields)
    case 'record': {
      const members = new Map<string, Expression>()
      // A later field of the same name takes the value and leaves the place: unless there may have been none.
      if (e.spread !== null) for (const name of fields) members.set(name, fieldOf(name))
      for (const [name, value] of e.fields) {
        if (e.fields.some(([other, of, isOptional]) => other === name && of !== value && isOptional === true))
          return null
        members.set(name, value)
      }
      return objectParts(members, fields)
    }
    default:
      return null
  }
}

function objectParts(members: ReadonlyMap<string, Expression>, fields: readonly string[]): readonly LinePart[] | null {
  const parts: LinePart[] = []
  for (const [name, value] of members) {
    // Names that are whole numbers come first in an object, in order.
    if (/^\d+$/.test(name) || name === '__proto__') return null
    const own = jsonParts(value, fields)
    if (own === null) return null
    const key = `${parts.length === 0 ? '{' : ','}${JSON.stringify(name)}:`
    const [field] = own
    // An undefined field is left out of JSON. The first is not: the one behind it would begin otherwise.
    if (field !== undefined && 'path' in field && parts.length > 0) parts.push({ ...field, key })
    else parts.push({ literal: key }, ...own)
  }
  return parts.length === 0 ? [{ literal: '{}' }] : [...parts, { literal: '}' }]
}

/** What `String` makes of a value, as parts; of a number that isn't finite it is not JSON, and no part. */
function textParts(e: Expression): readonly LinePart[] | null {
  const path = pathOf(e)
  if (path !== null) return [fieldPart(e, path, 'text')]
  if (e.op === 'const') return typeof e.value === 'object' && e.value !== null ? null : literal(String(e.value))
  if (isNumber(e, isField)) return [{ number: e }]
  switch (e.op) {
    case 'template': {
      const parts: LinePart[] = []
      for (const [i, text] of e.texts.entries()) {
        const value = e.values[i]
        const own = value === undefined ? [] : textParts(value)
        const before = literal(text)
        if (own === null || before === null) return null
        parts.push(...before, ...own)
      }
      return parts
    }
    case 'binary': {
      if (e.sign !== '+' || !(isText(e.left) || isText(e.right))) return null
      const [left, right] = [textParts(e.left), textParts(e.right)]
      return left === null || right === null ? null : [...left, ...right]
    }
    default:
      return null
  }
}

/** Whether an expression gives a string whatever the columns hold. */
function isText(e: Expression): boolean {
  if (e.op === 'const') return typeof e.value === 'string'
  return e.op === 'template' || (e.op === 'binary' && e.sign === '+' && (isText(e.left) || isText(e.right)))
}

/** Text by itself; null when its bytes would depend on what stands beside it. */
function literal(text: string): readonly LinePart[] | null {
  return isWellFormed(text) ? [{ literal: text }] : null
}

function fieldPart(e: Expression, path: readonly string[], form: ScanLine['form']): FieldPart {
  return { path, form, isOptional: isOptionalPath(e), key: null }
}

function fieldOf(name: string): Expression {
  return { op: 'get', of: ROW, name, isOptional: false }
}

/** Literals side by side as one. */
function joined(parts: readonly LinePart[]): readonly LinePart[] {
  const all: LinePart[] = []
  for (const part of parts) {
    const last = all.at(-1)
    if ('literal' in part && last !== undefined && 'literal' in last)
      all.splice(-1, 1, { literal: last.literal + part.literal })
    else all.push(part)
  }
  return all
}

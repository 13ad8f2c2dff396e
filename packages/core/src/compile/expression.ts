/**
 * An expression: what a chain of the user's functions computes from one line, as data. First-order and pure, so that steps compose by
 * substitution; JSON can hold it once odd numbers are spelled.
 */
export type Primitive = number | string | boolean | null | undefined

/** A constant as JSON can hold it: itself, or in an array the word for it. */
export type Constant =
  | number
  | string
  | boolean
  | null
  | readonly ['undefined' | 'NaN' | 'Infinity' | '-Infinity' | '-0']

export type Expression =
  | { readonly op: 'const'; readonly value: Constant }
  /** The line. */
  | { readonly op: 'line' }
  /** What `JSON.parse` makes of the line, when that is an object. */
  | { readonly op: 'row' }
  /** One of the words of the line: what a row is once the line was split. */
  | { readonly op: 'word' }
  /** All of them: the line cut at a character of ASCII, or at runs of whitespace. */
  | { readonly op: 'words'; readonly separator: string }
  | { readonly op: 'get'; readonly of: Expression; readonly name: string; readonly isOptional: boolean }
  /** Of a string; undefined for other primitives. */
  | { readonly op: 'length'; readonly of: Expression; readonly isOptional: boolean }
  | { readonly op: 'unary'; readonly sign: string; readonly of: Expression }
  | { readonly op: 'binary'; readonly sign: string; readonly left: Expression; readonly right: Expression }
  | { readonly op: 'if'; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  /** `{ ...spread, name: value, … }` */
  | { readonly op: 'record'; readonly spread: Expression | null; readonly fields: readonly Member[] }
  | { readonly op: 'array'; readonly items: readonly Expression[] }
  /** A built-in function by its path from the global object. */
  | { readonly op: 'call'; readonly name: string; readonly args: readonly Expression[] }
  /** A built-in method of a string or number. */
  | { readonly op: 'method'; readonly of: Expression; readonly name: string; readonly args: readonly Expression[] }
  | { readonly op: 'template'; readonly texts: readonly string[]; readonly values: readonly Expression[] }
  /** A number: of what a group's values were combined to so far, or of the value that comes to it. */
  | { readonly op: 'argument'; readonly name: 'soFar' | 'later'; readonly index: number }
  /** Nothing is known of the row unless the test is true: then it runs in V8. */
  | { readonly op: 'require'; readonly test: Expression }
  /** `first` is evaluated only because it may throw, or require something. */
  | { readonly op: 'sequence'; readonly first: Expression; readonly then: Expression }

/** Signs that give one of what they are given. */
const CHOICES: ReadonlySet<string> = new Set(['&&', '||', '??'])
/** Signs that give numbers whatever they are given, as far as the values of columns go. */
const NUMERIC_SIGNS: ReadonlySet<string> = new Set('- * / % ** & | ^ << >> >>>'.split(' '))

/** A field of a record: its name, its value, and `true` when it is left out where the value is undefined. */
export type Member = readonly [name: string, value: Expression, isOptional?: true]

export const LINE: Expression = { op: 'line' }
export const ROW: Expression = { op: 'row' }
export const WORD: Expression = { op: 'word' }
export const UNDEFINED: Expression = constant(undefined)

export function constant(value: Primitive): Expression {
  if (value === undefined) return { op: 'const', value: ['undefined'] }
  if (Object.is(value, -0)) return { op: 'const', value: ['-0'] }
  if (typeof value !== 'number' || Number.isFinite(value)) return { op: 'const', value }
  return { op: 'const', value: [Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'] }
}

/** The value of a constant. */
export function valueOf(value: Constant): Primitive {
  if (typeof value !== 'object' || value === null) return value
  return value[0] === 'undefined' ? undefined : Number(value[0])
}

/** Thrown where an expression can't be exact; `message` follows the verb. */
export class Refusal extends Error {}

/** A string whose bytes say all about it: no lone surrogate, nor what malformed bytes are read as. */
export function isWellFormed(text: string): boolean {
  return !/\ufffd|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)
}

/** What an expression is made of. */
export function children(e: Expression): readonly Expression[] {
  switch (e.op) {
    case 'const':
    case 'line':
    case 'row':
    case 'word':
    case 'words':
    case 'argument':
      return []
    case 'get':
    case 'length':
    case 'unary':
      return [e.of]
    case 'binary':
      return [e.left, e.right]
    case 'require':
      return [e.test]
    case 'if':
      return [e.test, e.yes, e.no]
    case 'record':
      return [...(e.spread === null ? [] : [e.spread]), ...e.fields.map(([, value]) => value)]
    case 'array':
      return e.items
    case 'call':
      return e.args
    case 'method':
      return [e.of, ...e.args]
    case 'template':
      return e.values
    case 'sequence':
      return [e.first, e.then]
  }
}

export function some(e: Expression, test: (e: Expression) => boolean): boolean {
  return test(e) || children(e).some((child) => some(child, test))
}

/** The separator that is runs of whitespace. */
export const SPACES = '\\s+'

/** The separator that cuts lines into nothing smaller: each is a word. */
export const LINES = '\n'

/** Whether lines can be cut at a text: one character of ASCII, none that ends a line, or `SPACES`. */
export function isSeparator(text: string): boolean {
  return text === SPACES || (text.length === 1 && text < '\x80' && text !== '\n' && text !== '\r')
}

/** The keys that lead from the row to what is read; null when it is no field of the row. A word is the only field of its row. */
export function pathOf(e: Expression): readonly string[] | null {
  if (e.op === 'word') return ['']
  if (e.op !== 'get') return null
  if (e.of.op === 'row') return [e.name]
  const outer = pathOf(e.of)
  return outer === null ? null : [...outer, e.name]
}

/** Whether a missing parent makes the field undefined, on all its way, instead of an error. */
export function isOptionalPath(e: Expression): boolean {
  return e.op !== 'get' || e.of.op === 'row' || (e.isOptional && isOptionalPath(e.of))
}

/**
 * Whether an expression gives a number.
 * @param isTrusted whether that may be said of a part which says nothing of it: a field, a length
 */
export function isNumber(e: Expression, isTrusted: (e: Expression) => boolean): boolean {
  const all = (...parts: readonly Expression[]): boolean => parts.every((part) => isNumber(part, isTrusted))
  switch (e.op) {
    case 'const':
      return typeof e.value === 'number'
    case 'argument':
      return true
    case 'unary':
      return e.sign === '-' || e.sign === '+' || e.sign === '~'
    case 'binary':
      if (NUMERIC_SIGNS.has(e.sign)) return true
      // `r.a || r.b` may as well be of strings; `r.a ?? 0` hardly is.
      return all(e.left, e.right) && (e.sign === '+' || (CHOICES.has(e.sign) && [e.left, e.right].some(isCertain)))
    case 'if':
      return all(e.yes, e.no)
    case 'call':
      return e.name.startsWith('Math.') || e.name === 'Number' || /parse(Int|Float)$/.test(e.name)
    default:
      return isTrusted(e)
  }
}

function isCertain(e: Expression): boolean {
  return isNumber(e, () => false)
}

/** A part that is expected to be a number where one is needed. */
export function isField(e: Expression): boolean {
  return e.op === 'length' || pathOf(e) !== null
}

/** The member `name` of what `of` gives. A record that is made in the chain is looked through. */
export function read(of: Expression, name: string, isOptional: boolean): Expression {
  if (of.op === 'sequence') return sequence(of.first, read(of.then, name, isOptional))
  if (of.op === 'record') {
    const field = of.fields.findLast(([key]) => key === name)
    const others = of.fields.filter((each) => each !== field).map(([, value]) => value)
    if (field !== undefined) return others.reduceRight((then, other) => sequence(other, then), field[1])
    if (of.spread === null) throw new Refusal(`reads .${name} of an object that has no such field`)
    return others.reduceRight((then, other) => sequence(other, then), read(of.spread, name, isOptional))
  }
  if (of.op === 'line') throw new Refusal(`reads .${name} of the line itself`)
  if (of.op !== 'row' && of.op !== 'get') throw new Refusal(`reads .${name} of a value made on the way`)
  return { op: 'get', of, name, isOptional }
}

/** An item of an array that was made, and so evaluated, before. */
export function item(of: Expression, index: number): Expression {
  if (of.op !== 'array') throw new Refusal(`reads [${index}] of something else than an array that the chain made`)
  return of.items[index] ?? UNDEFINED
}

/** `then`, after `first` was evaluated; just `then` when evaluating `first` can't be noticed. */
export function sequence(first: Expression, then: Expression): Expression {
  const rest = children(first)
  switch (first.op) {
    case 'const':
    case 'line':
    case 'row':
    case 'word':
    case 'words':
    case 'argument':
      return then
    // Reading a field of the row itself, and making an object, never throws by itself.
    case 'get':
      return first.of.op === 'row' ? then : { op: 'sequence', first, then }
    case 'record':
    case 'array':
      return rest.reduceRight((after, part) => sequence(part, after), then)
    case 'sequence':
      return sequence(first.first, sequence(first.then, then))
    case 'if': {
      const [yes, no] = [sequence(first.yes, UNDEFINED), sequence(first.no, UNDEFINED)]
      if (yes === UNDEFINED && no === UNDEFINED) return sequence(first.test, then)
      return { op: 'sequence', first: { ...first, yes, no }, then }
    }
    // What a row and the chain can make has JSON.
    case 'call':
      if (first.name === 'JSON.stringify') return rest.reduceRight((after, part) => sequence(part, after), then)
      return { op: 'sequence', first, then }
    default:
      return { op: 'sequence', first, then }
  }
}

/** `then`, after `first` where there is one. */
export function both(first: Expression, then: Expression): Expression {
  return first === UNDEFINED ? then : sequence(first, then)
}

/** `{ ...spread, fields }`; the spread of a record that is made in the chain is flattened. */
export function record(spread: Expression | null, fields: readonly Member[]): Expression {
  if (spread?.op === 'sequence') return sequence(spread.first, record(spread.then, fields))
  if (spread?.op === 'record') return record(spread.spread, [...spread.fields, ...fields])
  if (spread !== null && spread.op !== 'row') throw new Refusal('spreads something else than the row')
  return { op: 'record', spread, fields }
}

/**
 * What a zod schema lets pass, as expressions: what must hold of a row, and what it has become then. Read from the schema's definition,
 * which zod publishes for this. A whitelist: what isn't listed is refused. Where the test doesn't hold, the schema itself is asked.
 */
import { INHERITED } from './builtins.ts'
import { constant, type Expression, isWellFormed, Refusal, ROW, record, sequence, UNDEFINED } from './expression.ts'

/** What passed: `value`, given that `test` is true. */
interface Passed {
  readonly test: Expression
  readonly value: Expression
  /** The field may be missing, and stays so. */
  readonly isOptional?: true
}

interface Definition {
  readonly type?: unknown
  readonly checks?: unknown
  readonly coerce?: unknown
  readonly catchall?: unknown
  readonly [key: string]: unknown
}

/** Parts of definitions that change nothing for a value that passes. */
const WORDS = new Set(['type', 'checks', 'coerce', 'catchall', 'error', 'abort'])
/** More constants than these are not worth comparing one by one. */
const MAX_CONSTANTS = 16

/**
 * The row as a schema gives it on.
 * @throws Refusal for what is no zod schema of an object, or has parts that are not listed
 */
export function passedBy(schema: unknown): Expression {
  const { test, value } = checkOf(schema, ROW)
  if (value.op !== 'record') throw new Refusal('checks rows by a schema that is not of an object')
  return sequence({ op: 'require', test }, value)
}

function checkOf(schema: unknown, of: Expression): Passed {
  const definition = definitionOf(schema)
  const { type, checks, coerce, catchall } = definition
  const allow = (...names: readonly string[]): void => {
    const other = Object.keys(definition).find(
      (key) => !WORDS.has(key) && !names.includes(key) && definition[key] !== undefined,
    )
    if (other !== undefined) throw new Refusal(`checks rows by a schema with ${other} of type ${String(type)}`)
  }
  if (coerce === true) throw new Refusal('checks rows by a schema that converts')
  const all = Array.isArray(checks) ? checks.map(definitionOf) : []
  if (all.length > 0 && type !== 'number')
    throw new Refusal(`checks rows by a schema with checks of type ${String(type)}`)
  switch (type) {
    case 'number':
      allow('check', 'format')
      return { test: [definition, ...all].map((each) => numberTest(each, of)).reduce(and), value: of }
    case 'string':
      allow()
      return {
        test: { op: 'binary', sign: '===', left: { op: 'unary', sign: 'typeof', of }, right: constant('string') },
        value: of,
      }
    case 'boolean':
      allow()
      return { test: oneOf(of, [true, false]), value: of }
    case 'null':
      allow()
      return { test: oneOf(of, [null]), value: of }
    case 'nullable': {
      allow('innerType')
      const inner = checkOf(definition['innerType'], of)
      if (inner.value !== of) throw new Refusal('checks rows by a schema with objects that may be null')
      return { test: { op: 'binary', sign: '||', left: oneOf(of, [null]), right: inner.test }, value: of }
    }
    case 'optional': {
      allow('innerType')
      const inner = checkOf(definition['innerType'], of)
      if (inner.value !== of) throw new Refusal('checks rows by a schema with objects that may be missing')
      const isMissing: Expression = { op: 'binary', sign: '===', left: of, right: UNDEFINED }
      return { test: { op: 'binary', sign: '||', left: isMissing, right: inner.test }, value: of, isOptional: true }
    }
    case 'literal':
      allow('values')
      return { test: oneOf(of, definition['values']), value: of }
    case 'enum':
      allow('entries')
      return { test: oneOf(of, Object.values(definition['entries'] as object), 'string'), value: of }
    case 'object': {
      allow('shape')
      if (catchall !== undefined)
        throw new Refusal('checks rows by a schema that is strict or loose about other fields')
      const fields = Object.entries(definition['shape'] as object).map(([name, field]) => {
        if (INHERITED.has(name) || !isWellFormed(name))
          throw new Refusal(`checks rows by a schema with a field ${name}`)
        return [name, checkOf(field, { op: 'get', of, name, isOptional: false })] as const
      })
      const tests = fields.map(([, { test }]) => test)
      if (tests.length === 0) throw new Refusal('checks rows by a schema without fields')
      return {
        test: tests.reduce(and),
        value: record(
          null,
          fields.map(([name, { value, isOptional }]) =>
            isOptional === true ? [name, value, isOptional] : [name, value],
          ),
        ),
      }
    }
    default:
      throw new Refusal(`checks rows by a schema with ${String(type)}`)
  }
}

function definitionOf(schema: unknown): Definition {
  const { def } = (schema as { readonly _zod?: { readonly def?: Definition } } | undefined)?._zod ?? {}
  if (def === undefined) throw new Refusal('checks rows by a schema that is not of zod 4')
  return def
}

/** What a number, or a check on it, asks for. */
function numberTest({ type, check, format, value, inclusive, ...rest }: Definition, of: Expression): Expression {
  const isPlain = Object.keys(rest).every((key) => WORDS.has(key) || rest[key] === undefined)
  const call = (name: string): Expression => ({ op: 'call', name, args: [of] })
  if (isPlain && type === 'number' && check === undefined) return call('Number.isFinite')
  if (isPlain && check === 'number_format' && format === 'safeint') return call('Number.isSafeInteger')
  if (isPlain && typeof value === 'number' && (check === 'greater_than' || check === 'less_than')) {
    const sign = `${check === 'greater_than' ? '>' : '<'}${inclusive === true ? '=' : ''}`
    return { op: 'binary', sign, left: of, right: constant(value) }
  }
  throw new Refusal(`checks rows by a schema with ${String(format ?? check)} of a number`)
}

function oneOf(of: Expression, values: unknown, type?: string): Expression {
  const isListed = (value: unknown): value is string | number | boolean | null =>
    value === null || ['string', 'number', 'boolean'].includes(typeof value)
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_CONSTANTS || !values.every(isListed))
    throw new Refusal('checks rows by a schema with too many or other constants')
  if (type !== undefined && !values.every((value) => typeof value === type))
    throw new Refusal('checks rows by a schema with an enum of numbers')
  return values
    .map((value): Expression => ({ op: 'binary', sign: '===', left: of, right: constant(value) }))
    .reduce((left, right) => ({ op: 'binary', sign: '||', left, right }))
}

function and(left: Expression, right: Expression): Expression {
  return { op: 'binary', sign: '&&', left, right }
}

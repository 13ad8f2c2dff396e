/** The parameters of a task as a command line sees them, found in its schema: names, types, defaults; and values from their texts. */
import { z } from 'zod'
import { UsageError } from '../errors.ts'
import type { TaskFactory } from '../task.ts'

export interface Parameter {
  readonly name: string
  /** `--min-score`; `--minScore` is accepted too. */
  readonly flag: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'list' | 'json'
  /** Of the items of a list. */
  readonly itemType: Parameter['type']
  /** Of a string or of the items of a list; empty when anything goes. */
  readonly choices: readonly string[]
  readonly isRequired: boolean
  /** Undefined when there is none. */
  readonly default: unknown
  readonly description: string
}

/** The part of JSON Schema that is looked at. */
interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly description?: string
}

export function parametersOf(factory: TaskFactory): readonly Parameter[] {
  // What zod makes is JSON Schema, of which this reads a part.
  const schema = z.toJSONSchema(factory.params, { io: 'input', unrepresentable: 'any' }) as JsonSchema
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).map(([name, given]) => {
    const shape = withoutNull(given)
    const { items = {} } = shape
    return {
      name,
      flag: `--${kebab(name)}`,
      type: typeOf(shape),
      itemType: typeOf(withoutNull(items)),
      choices: choicesOf(shape.type === 'array' ? withoutNull(items) : shape),
      isRequired: required.has(name),
      default: given.default,
      description: given.description ?? shape.description ?? '',
    }
  })
}

/**
 * The value that the texts of a flag stand for.
 * @param flag as it was written, for errors
 * @throws UsageError when they stand for none
 */
export function valueOf(parameter: Parameter, flag: string, texts: readonly string[]): unknown {
  const last = texts.at(-1) ?? ''
  if (parameter.type !== 'list') {
    if (texts.length > 1) throw new UsageError(`${flag}: it was given ${texts.length} times. Give it once.`)
    return scalar(parameter, parameter.type, flag, last)
  }
  if (texts.length === 1 && last.startsWith('[')) return json(flag, last)
  return texts.map((text) => scalar(parameter, parameter.itemType, flag, text))
}

function scalar({ choices, name }: Parameter, type: Parameter['type'], flag: string, text: string): unknown {
  if (choices.length > 0 && !choices.includes(text))
    throw new UsageError(`${flag}: expected one of ${choices.join(', ')}, got ${JSON.stringify(text)}.`)
  switch (type) {
    case 'string':
      return text
    case 'integer':
    case 'number': {
      const number = text.trim() === '' ? Number.NaN : Number(text)
      const isRight = type === 'integer' ? Number.isSafeInteger(number) : Number.isFinite(number)
      if (isRight) return number
      const what = type === 'integer' ? 'a whole number' : 'a number'
      throw new UsageError(`${flag}: expected ${what}, got ${JSON.stringify(text)}.`)
    }
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true'
      throw new UsageError(
        `${flag}: expected true or false, got ${JSON.stringify(text)}. ${flag} and --no-${kebab(name)} need no value.`,
      )
    case 'list':
    case 'json':
      return json(flag, text)
  }
}

function json(flag: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(
      `${flag}: expected JSON, got ${JSON.stringify(text)}. Quote it for the shell, as in ${flag} '{"a":1}'.`,
    )
  }
}

/** An optional or nullable value is given as one of its type. */
function withoutNull(schema: JsonSchema): JsonSchema {
  if (typeof schema.type === 'object') {
    const types = schema.type.filter((type) => type !== 'null')
    return types.length === 1 ? { ...schema, type: types[0] ?? 'null' } : schema
  }
  const others = schema.anyOf?.filter(({ type }) => type !== 'null') ?? []
  return others.length === 1 ? { ...others[0], ...(schema.description && { description: schema.description }) } : schema
}

function typeOf({ type, enum: choices, const: constant }: JsonSchema): Parameter['type'] {
  const only = choices?.[0] ?? constant
  switch (type ?? typeof only) {
    case 'string':
      return 'string'
    case 'integer':
      return 'integer'
    case 'number':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'array':
      return 'list'
    default:
      return 'json'
  }
}

function choicesOf({ enum: choices, const: constant, type }: JsonSchema): readonly string[] {
  if (type === 'boolean') return []
  return (choices ?? (constant === undefined ? [] : [constant])).map(String)
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replaceAll('_', '-')
}

/**
 * Flags from a zod schema: each property is a flag with its type, choices, default and description, and what a flag is given becomes the
 * value that the schema checks. Text is converted by what the schema expects, so that schemas need no coercion, which would take anything.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { UsageError } from './usage-error.ts'

/** One property of a schema, as JSON Schema describes it. */
interface Property {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Property[]
  readonly items?: Property
  readonly default?: unknown
  readonly description?: string
}

/** Adds a flag for each property. */
export function addFlags(command: Command, schema: z.ZodObject): void {
  const { properties, required } = describe(schema)
  const switches = new Set<string | undefined>()
  command.configureHelp({
    optionTerm: ({ flags, long }) => (switches.has(long?.slice(2)) ? flags.replace('--', '--[no-]') : flags),
  })
  for (const [key, property] of Object.entries(properties)) {
    const name = flagOf(key)
    const types = typesOf(property)
    const description = describeFlag(property, required.has(key))
    if (types.has('boolean') && types.size === 1) {
      switches.add(name)
      command.addOption(new Option(`--${name}`, description)).addOption(new Option(`--no-${name}`).hideHelp())
      continue
    }
    const option = new Option(`--${name} <${valueName(property)}>`, description)
    option.argParser((text: string, before: unknown) => joined(property, text, before))
    command.addOption(option)
  }
}

/**
 * The checked values of the flags that were given, with the schema's defaults.
 * @throws UsageError naming the flag that is wrong
 */
export function readFlags<S extends z.ZodObject>(where: string, command: Command, schema: S): z.output<S> {
  const { properties } = describe(schema)
  const given = Object.fromEntries(
    Object.keys(properties).flatMap((key) => {
      const value: unknown = command.getOptionValue(attributeOf(key))
      return value === undefined ? [] : [[key, value]]
    }),
  )
  const result = schema.safeParse(given)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const key = String(issue?.path[0] ?? '')
  const flag = `--${flagOf(key)}`
  if (!(key in given))
    throw new UsageError(`${where}: ${flag} is missing. Give it a value: ${flag} <${valueName(properties[key] ?? {})}>`)
  const message = (issue?.message ?? '').replace(/^Invalid input: |, received .*$/g, '')
  throw new UsageError(`${where}: ${flag}: ${message}, got ${shown(given[key])}`)
}

/** How a property is spelt as a flag, without dashes: `maxFailures` is `max-failures`. */
function flagOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** By which commander knows the flag of a property. */
function attributeOf(key: string): string {
  return new Option(`--${flagOf(key)}`).attributeName()
}

function describe(schema: z.ZodObject): {
  readonly properties: Readonly<Record<string, Property>>
  readonly required: ReadonlySet<string>
} {
  // What JSON Schema cannot express is a flag that takes text.
  const { properties, required } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  // JSON Schema allows `true` for a property; zod does not write it.
  return { properties: (properties ?? {}) as Record<string, Property>, required: new Set(required) }
}

function typesOf(property: Property): ReadonlySet<string> {
  const { type, anyOf } = property
  return new Set(type === undefined ? (anyOf ?? []).flatMap((one) => [...typesOf(one)]) : [type])
}

function describeFlag(property: Property, isRequired: boolean): string {
  const { description, default: fallback } = property
  const repeated = property.type === 'array' ? 'may be repeated' : undefined
  const ending = isRequired ? 'required' : fallback === undefined ? undefined : `default ${shown(fallback)}`
  return [description, repeated, ending].filter((part) => part !== undefined).join('; ')
}

/** What help shows for the value: `integer`, `a|b`, `number|text`. */
function valueName(property: Property): string {
  if (property.enum !== undefined) return property.enum.join('|')
  if (property.type === 'array') return valueName(property.items ?? {})
  const names = [...typesOf(property)].map((type) => ({ string: 'text', object: 'json' })[type] ?? type)
  return names.length === 0 ? 'text' : names.join('|')
}

/** What a flag is after one more of its values: only an array takes several. */
function joined(property: Property, text: string, before: unknown): unknown {
  if (property.type !== 'array') return converted(property, text)
  if (text.startsWith('[')) return parsed(text)
  return [...((before as readonly unknown[] | undefined) ?? []), converted(property.items ?? {}, text)]
}

/** Text that is not what is expected stays text, which the schema refuses in its own words. */
function converted(property: Property, text: string): unknown {
  const types = typesOf(property)
  if ((types.has('number') || types.has('integer')) && /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return Number(text)
  if (types.has('boolean') && /^(true|false)$/.test(text)) return text === 'true'
  if (types.has('object') && text.startsWith('{')) return parsed(text)
  return text
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InvalidArgumentError(`It is no JSON: ${(error as Error).message}.`)
  }
}

function shown(value: unknown): string {
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value))
}

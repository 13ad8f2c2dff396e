/** Identity: what makes two tasks the same one, and what people read of it. */
import { PlanError } from './errors.ts'
import type { AnyDefinition } from './task.ts'

type Params = Readonly<Record<string, unknown>>

/** Longer values are cut when shown. */
const SHOWN_CHARACTERS = 40

/** The name with the parameters as canonical JSON, without those that don't count. */
export function identityOf({ name, unkeyed }: AnyDefinition, params: Params): string {
  const keyed = Object.entries(params).filter(([key]) => !unkeyed.has(key))
  return `${name}${canonical(name, Object.fromEntries(keyed))}`
}

/** `Name(a=1, token=***)`, without parameters that don't count. */
export function labelOf({ name, secret, unkeyed }: AnyDefinition, params: Params): string {
  const shown = Object.entries(params)
    .filter(([key, value]) => value !== undefined && !unkeyed.has(key))
    .map(([key, value]) => `${key}=${secret.has(key) ? '***' : shownValue(name, value)}`)
  return `${name}(${shown.join(', ')})`
}

/** A text without the values of secret parameters. */
export function maskSecrets({ secret }: AnyDefinition, params: Params, text: string): string {
  let masked = text
  for (const key of secret) {
    const value = params[key]
    const plain = typeof value === 'string' ? value : JSON.stringify(value)
    if (plain !== undefined && plain !== '') masked = masked.replaceAll(plain, '***')
  }
  return masked
}

/** The parameters as they may be stored. */
export function storableParams({ name, secret }: AnyDefinition, params: Params): unknown {
  const entries = Object.entries(params).map(([key, value]) => [key, secret.has(key) ? '***' : value])
  return JSON.parse(canonical(name, Object.fromEntries(entries)))
}

function shownValue(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : canonical(name, value)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text
}

/** JSON with sorted keys. Values that JSON would confuse with others say what they are. */
function canonical(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'null'
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return JSON.stringify(value)
    case 'number':
      return Number.isFinite(value) ? JSON.stringify(value) : `{"number":"${value}"}`
    case 'bigint':
      return `{"bigint":"${value}"}`
    case 'object':
      break
    default:
      throw new PlanError(
        `${name}: a parameter is a ${typeof value}, which tells no task from another. Use plain data.`,
      )
  }
  if (value instanceof Date) return `{"date":${JSON.stringify(value)}}`
  if (value instanceof Set) return `{"set":${canonical(name, [...value])}}`
  if (value instanceof Map) return `{"map":${canonical(name, [...value])}}`
  if (Array.isArray(value)) return `[${value.map((item) => canonical(name, item)).join(',')}]`
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${sorted.map(([key, item]) => `${JSON.stringify(key)}:${canonical(name, item)}`).join(',')}}`
}

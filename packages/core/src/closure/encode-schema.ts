/**
 * zod schemas. Their functions are closures over the library's private state (version 4) or over the instance
 * (version 3), so a copy of them would be a guess. They travel as zod itself clones them: a schema is its class, which
 * zod exports, and its definition, which is data and functions of the user's.
 */
import type { BundleNode } from './bundle.ts'
import { ownValue } from './descriptor.ts'
import { encode, type Pass } from './pass.ts'
import type { Trail } from './refusal.ts'

interface Schema {
  readonly type: new (definition: object) => object
  readonly definition: object
  /** What zod 4 keeps beside the definition. */
  readonly internals: Readonly<Record<string, unknown>>
}

/** What zod sets on a check after making it, when the definition does not say it. */
const SET_LATER = ['check', 'onattach'] as const

/** The node of a schema or check; null for any other object. */
export function schemaNode(pass: Pass, object: object, trail: Trail): BundleNode | null {
  if (!('_zod' in object || '_def' in object)) return null
  const schema = schemaFour(object) ?? schemaThree(object)
  if (!schema) return null
  const { type, definition, internals } = schema
  const twin = schemaFour(new type(definition))?.internals
  const later = SET_LATER.filter((key) => key in internals && !isSame(internals[key], twin?.[key]))
  const metadata = metadataOf(object)
  return {
    type: 'schema',
    class: encode(pass, type, trail, 'note', `its class ${type.name}`),
    definition: encode(pass, definition, trail, 'property', twin ? '_zod.def' : '_def'),
    metadata: encode(pass, metadata, trail, 'note', 'its metadata'),
    later: later.map((key) => [key, encode(pass, internals[key], trail, 'property', `_zod.${key}`)]),
  }
}

function schemaFour(object: object): Schema | null {
  const internals = ownValue(object, '_zod') as Readonly<Record<string, unknown>> | undefined
  if (typeof internals !== 'object' || internals === null) return null
  const { constr, def } = internals
  if (typeof constr !== 'function' || typeof def !== 'object' || def === null) return null
  return { type: constr as Schema['type'], definition: def, internals }
}

function schemaThree(object: object): Schema | null {
  const definition = ownValue(object, '_def') as { typeName?: unknown } | undefined
  if (typeof definition !== 'object' || definition === null || !/^Zod[A-Z]/.test(String(definition.typeName)))
    return null
  const type = ownValue(Object.getPrototypeOf(object), 'constructor')
  return typeof type === 'function' ? { type: type as Schema['type'], definition, internals: {} } : null
}

/** zod 4 keeps these in a registry, by identity. */
function metadataOf(schema: object): unknown {
  const { meta } = schema as { meta?: unknown }
  const found: unknown = '_zod' in schema && typeof meta === 'function' ? Reflect.apply(meta, schema, []) : undefined
  return typeof found === 'object' && found !== null && Object.keys(found).length > 0 ? found : undefined
}

/** Whether two hold the same functions, as far as their texts say. */
function isSame(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, i) => isSame(item, other[i]))
  }
  return typeof one === 'function' && typeof other === 'function' ? String(one) === String(other) : one === other
}

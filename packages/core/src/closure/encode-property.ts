/** Own properties of any object, exactly: order, flags, accessors, symbols; and whether the object is frozen or sealed. */

import {
  type BundleExtras,
  type BundleProperty,
  CONFIGURABLE,
  ENUMERABLE,
  type Encoded,
  PLAIN_PROPERTY,
  WRITABLE,
} from './bundle.ts'
import { type Found, ownProperty } from './descriptor.ts'
import { encode, type Pass } from './pass.ts'
import type { Trail } from './refusal.ts'

export type OwnProperty = readonly [string | symbol, Found]

/** The own properties but those that `skip` names. */
export function ownProperties(object: object, skip?: (key: string | symbol, found: Found) => boolean): OwnProperty[] {
  const properties: OwnProperty[] = []
  for (const key of Reflect.ownKeys(object)) {
    const descriptor = ownProperty(object, key)
    if (descriptor && !skip?.(key, descriptor)) properties.push([key, descriptor])
  }
  return properties
}

export function encodeProperties(pass: Pass, own: readonly OwnProperty[], trail: Trail): BundleProperty[] {
  return own.map(([key, found]) => {
    const name = encode(pass, key, trail, 'property', key)
    const flags = flagsOf(found)
    if ('value' in found) return [name, flags, encode(pass, found.value, trail, 'property', key)]
    const get = encode(pass, found.get, trail, 'property', key)
    return [name, flags, get, encode(pass, found.set, trail, 'property', key)]
  })
}

/** The extras of an object whose own properties, but for those that belong to its kind, are `own`. */
export function extras(pass: Pass, object: object, own: readonly OwnProperty[], trail: Trail): BundleExtras {
  return {
    ...(own.length > 0 ? { properties: encodeProperties(pass, own, trail) } : {}),
    ...integrityExtra(object),
  }
}

export function integrityExtra(object: object): BundleExtras {
  if (Object.isExtensible(object)) return {}
  return { integrity: Object.isFrozen(object) ? 'frozen' : Object.isSealed(object) ? 'sealed' : 'closed' }
}

/** Properties that all have string keys, values, and the flags that assignment (and then freezing) would give. */
export function areOrdinary(own: readonly OwnProperty[], integrity: BundleExtras['integrity']): boolean {
  const expected = USUAL_FLAGS[integrity ?? 'closed']
  return own.every(([key, found]) => typeof key === 'string' && 'value' in found && flagsOf(found) === expected)
}

const USUAL_FLAGS: Readonly<Record<NonNullable<BundleExtras['integrity']>, number>> = {
  frozen: ENUMERABLE,
  sealed: ENUMERABLE + WRITABLE,
  closed: PLAIN_PROPERTY,
}

function flagsOf(found: Found): number {
  return (found.enumerable ? ENUMERABLE : 0) + (found.configurable ? CONFIGURABLE : 0) + (found.writable ? WRITABLE : 0)
}

/** Keys and values of ordinary properties. */
export function ordinaryEntries(
  pass: Pass,
  own: readonly OwnProperty[],
  trail: Trail,
): { readonly keys: readonly string[]; readonly values: readonly Encoded[] } {
  return {
    keys: own.map(([key]) => String(key)),
    values: own.map(([key, { value }]) => encode(pass, value, trail, 'property', key)),
  }
}

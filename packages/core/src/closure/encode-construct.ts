/** Objects of the platform that are the same again when constructed from what they say about themselves. */
import { isDeepStrictEqual } from 'node:util'
import { builtinPath } from './builtins.ts'
import type { BundleNode, Encoded } from './bundle.ts'
import { encode, type Pass } from './pass.ts'
import type { Trail } from './refusal.ts'

/** The node of such an object, its prototype aside; null for others, and for a format that would come out different. */
export function constructNode(pass: Pass, object: object, trail: Trail): BundleNode | null {
  const builtin = constructorPath(object)
  const args = builtin && constructorArguments(object, builtin)
  if (!builtin || !args) return null
  const last = args.at(-1)
  const options = typeof last === 'object' && last !== null ? Object.entries(last) : null
  const encodeOne = (value: unknown): Encoded => encode(pass, value, trail, 'note', 'its options')
  return {
    type: 'construct',
    builtin,
    args: (options ? args.slice(0, -1) : args).map(encodeOne),
    options: options?.map(([key, value]) => [key, encodeOne(value)] as const) ?? null,
  }
}

/** `['Intl', 'NumberFormat']` for an instance, also of a subclass. */
function constructorPath(object: object): readonly string[] | null {
  for (let at: unknown = Object.getPrototypeOf(object); at !== null; at = Object.getPrototypeOf(at)) {
    const path = builtinPath(at)
    if (path) return path.at(-1) === 'prototype' ? path.slice(0, -1) : null
  }
  return null
}

function constructorArguments(object: object, [name, inner]: readonly string[]): unknown[] | null {
  switch (name) {
    case 'URL':
      return [(object as URL).href]
    case 'URLSearchParams':
      return [String(object)]
    case 'TextEncoder':
      return []
    case 'TextDecoder': {
      const { encoding, fatal, ignoreBOM } = object as { encoding: string; fatal: boolean; ignoreBOM: boolean }
      return [encoding, { fatal, ignoreBOM }]
    }
    case 'Intl':
      return inner === undefined ? null : intlArguments(object, inner)
    default:
      return null
  }
}

interface IntlFormat {
  resolvedOptions(): { locale: string }
}

/** `resolvedOptions` is not a full account of every option, so the copy is made here too, and compared. */
function intlArguments(object: object, name: string): unknown[] | null {
  const format = object as IntlFormat
  if (typeof format.resolvedOptions !== 'function') return name === 'Locale' ? [String(object)] : null
  const { locale, ...options } = format.resolvedOptions()
  const known = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const type = (Intl as unknown as Record<string, new (locale: string, options: object) => IntlFormat>)[name]
  try {
    const copy = type && new type(locale, known)
    // Spread, because those of another realm, as a REPL's, have another prototype.
    return copy && isDeepStrictEqual({ ...copy.resolvedOptions() }, { locale, ...options }) ? [locale, known] : null
  } catch {
    return null
  }
}

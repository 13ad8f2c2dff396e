/**
 * A bundle: captured functions and everything they reach, as a graph of numbered nodes.
 * JSON, but for `bytes` and `broadcasts`, the large binary values that travel beside it. Whatever JSON cannot say (NaN, -0, undefined,
 * bigints) is spelled as a short array, see `Encoded`; a lone surrogate survives because JSON escapes it.
 */
import type { BroadcastBlock, SharedNode } from '../plan/shared.ts'

/** Words for the values that JSON has no literal for. `hole` is the gap of a sparse array. */
export type SpecialWord = 'undefined' | 'NaN' | 'Infinity' | '-Infinity' | '-0' | 'hole'

/** A value where it is used: itself when JSON can hold it, else `[word]`, `['bigint', digits]` or `[node number]`. */
export type Encoded =
  | null
  | boolean
  | number
  | string
  | readonly [number]
  | readonly [SpecialWord]
  | readonly ['bigint', string]

/** Sum of `ENUMERABLE`, `CONFIGURABLE` and `WRITABLE`. */
export type PropertyFlags = number
export const ENUMERABLE = 1
export const CONFIGURABLE = 2
export const WRITABLE = 4
export const PLAIN_PROPERTY: PropertyFlags = ENUMERABLE + CONFIGURABLE + WRITABLE

/** Key (a string or a reference to a symbol), flags, and either a value or a getter and a setter. */
export type BundleProperty =
  | readonly [Encoded, PropertyFlags, Encoded]
  | readonly [Encoded, PropertyFlags, Encoded, Encoded]

/** What any object may have beside its own kind's content. */
export interface BundleExtras {
  /** Absent when the prototype is the usual one of the kind. */
  readonly proto?: Encoded
  readonly properties?: readonly BundleProperty[]
  readonly integrity?: 'frozen' | 'sealed' | 'closed'
}

export type BundleNode =
  /** Own enumerable writable properties, `values[i]` under `keys[i]`. */
  | ({ readonly type: 'object'; readonly keys: readonly string[]; readonly values: readonly Encoded[] } & BundleExtras)
  | ({ readonly type: 'array'; readonly items: readonly Encoded[]; readonly length: number } & BundleExtras)
  /** A dense array of nothing but numbers, as doubles in `bytes`. */
  | ({ readonly type: 'numbers'; readonly bytes: number } & BundleExtras)
  /** `entries` holds key, value, key, value … */
  | ({ readonly type: 'map'; readonly entries: readonly Encoded[] } & BundleExtras)
  | ({ readonly type: 'set'; readonly items: readonly Encoded[] } & BundleExtras)
  | ({ readonly type: 'date'; readonly time: Encoded } & BundleExtras)
  | ({
      readonly type: 'regexp'
      readonly source: string
      readonly flags: string
      readonly lastIndex: Encoded
    } & BundleExtras)
  | ({ readonly type: 'error' } & BundleExtras)
  | ({ readonly type: 'boxed'; readonly value: Encoded } & BundleExtras)
  | ({ readonly type: 'buffer'; readonly bytes: number; readonly maxByteLength: number | null } & BundleExtras)
  /** A typed array, a DataView or a Node Buffer over a `buffer` node. */
  | ({
      readonly type: 'view'
      readonly kind: string
      readonly buffer: Encoded
      readonly byteOffset: number
      readonly length: number
    } & BundleExtras)
  /** An object of the platform that is the same again when constructed with these arguments: a URL, an Intl format. */
  | ({
      readonly type: 'construct'
      readonly builtin: readonly string[]
      readonly args: readonly Encoded[]
      /** Properties of an object that is the last argument. */
      readonly options: readonly (readonly [string, Encoded])[] | null
    } & BundleExtras)
  /** A zod schema: made anew by its class from its definition, then given what zod sets on some afterwards. */
  | {
      readonly type: 'schema'
      readonly class: Encoded
      readonly definition: Encoded
      readonly metadata: Encoded
      readonly later: readonly (readonly [string, Encoded])[]
    }
  | {
      readonly type: 'symbol'
      readonly kind: 'wellKnown' | 'registered' | 'local'
      readonly description: string | null
    }
  /** Something of the language or the platform, by its path from the global object. */
  | { readonly type: 'builtin'; readonly path: readonly string[] }
  /** Something a package or Node exports: `path` within module number `module` of `imports`. */
  | { readonly type: 'import'; readonly module: number; readonly path: readonly string[] }
  /** A handle of what lives on the driver: a broadcast, an accumulator. */
  | SharedNode
  /** What the module system gives to a script. */
  | { readonly type: 'host'; readonly name: HostName; readonly url: string }
  /** The `prototype` object of a function. */
  | { readonly type: 'prototype'; readonly of: Encoded }
  | ({
      readonly type: 'bound'
      readonly target: Encoded
      readonly self: Encoded
      readonly args: readonly Encoded[]
    } & BundleExtras)
  | BundleFunction

export type HostName = 'require' | 'importMeta' | 'dynamicImport' | 'setName' | 'coverage'

/** A function or class by value: its text, where that stood, and the values of its free variables. */
export interface BundleFunction extends BundleExtras {
  readonly type: 'function'
  readonly kind: 'function' | 'class'
  readonly name: Encoded
  /** An expression, or a method to be put between the braces of an object literal. */
  readonly form: 'expression' | 'method'
  readonly source: string
  readonly strict: boolean
  /** Name and value of each free variable that is not simply a global. */
  readonly env: readonly (readonly [string, Encoded])[]
  /** Those of `env` that the text assigns. */
  readonly assigned: readonly string[]
  /** Free variables that several functions share and some assign: name and number of the shared cell. */
  readonly cells: readonly (readonly [string, number])[]
  /** The name in `env` that stands for the superclass, which must exist before the class does. */
  readonly heritage: string | null
  /** The number in `scripts`, and the position of the text there, in lines and columns from 0. */
  readonly script: number
  readonly line: number
  readonly column: number
  /** What differs from the `prototype` object that the text itself makes. */
  readonly prototype?: BundleExtras
}

/** A module that the worker imports: a specifier as written in the script at URL `from`. */
export interface BundleImport {
  readonly specifier: string
  readonly from: string
  readonly system: 'esm' | 'cjs'
}

/** A script that captured functions came from. An unknown URL is `kindling:script/<number>`. */
export interface BundleScript {
  readonly url: string
  /** The source map's URL or data URL as the script names it. */
  readonly sourceMap: string | null
}

export interface Bundle {
  /** The captured functions, as numbers of `nodes`, in the order they were asked for. */
  readonly functions: readonly number[]
  readonly nodes: readonly BundleNode[]
  /** First values of shared variables. */
  readonly cells: readonly Encoded[]
  readonly imports: readonly BundleImport[]
  readonly scripts: readonly BundleScript[]
  readonly bytes: readonly Uint8Array[]
  /** What the handles of broadcasts read; a worker needs each once, whatever bundle brings it. */
  readonly broadcasts: readonly BroadcastBlock[]
}

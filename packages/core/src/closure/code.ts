/**
 * A captured function seen as code: its syntax tree, and its free variables *as they were captured*. Read from the
 * bundle that travels, never from the live closure, so that compiled and shipped function cannot disagree.
 * Lives on the main thread only.
 */
import type { ArrowFunctionExpression, FunctionExpression } from 'acorn'
import type { Bundle, BundleFunction, BundleNode, Encoded } from './bundle.ts'
import { decodePrimitive, nodeNumber, type Primitive } from './decode.ts'
import { parseFunction } from './parser.ts'

export type FunctionCode =
  | {
      readonly ok: true
      /** What was parsed; positions in the tree count in it. */
      readonly source: string
      readonly ast: ArrowFunctionExpression | FunctionExpression
      /** Free variables; a name that is not here is a global of the platform, unchanged. */
      readonly captured: ReadonlyMap<string, CapturedValue>
    }
  /** `why` follows the verb: `filter: assigns total`. */
  | {
      readonly ok: false
      readonly why: string
      /** The zod schema that stands in a function's place, itself. */
      readonly schema?: object
    }

export type CapturedValue =
  | { readonly kind: 'primitive'; readonly value: Primitive }
  | { readonly kind: 'function'; readonly code: FunctionCode }
  /** A builtin, as `Math.max`. */
  | { readonly kind: 'builtin'; readonly path: string }
  /** An object without a prototype of its own making, whose ordinary properties can be read. */
  | { readonly kind: 'object'; readonly get: (key: string) => CapturedValue | undefined }
  /** A zod schema, itself: its definition is what travels, and nobody changes it. */
  | { readonly kind: 'schema'; readonly schema: object }
  | { readonly kind: 'other'; readonly type: string }

/** The object that became node `id` of a bundle. */
type ObjectOf = (id: number) => object

/** The code of function `id` of a bundle. Tree and captured values are made when first read. */
export function codeOf(bundle: Bundle, id: number, objectOf: ObjectOf): FunctionCode {
  const node = bundle.nodes[id]
  if (node?.type === 'schema') return { ok: false, why: 'is a schema', schema: objectOf(id) }
  if (node?.type === 'builtin') return builtinCode(node.path)
  if (node?.type !== 'function') return { ok: false, why: `is not a function written here but ${describe(node)}` }
  if (node.kind === 'class') return { ok: false, why: 'is a class' }
  const [assigned] = node.assigned
  if (assigned !== undefined) return { ok: false, why: `assigns ${assigned}` }
  const [cell] = node.cells
  if (cell) return { ok: false, why: `shares ${cell[0]} with a function that assigns it` }
  return lazyCode(bundle, node, objectOf)
}

function lazyCode(bundle: Bundle, node: BundleFunction, objectOf: ObjectOf): FunctionCode {
  let captured: ReadonlyMap<string, CapturedValue> | undefined
  return {
    ok: true,
    get source() {
      return parseFunction(node.source).code
    },
    get ast() {
      return rootOf(node.source)
    },
    get captured() {
      captured ??= new Map(node.env.map(([name, value]) => [name, capturedValue(bundle, value, objectOf)]))
      return captured
    },
  }
}

function rootOf(source: string): ArrowFunctionExpression | FunctionExpression {
  const { root } = parseFunction(source)
  if (root.type === 'ClassExpression') throw new TypeError('a class has no body to compile')
  return root
}

/** A builtin given by itself, `map(JSON.parse)`, is the arrow that calls it: verbs pass one argument. */
function builtinCode(path: readonly string[]): FunctionCode {
  if (!path.every((step) => /^[A-Za-z]\w*$/.test(step))) return { ok: false, why: `is the builtin ${path.join('.')}` }
  const source = `(row) => ${path.join('.')}(row)`
  return {
    ok: true,
    source: `(${source})`,
    get ast() {
      return rootOf(source)
    },
    captured: new Map(),
  }
}

function capturedValue(bundle: Bundle, value: Encoded, objectOf: ObjectOf): CapturedValue {
  const primitive = decodePrimitive(value)
  if (primitive) return { kind: 'primitive', value: primitive.value }
  const id = nodeNumber(value) ?? -1
  const node = bundle.nodes[id]
  if (node?.type === 'function') return { kind: 'function', code: codeOf(bundle, id, objectOf) }
  if (node?.type === 'schema') return { kind: 'schema', schema: objectOf(id) }
  if (node?.type === 'builtin') return { kind: 'builtin', path: node.path.join('.') }
  if (!node || node.type !== 'object' || (node.proto !== undefined && node.proto !== null))
    return { kind: 'other', type: describe(node) }
  const places = new Map(node.keys.map((key, i) => [key, node.values[i] ?? null]))
  return {
    kind: 'object',
    get: (key) => (places.has(key) ? capturedValue(bundle, places.get(key) ?? null, objectOf) : undefined),
  }
}

function describe(node: BundleNode | undefined): string {
  if (!node) return 'nothing'
  switch (node.type) {
    case 'import':
      return 'something a library exports'
    case 'bound':
      return 'a bound function'
    default:
      return `of type ${node.type}`
  }
}

/** Values that stand in a node by themselves. */
import type { Encoded } from './bundle.ts'

export type Primitive = null | undefined | boolean | number | string | bigint

/** The value, or null when it is a reference to a node or the gap of a sparse array. Wrapped, because null is a value. */
export function decodePrimitive(encoded: Encoded): { readonly value: Primitive } | null {
  if (typeof encoded !== 'object' || encoded === null) return { value: encoded }
  const [word] = encoded
  switch (word) {
    case 'undefined':
      return { value: undefined }
    case 'NaN':
    case 'Infinity':
    case '-Infinity':
    case '-0':
      return { value: Number(word) }
    case 'bigint':
      return { value: BigInt(encoded[1]) }
    default:
      return null
  }
}

/** The number of the node that is referred to; null for primitives and gaps. */
export function nodeNumber(encoded: Encoded): number | null {
  if (typeof encoded !== 'object' || encoded === null) return null
  return typeof encoded[0] === 'number' ? encoded[0] : null
}

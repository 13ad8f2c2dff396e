/** A program on the wire: JSON, and beside it the values that are bytes. Its bundle goes apart: the stages of a job share it. */
import type { Bundle } from '../closure/bundle.ts'
import type { BroadcastBlock } from '../plan/shared.ts'
import type { StageProgram } from './program.ts'

/** JSON in which bytes stand as `{ "$bytes": n }`. */
export interface WirePart {
  readonly json: string
  readonly bytes: readonly Uint8Array[]
}

export interface WireProgram {
  readonly stage: WirePart
  readonly bundle: WirePart
  /** Those of the bundle; a sender may leave out what the receiver has. */
  readonly broadcasts: readonly BroadcastBlock[]
}

const bundles = new WeakMap<Bundle, WirePart>()

export function encodeProgram(program: StageProgram): WireProgram {
  const { bundle, ...stage } = program
  const { broadcasts, bytes, ...nodes } = bundle
  let part = bundles.get(bundle)
  if (part === undefined) {
    // The nodes of a bundle refer to its bytes by number, so they need no marks.
    part = { json: JSON.stringify(nodes), bytes }
    bundles.set(bundle, part)
  }
  return { stage: encodePart(stage), bundle: part, broadcasts }
}

/** The inverse of `encodeProgram`, for a sender that is trusted: this very process. Others go through `checkProgram`. */
export function decodeProgram({ stage, bundle, broadcasts }: WireProgram): StageProgram {
  const nodes = JSON.parse(bundle.json) as Omit<Bundle, 'bytes' | 'broadcasts'>
  return {
    ...(decodePart(stage) as Omit<StageProgram, 'bundle'>),
    bundle: { ...nodes, bytes: bundle.bytes, broadcasts },
  }
}

function encodePart(value: unknown): WirePart {
  const bytes: Uint8Array[] = []
  const json = JSON.stringify(value, function (this: Record<string, unknown>, key, given: unknown) {
    // A Buffer has become text by the time it is given.
    const original = this[key]
    return original instanceof Uint8Array ? { $bytes: bytes.push(original) - 1 } : given
  })
  return { json, bytes }
}

function decodePart({ json, bytes }: WirePart): unknown {
  return JSON.parse(json, (_key, value: unknown) => {
    const mark = typeof value === 'object' && value !== null ? (value as { $bytes?: unknown }).$bytes : undefined
    return typeof mark === 'number' ? bytes[mark] : value
  })
}

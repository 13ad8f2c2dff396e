/** A program on the wire: JSON, and beside it the values that are bytes. Its bundle goes apart, since the stages of a job share it. */
import type { Bundle } from '../closure/bundle.ts'
import type { StageProgram } from './program.ts'

/** JSON in which bytes stand as `{ "$bytes": n }`. */
export interface WirePart {
  readonly json: string
  readonly bytes: readonly Uint8Array[]
}

export interface WireBundle extends WirePart {
  /** Counts up within a process. */
  readonly id: number
}

export interface WireProgram {
  readonly bundle: WireBundle
  readonly stage: WirePart
}

const bundles = new WeakMap<Bundle, WireBundle>()
let nextBundle = 0

export function encodeProgram(program: StageProgram): WireProgram {
  const { bundle, ...stage } = program
  let wire = bundles.get(bundle)
  if (wire === undefined) {
    // The nodes of a bundle refer to its bytes by number, so they need no marks.
    wire = { id: nextBundle++, json: JSON.stringify({ ...bundle, bytes: undefined }), bytes: bundle.bytes }
    bundles.set(bundle, wire)
  }
  return { bundle: wire, stage: encodePart(stage) }
}

/** The inverse of `encodeProgram`, for a sender that is trusted: this very process. Others go through `checkProgram`. */
export function decodeProgram({ bundle, stage }: WireProgram): StageProgram {
  return { ...decodeStage(stage), bundle: decodeBundle(bundle) }
}

export function decodeBundle({ json, bytes }: WirePart): Bundle {
  return { ...(JSON.parse(json) as Omit<Bundle, 'bytes'>), bytes }
}

export function decodeStage({ json, bytes }: WirePart): Omit<StageProgram, 'bundle'> {
  return JSON.parse(json, (_key, value: unknown) => {
    const mark = typeof value === 'object' && value !== null ? (value as { $bytes?: unknown }).$bytes : undefined
    return typeof mark === 'number' ? bytes[mark] : value
  }) as Omit<StageProgram, 'bundle'>
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

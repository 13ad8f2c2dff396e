/** A program on the wire: JSON, and beside it the values that are bytes. */
import type { BroadcastBlock } from '../plan/shared.ts'
import type { StageProgram } from './program.ts'

export interface WireProgram {
  readonly json: string
  readonly bytes: readonly Uint8Array[]
  /** Those of the bundle; a sender may leave out what the receiver has. */
  readonly broadcasts: readonly BroadcastBlock[]
}

export function encodeProgram(program: StageProgram): WireProgram {
  const { bundle, sink } = program
  const bytes = sink.op === 'fold' ? [...bundle.bytes, sink.zero] : bundle.bytes
  const light = {
    ...program,
    bundle: { ...bundle, bytes: undefined, broadcasts: undefined },
    sink: sink.op === 'fold' ? { ...sink, zero: undefined } : sink,
  }
  return { json: JSON.stringify(light), bytes, broadcasts: bundle.broadcasts }
}

/** The inverse of `encodeProgram`, for a sender that is trusted: this very process. Others go through `checkProgram`. */
export function decodeProgram(wire: WireProgram): StageProgram {
  const program = JSON.parse(wire.json) as StageProgram
  const isFold = program.sink.op === 'fold'
  return {
    ...program,
    bundle: { ...program.bundle, bytes: isFold ? wire.bytes.slice(0, -1) : wire.bytes, broadcasts: wire.broadcasts },
    sink: program.sink.op === 'fold' ? { ...program.sink, zero: wire.bytes.at(-1) as Uint8Array } : program.sink,
  }
}

/**
 * A crash report: what Node and V8 write to stderr, pages of it, when their process has to end. It is held back, since the error of
 * the task says the gist of it. All else that a process writes there is passed on as it comes.
 */
import type { Readable } from 'node:stream'

export interface CrashReport {
  /** The process is well, so that what was held back is none: it is passed on. */
  dismiss(): void
  text(): string
}

/** How reports begin: for want of memory, for an error inside V8, for an abort. */
const BEGINNING = /^\n?(?:<--- Last few GCs --->|#\n# Fatal|FATAL ERROR: |-{5} Native stack trace -{5})/m

/** No report is longer. */
const MAX_BYTES = 65_536

/** Until it is dismissed for the first time, all is held: a process that cannot start says why, in no special form. */
export function openCrashReport(stderr: Readable, passOn: (bytes: Uint8Array) => void): CrashReport {
  let held = Buffer.alloc(0)
  let isHolding = true
  const dismiss = (): void => {
    const bytes = held
    held = Buffer.alloc(0)
    isHolding = false
    if (bytes.length > 0) passOn(bytes)
  }
  stderr.on('data', (bytes: Buffer) => {
    // As Latin-1, so that a place in the text is one in the bytes.
    const begin = isHolding ? 0 : bytes.toString('latin1').search(BEGINNING)
    const [before, report] = begin < 0 ? [bytes, null] : [bytes.subarray(0, begin), bytes.subarray(begin)]
    if (before.length > 0) passOn(before)
    if (report === null) return
    isHolding = true
    held = Buffer.concat([held, report])
    if (held.length > MAX_BYTES) dismiss()
  })
  return { dismiss, text: () => held.toString('utf8') }
}

/** Modules of Node's that take milliseconds to load and that most jobs never need: each is loaded when it is first asked for. */
import type * as childProcessModule from 'node:child_process'
import type * as cryptoModule from 'node:crypto'
import { createRequire } from 'node:module'

export function childProcess(): typeof childProcessModule {
  return createRequire(import.meta.url)('node:child_process') as typeof childProcessModule
}

/** Bytes from the system's generator, as hexadecimal digits. */
export function randomHex(byteCount: number): string {
  const crypto = createRequire(import.meta.url)('node:crypto') as typeof cryptoModule
  return crypto.randomBytes(byteCount).toString('hex')
}

/** Modules of Node's that take milliseconds to load and that most jobs never need: each is loaded when it is first asked for. */
import type * as ChildProcess from 'node:child_process'
import type * as Crypto from 'node:crypto'
import { createRequire } from 'node:module'
import type * as Zlib from 'node:zlib'

type Decompress = (bytes: Uint8Array, options?: Zlib.ZlibOptions) => Buffer

/** zstd came with Node 22.15; the types are older. */
interface Zstd {
  readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer
  readonly zstdDecompressSync?: Decompress
  readonly createZstdDecompress?: () => unknown
}

let loadedZlib: (typeof Zlib & Zstd) | undefined

export function zlib(): typeof Zlib & Zstd {
  loadedZlib ??= createRequire(import.meta.url)('node:zlib') as typeof Zlib & Zstd
  return loadedZlib
}

export function childProcess(): typeof ChildProcess {
  return createRequire(import.meta.url)('node:child_process') as typeof ChildProcess
}

/** Bytes from the system's generator, as hexadecimal digits. */
export function randomHex(byteCount: number): string {
  const { randomBytes } = createRequire(import.meta.url)('node:crypto') as typeof Crypto
  return randomBytes(byteCount).toString('hex')
}

/**
 * A text part: the file that one task writes, one row a line. Rows gather as text and are encoded a piece at a time; compressed,
 * each piece is a member or frame of its own, and every reader joins them.
 */
import zlib from 'node:zlib'
import type { PartCompression } from '../plan/text-format.ts'
import type { FileSystem } from './file-system.ts'
import { openOutputFile } from './output-file.ts'

export interface TextPart {
  write(line: string): void
  finish(): { bytesWritten: number }
  /** Closes and removes the file. Never throws; does nothing after `finish`. */
  abort(): void
}

/**
 * Characters gathered before they are written. Measured on Node 20 and 24: 64 Ki are written a fifth faster than 16 Ki or
 * 256 Ki. A compressed piece begins without knowledge of the ones before, so these are larger.
 */
const PIECE_LENGTH: Readonly<Record<PartCompression, number>> = {
  none: 64 * 1024,
  gzip: 1024 * 1024,
  zstd: 1024 * 1024,
}

/** In Node's zlib from 22.15; its types here are older. */
const { zstdCompressSync } = zlib as typeof zlib & { readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer }

/** Whether this Node can write zstd. */
export const HAS_ZSTD: boolean = zstdCompressSync !== undefined

/** The most bytes of UTF-8 that one UTF-16 code unit becomes. */
const BYTES_PER_UNIT = 3

/** @throws Error with the path and the bytes wanted, when the disk is full or the file can't be written */
export function openTextPart(path: string, compression: PartCompression, files?: FileSystem): TextPart {
  const file = openOutputFile(path, files)
  const pieceLength = PIECE_LENGTH[compression]
  const scratch = Buffer.allocUnsafeSlow(pieceLength * BYTES_PER_UNIT)
  let text = ''

  function flush(): void {
    const plain = text.length <= pieceLength ? scratch.subarray(0, scratch.write(text)) : Buffer.from(text)
    text = ''
    file.write(compress(plain, compression))
  }

  return {
    write(line) {
      // A line of its own piece keeps the text under V8's limit for strings.
      if (text !== '' && text.length + line.length >= pieceLength) flush()
      text += line
      text += '\n'
    },
    finish() {
      // A compressed file without any member would not be one.
      if (text !== '' || (compression !== 'none' && file.bytesWritten === 0)) flush()
      file.finish()
      return { bytesWritten: file.bytesWritten }
    },
    abort: () => file.abort(),
  }
}

function compress(bytes: Buffer, compression: PartCompression): Buffer {
  switch (compression) {
    case 'none':
      return bytes
    case 'gzip':
      return zlib.gzipSync(bytes)
    case 'zstd':
      if (zstdCompressSync === undefined)
        throw new Error(`writing zstd needs Node 22.15 or later, got ${process.version}`)
      return zstdCompressSync(bytes)
  }
}

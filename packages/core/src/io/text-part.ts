/**
 * A text part: the file that one task writes, one row a line. Rows gather as text and are encoded a piece at a time; compressed,
 * each piece is a member or frame of its own, and every reader joins them.
 */
import type { PartCompression } from '../plan/text-format.ts'
import type { FileSystem } from './file-system.ts'
import { zlib } from './on-demand.ts'
import { openOutputFile } from './output-file.ts'

export interface TextPart {
  write(line: string): void
  /** Lines as UTF-8, each with its LF. */
  writeLines(bytes: Uint8Array): void
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

/** Whether this Node can write zstd. */
export function hasZstd(): boolean {
  return zlib().zstdCompressSync !== undefined
}

/** The most bytes of UTF-8 that one UTF-16 code unit becomes. */
const BYTES_PER_UNIT = 3

/** @throws Error with the path and the bytes wanted, when the disk is full or the file can't be written */
export function openTextPart(path: string, compression: PartCompression, files?: FileSystem): TextPart {
  const file = openOutputFile(path, files)
  const pieceLength = PIECE_LENGTH[compression]
  const scratch = Buffer.allocUnsafeSlow(pieceLength * BYTES_PER_UNIT)
  /** Lines that are not encoded yet, behind the bytes that are: those gather in `scratch`. */
  let text = ''
  let filled = 0

  function writePiece(bytes: Uint8Array): void {
    file.write(compress(bytes, compression))
  }

  function encode(): void {
    if (text.length * BYTES_PER_UNIT > scratch.length - filled) flushBytes()
    if (text.length > pieceLength) writePiece(Buffer.from(text))
    else filled += scratch.write(text, filled)
    text = ''
  }

  function flushBytes(): void {
    if (filled > 0) writePiece(scratch.subarray(0, filled))
    filled = 0
  }

  function flush(): void {
    encode()
    flushBytes()
  }

  return {
    write(line) {
      // A line of its own piece keeps the text under V8's limit for strings.
      if (text !== '' && text.length + line.length >= pieceLength) flush()
      text += line
      text += '\n'
    },
    writeLines(bytes) {
      encode()
      if (filled + bytes.length > pieceLength) flushBytes()
      if (bytes.length >= pieceLength) return writePiece(bytes)
      scratch.set(bytes, filled)
      filled += bytes.length
    },
    finish() {
      flush()
      // A compressed file without any member would not be one.
      if (compression !== 'none' && file.bytesWritten === 0) writePiece(Buffer.alloc(0))
      file.finish()
      return { bytesWritten: file.bytesWritten }
    },
    abort: () => file.abort(),
  }
}

function compress(bytes: Uint8Array, compression: PartCompression): Uint8Array {
  switch (compression) {
    case 'none':
      return bytes
    case 'gzip':
      return zlib().gzipSync(bytes)
    case 'zstd': {
      const { zstdCompressSync } = zlib()
      if (zstdCompressSync === undefined)
        throw new Error(`writing zstd needs Node 22.15 or later, got ${process.version}`)
      return zstdCompressSync(bytes)
    }
  }
}

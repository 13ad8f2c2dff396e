/** A piece: bytes of one input file, beginning and ending on line ends; and how a file is cut into them. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { InputFile } from '../io/list-files.ts'
import type { Compression, FileStamp } from '../plan/source.ts'

export interface Piece {
  readonly path: string
  readonly start: number
  /** Exclusive; of a compressed file, its size. */
  readonly end: number
  readonly compression: Compression
  readonly stamp: FileStamp
}

const BUFFER_BYTES = 256 * 1024
const NEWLINE = 0x0a

export function wholePiece({ path, stamp, compression }: InputFile): Piece {
  return { path, start: 0, end: stamp.sizeBytes, compression, stamp }
}

export function isWhole({ start, end, stamp }: Piece): boolean {
  return start === 0 && end === stamp.sizeBytes
}

/** Pieces of about `pieceBytes`, each longer by the rest of its last line. A compressed file can only be read from its start. */
export function cutBySize(file: InputFile, pieceBytes: number): Piece[] {
  const size = file.stamp.sizeBytes
  if (file.compression !== 'none' || size <= pieceBytes) return [wholePiece(file)]
  return withFile(file.path, (descriptor) => {
    const ends: number[] = []
    for (let end = 0; end < size; ) {
      end = end + pieceBytes >= size ? size : endOfLine(descriptor, end + pieceBytes - 1, size)
      ends.push(end)
    }
    return piecesOf(file, ends)
  })
}

/** Pieces of so many lines. */
export function cutByLines(file: InputFile, lineCount: number): Piece[] {
  const size = file.stamp.sizeBytes
  return withFile(file.path, (descriptor) => {
    const ends: number[] = []
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
    let lines = 0
    for (let at = 0; at < size; ) {
      const got = readSync(descriptor, buffer, 0, BUFFER_BYTES, at)
      if (got === 0) break
      const bytes = buffer.subarray(0, got)
      for (let newline = bytes.indexOf(NEWLINE); newline >= 0; newline = bytes.indexOf(NEWLINE, newline + 1)) {
        lines++
        if (lines % lineCount === 0) ends.push(at + newline + 1)
      }
      at += got
    }
    if (ends.at(-1) !== size && size > 0) ends.push(size)
    return piecesOf(file, ends)
  })
}

function piecesOf({ path, stamp, compression }: InputFile, ends: readonly number[]): Piece[] {
  return ends.map((end, i) => ({ path, start: ends[i - 1] ?? 0, end, compression, stamp }))
}

/** The offset behind the first line end at or after `from`. */
function endOfLine(descriptor: number, from: number, size: number): number {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  for (let at = from; at < size; at += BUFFER_BYTES) {
    const newline = buffer.subarray(0, readSync(descriptor, buffer, 0, BUFFER_BYTES, at)).indexOf(NEWLINE)
    if (newline >= 0) return at + newline + 1
  }
  return size
}

function withFile<T>(path: string, call: (descriptor: number) => T): T {
  const descriptor = openSync(path, 'r')
  try {
    return call(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

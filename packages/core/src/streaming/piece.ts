/** A piece: bytes of one input file, beginning and ending where records do, which are lines unless it is said otherwise; and how a file is cut into them. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
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
export const LINE_END: Buffer = Buffer.from('\n')

export function wholePiece({ path, stamp, compression }: InputFile): Piece {
  return { path, start: 0, end: stamp.sizeBytes, compression, stamp }
}

/** A file that was just written here. */
export function wholePieceOf(path: string): Piece {
  const { size, mtimeMs } = statSync(path)
  return { path, start: 0, end: size, compression: 'none', stamp: { sizeBytes: size, modifiedMs: mtimeMs } }
}

export function isWhole({ start, end, stamp }: Piece): boolean {
  return start === 0 && end === stamp.sizeBytes
}

/**
 * The first line of a file, as a piece of its own.
 * @returns null for an empty file, and for one whose first line is compressed
 */
export function headerOf(file: InputFile): Piece | null {
  if (file.compression !== 'none' || file.stamp.sizeBytes === 0) return null
  const end = withFile(file.path, (descriptor) => endOfRecord(descriptor, 0, file.stamp.sizeBytes, LINE_END))
  return { ...wholePiece(file), end }
}

/**
 * Pieces of about `pieceBytes`, each longer by the rest of its last record, none of which begins before `from`; the first piece begins with
 * the file. A compressed file can only be read from its start.
 */
export function cutBySize(file: InputFile, pieceBytes: number, recordEnd: Buffer, from: number): Piece[] {
  const size = file.stamp.sizeBytes
  if (file.compression !== 'none' || size <= pieceBytes) return [wholePiece(file)]
  return withFile(file.path, (descriptor) => {
    const ends: number[] = []
    for (let end = 0; end < size; ) {
      const least = Math.max(from, end, end + pieceBytes - recordEnd.length)
      end = end + pieceBytes >= size ? size : endOfRecord(descriptor, least, size, recordEnd)
      ends.push(end)
    }
    return piecesOf(file, ends)
  })
}

/** Pieces of so many records, of those that begin at `from`; the first piece begins with the file. */
export function cutByRecords(file: InputFile, recordCount: number, recordEnd: Buffer, from: number): Piece[] {
  const size = file.stamp.sizeBytes
  return withFile(file.path, (descriptor) => {
    const ends: number[] = []
    let records = 0
    eachEnd(descriptor, from, recordEnd, (end) => {
      records++
      if (records % recordCount === 0) ends.push(end)
      return end < size
    })
    if (ends.at(-1) !== size && size > 0) ends.push(size)
    return piecesOf(file, ends)
  })
}

function piecesOf({ path, stamp, compression }: InputFile, ends: readonly number[]): Piece[] {
  return ends.map((end, i) => ({ path, start: ends[i - 1] ?? 0, end, compression, stamp }))
}

/** The offset behind the first record end that begins at or after `from`. */
function endOfRecord(descriptor: number, from: number, size: number, recordEnd: Buffer): number {
  let found = size
  eachEnd(descriptor, from, recordEnd, (end) => {
    found = Math.min(end, size)
    return false
  })
  return found
}

/** Calls `each` with the offset behind each record end that begins at or after `from`, while it gives true. */
function eachEnd(descriptor: number, from: number, recordEnd: Buffer, each: (end: number) => boolean): void {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  for (let at = from; ; ) {
    const bytes = buffer.subarray(0, readSync(descriptor, buffer, 0, BUFFER_BYTES, at))
    if (bytes.length < recordEnd.length) return
    let next = 0
    for (let found = bytes.indexOf(recordEnd); found >= 0; found = bytes.indexOf(recordEnd, next)) {
      next = found + recordEnd.length
      if (!each(at + next)) return
    }
    // What is left may begin with a part of one.
    at += Math.max(next, bytes.length - recordEnd.length + 1)
  }
}

function withFile<T>(path: string, call: (descriptor: number) => T): T {
  const descriptor = openSync(path, 'r')
  try {
    return call(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

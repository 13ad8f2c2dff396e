/** Feeds: the bytes of pieces written to a program as they are; only compressed files are decompressed. */
import { type FileHandle, open, stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { DataError } from '../errors.ts'
import { changed } from '../io/byte-feed.ts'
import { openFeed } from '../io/open-feed.ts'
import { shownPath } from '../io/shown-path.ts'
import { drained } from '../stream/drained.ts'
import type { Feed } from '../stream/run-program.ts'
import type { Piece } from './piece.ts'

/** What is read and written at a time. */
const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a

/**
 * One piece after another. A piece that doesn't end its last line gets a line end when another comes after it, and only then.
 * @throws DataError for a file that cannot be read, is corrupt, or has changed since it was listed
 */
export function feedOf(pieces: readonly Piece[]): Feed {
  return async (stdin) => {
    let bytes = 0
    let last = NEWLINE
    for (const piece of pieces) {
      let isFirst = true
      for await (const chunk of chunksOf(piece)) {
        if (isFirst && last !== NEWLINE) bytes += await put(stdin, Buffer.from('\n'))
        if (!stdin.writable) return bytes
        bytes += await put(stdin, chunk)
        last = chunk.at(-1) ?? NEWLINE
        isFirst = false
      }
    }
    return bytes
  }
}

/** A block of bytes, or the paths that a program asked for instead of content. */
export function feedBytes(bytes: Buffer): Feed {
  return (stdin) => put(stdin, bytes)
}

/** Settles when the bytes were taken, so that their buffer can be used again; a program that reads no more takes none. */
function put(stdin: Writable, bytes: Buffer): Promise<number> {
  if (!stdin.writable) return Promise.resolve(0)
  return new Promise((resolve) => {
    let isSettled = false
    const settle = (): void => {
      if (!isSettled) resolve(bytes.length)
      isSettled = true
    }
    if (!stdin.write(bytes, settle)) void drained(stdin).then(settle)
  })
}

/** The bytes of a piece, decompressed. Each chunk is valid until the next. */
export async function* chunksOf(piece: Piece): AsyncGenerator<Buffer> {
  if (piece.compression !== 'none') yield* decompressed(piece)
  else yield* plain(piece)
  const now = await explained(piece.path, () => stat(piece.path))
  if (now.size !== piece.stamp.sizeBytes)
    throw changed(piece.path, `${piece.stamp.sizeBytes} bytes then, ${now.size} now`)
  if (now.mtimeMs !== piece.stamp.modifiedMs) throw changed(piece.path, 'it was written to')
}

async function* plain({ path, start, end }: Piece): AsyncGenerator<Buffer> {
  const file: FileHandle = await explained(path, () => open(path))
  const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(CHUNK_BYTES, end - start)))
  try {
    for (let at = start; at < end; ) {
      const { bytesRead } = await explained(path, () => file.read(buffer, 0, Math.min(buffer.length, end - at), at))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  } finally {
    await file.close()
  }
}

/** Decompressed here, a chunk at a time; between chunks others have their turn. */
async function* decompressed({ path, stamp, compression }: Piece): AsyncGenerator<Buffer> {
  const feed = openFeed(path, stamp, compression)
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  try {
    for (let got = feed.read(buffer, 0, CHUNK_BYTES); got > 0; got = feed.read(buffer, 0, CHUNK_BYTES)) {
      yield buffer.subarray(0, got)
    }
  } finally {
    feed.close()
  }
}

async function explained<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw changed(path, 'it is gone')
    throw new DataError(`${shownPath(path)}: cannot be read (${code ?? message}).`, { cause: error })
  }
}

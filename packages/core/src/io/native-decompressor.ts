/**
 * A byte feed over a gzip or zstd file: decompressed piece by piece in constant memory, however much comes out.
 * Node has no public synchronous streaming decompressor, so the native handle behind `createGunzip` and `createZstdDecompress` is
 * driven directly, as Node's own `gunzipSync` drives it; tests pin its behaviour on every version that we run on.
 */
import { DataError } from '../errors.ts'
import type { ByteFeed } from './byte-feed.ts'
import { corrupt, MAGIC_LENGTH, refuseOtherFormat } from './magic.ts'
import { zlib } from './on-demand.ts'
import { shownPath } from './shown-path.ts'

const INPUT_BYTES = 64 * 1024

/** The parts of Node's zlib streams that their types leave out. */
interface NativeStream {
  readonly _handle: {
    writeSync(flush: number, input: Buffer, at: number, length: number, into: Buffer, to: number, room: number): void
    onerror: (message: string, errno: number, code: string) => void
  }
  /** After a write: bytes of room left, bytes of input left. */
  readonly _writeState: Uint32Array
  close(): void
}

const ZSTD_END = 2

/** Reads on through the members of the file; zeros after the last are padding. */
export function openGunzip(path: string, file: ByteFeed): ByteFeed {
  const { createGunzip, constants } = zlib()
  return openNative(path, file, 'gzip', createGunzip(), constants.Z_FINISH)
}

/** Reads on through the frames of the file. @throws DataError where Node has no zstd */
export function openUnzstd(path: string, file: ByteFeed): ByteFeed {
  const { createZstdDecompress } = zlib()
  if (createZstdDecompress === undefined) {
    file.close()
    throw new DataError(
      `${shownPath(path)}: reading zstd needs Node 22.15 or later, got ${process.version}. Use that, or gzip.`,
    )
  }
  return openNative(path, file, 'zstd', createZstdDecompress(), ZSTD_END)
}

/** @param finish the flag that says that no input follows: the decompressor then reports a stream that was cut short */
function openNative(path: string, file: ByteFeed, format: 'gzip' | 'zstd', native: unknown, finish: number): ByteFeed {
  // Both kinds of stream have these, which their types leave out.
  const stream = native as NativeStream
  const { _handle: handle, _writeState: state } = stream
  const input = Buffer.allocUnsafe(INPUT_BYTES)
  let from = 0
  let filled = 0
  let isEnd = false
  let isPadding = false
  let failure = ''
  // The handle is no EventTarget: this property is all it has.
  // oxlint-disable-next-line unicorn/prefer-add-event-listener
  handle.onerror = (message, _errno, code) => {
    failure = `${message}, ${code}`
  }

  function refill(): void {
    from = 0
    const isFirst = file.bytesRead === 0
    filled = file.read(input, 0, INPUT_BYTES)
    isEnd = filled === 0
    if (isFirst) refuseOtherFormat(path, format, input.subarray(0, Math.min(filled, MAGIC_LENGTH)))
  }

  /** After the last member of gzip only zeros may follow; Node's decompressor stops before the first of them. */
  function skipPadding(): number {
    isPadding = true
    for (; !isEnd; refill()) {
      if (input.subarray(from, filled).some((byte) => byte !== 0)) {
        throw corrupt(path, format, file.bytesRead, 'something follows the data, after padding')
      }
    }
    return 0
  }

  return {
    read(into, at, length) {
      while (!isPadding) {
        if (from === filled && !isEnd) refill()
        const before = filled - from
        handle.writeSync(isEnd ? finish : 0, input, from, filled - from, into, at, length)
        if (failure !== '') throw corrupt(path, format, file.bytesRead, failure)
        const [roomLeft = 0, inputLeft = 0] = state
        from = filled - inputLeft
        const count = length - roomLeft
        if (count > 0 || isEnd) return count
        if (inputLeft > 0 && inputLeft === before) return skipPadding()
      }
      return 0
    },
    checkUnchanged: () => file.checkUnchanged(),
    close() {
      stream.close()
      file.close()
    },
    get bytesRead() {
      return file.bytesRead
    },
  }
}

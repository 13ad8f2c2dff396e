/**
 * A byte feed over a gzip file: decompressed piece by piece in constant memory, however much comes out.
 * Node has no public synchronous streaming decompressor, so the native handle behind `createGunzip` is driven directly, as
 * Node's own `gunzipSync` drives it; tests pin its behaviour on every version that we run on.
 */
import { constants, createGunzip, type Gunzip } from 'node:zlib'
import { DataError } from '../errors.ts'
import type { ByteFeed } from './byte-feed.ts'
import { MAGIC_LENGTH, refusePlain } from './magic.ts'
import { shownPath } from './shown-path.ts'

const INPUT_BYTES = 64 * 1024

/** The parts of Node's zlib streams that their types leave out. */
interface NativeGunzip {
  readonly _handle: {
    writeSync(flush: number, input: Buffer, at: number, length: number, into: Buffer, to: number, room: number): void
    onerror: (message: string, errno: number, code: string) => void
  }
  /** After a write: bytes of room left, bytes of input left. */
  readonly _writeState: Uint32Array
}

/** Reads on through the members of the file; zeros after the last are padding. */
export function openGunzip(path: string, file: ByteFeed): ByteFeed {
  const stream = createGunzip()
  const { _handle: handle, _writeState: state } = stream as Gunzip & NativeGunzip
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
    if (isFirst) refusePlain(path, input.subarray(0, Math.min(filled, MAGIC_LENGTH)))
  }

  /** After the last member only zeros may follow; Node's decompressor stops before the first of them. */
  function skipPadding(): number {
    isPadding = true
    for (; !isEnd; refill()) {
      if (input.subarray(from, filled).some((byte) => byte !== 0)) {
        throw corrupt(path, file.bytesRead, 'something follows the data, after padding')
      }
    }
    return 0
  }

  return {
    read(into, at, length) {
      while (!isPadding) {
        if (from === filled && !isEnd) refill()
        const before = filled - from
        // Asked to finish without input, the decompressor reports a stream that was cut short.
        const flush = isEnd ? constants.Z_FINISH : constants.Z_NO_FLUSH
        handle.writeSync(flush, input, from, filled - from, into, at, length)
        if (failure !== '') throw corrupt(path, file.bytesRead, failure)
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

function corrupt(path: string, bytesRead: number, failure: string): DataError {
  const isCut = failure.includes('Z_BUF_ERROR')
  const what = isCut ? 'is cut short' : 'is corrupt'
  return new DataError(
    `${shownPath(path)}: the gzip data ${what} (${failure}) at or before byte ${bytesRead}. Replace it.`,
  )
}

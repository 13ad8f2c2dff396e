/**
 * Frames: messages through a pipe between two processes of kindling. A frame is a head, what V8's serialiser makes of the message, and the
 * bytes of each typed array in it, which are copied neither into the head nor out of it. Before them stand, as doubles, the number of
 * arrays, the size of the head and the size of each array.
 * 64 MB of blocks take a third to a half of the time that the channel of `child_process` needs, which copies them into the message.
 */
import { Deserializer, Serializer } from 'node:v8'
import { viewOf, viewType } from '../io/row-codec.ts'

declare module 'node:v8' {
  // Documented, and missing in the types.
  interface Serializer {
    _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void
  }
}

/** The pipes of a worker process, by their file descriptors: what it is asked comes from one, what it answers goes to the other. */
export const REQUESTS = 3
export const REPLIES = 4

/** The pieces of a frame, in order. @throws DataCloneError if something in the message cannot be cloned */
export function encodeFrame(message: unknown): readonly Uint8Array[] {
  const writer = new FrameWriter()
  writer.writeHeader()
  writer.writeValue(message)
  const head = writer.releaseBuffer()
  const { arrays } = writer
  const sizes = Float64Array.of(arrays.length, head.length, ...arrays.map((array) => array.length))
  return [new Uint8Array(sizes.buffer), head, ...arrays]
}

/** Takes what comes out of a pipe, in pieces of any size, and calls `onMessage` with each message. */
export function openFrames(onMessage: (message: unknown) => void): (piece: Uint8Array) => void {
  const parts = partsOfFrames(onMessage)
  let part = parts.next().value
  let filled = 0
  return (piece) => {
    for (let from = 0; from < piece.length; ) {
      const taken = piece.subarray(from, from + part.length - filled)
      part.set(taken, filled)
      from += taken.length
      filled += taken.length
      if (filled === part.length) {
        part = parts.next().value
        filled = 0
      }
    }
  }
}

/** Gives the parts of frame after frame, none of them empty, and goes on when one has been filled. */
function* partsOfFrames(onMessage: (message: unknown) => void): Generator<Uint8Array, never> {
  for (;;) {
    const counts = new Float64Array(2)
    yield bytesOf(counts)
    const sizes = new Float64Array(counts[0] ?? 0)
    const head = new Uint8Array(counts[1] ?? 0)
    if (sizes.length > 0) yield bytesOf(sizes)
    yield head
    const arrays: Uint8Array[] = []
    for (const size of sizes) {
      const array = new Uint8Array(size)
      if (size > 0) yield array
      arrays.push(array)
    }
    const reader = new FrameReader(head, arrays)
    reader.readHeader()
    onMessage(reader.readValue())
  }
}

function bytesOf({ buffer }: Float64Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(buffer)
}

const BYTES = viewType(new Uint8Array(0))

class FrameWriter extends Serializer {
  readonly arrays: Uint8Array[] = []

  constructor() {
    super()
    this._setTreatArrayBufferViewsAsHostObjects(true)
  }

  _writeHostObject(view: NodeJS.ArrayBufferView): void {
    // A Buffer is bytes to structured clones, too.
    this.writeUint32(view instanceof Uint8Array ? BYTES : viewType(view))
    this.writeUint32(this.arrays.push(new Uint8Array(view.buffer, view.byteOffset, view.byteLength)) - 1)
  }
}

class FrameReader extends Deserializer {
  readonly #arrays: readonly Uint8Array[]

  constructor(head: Uint8Array, arrays: readonly Uint8Array[]) {
    super(head)
    this.#arrays = arrays
  }

  _readHostObject(): ArrayBufferView {
    const type = this.readUint32()
    const array = this.#arrays[this.readUint32()] ?? new Uint8Array(0)
    // Each array came on memory of its own.
    return type === BYTES ? array : viewOf(type, array.buffer)
  }
}

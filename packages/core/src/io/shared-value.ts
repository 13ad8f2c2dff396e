/**
 * A value in shared memory: encoded once, read by any number of threads. Typed arrays, DataViews and Buffers from `SHARED_FROM` bytes on
 * lie apart, and what is decoded of them is that very memory; everything else is copied by each reader, as rows are.
 * An ArrayBuffer is copied, too, however large: it could not share memory and be an ArrayBuffer.
 */
import { RowReader, RowWriter, viewOf, viewType } from './row-codec.ts'

/** Smaller views are copied: a piece of shared memory for each of a million short vectors would cost more than it saves. */
const SHARED_FROM = 1 << 16

/** Added to the type of a view that lies apart. */
const APART = 0x100

export interface SharedValue {
  readonly value: Uint8Array
  readonly views: readonly Uint8Array[]
}

/** @throws whatever V8 says of a value that it cannot write; `findUnsendable` knows more of most */
export function encodeShared(value: unknown): SharedValue {
  const writer = new SharedWriter()
  writer.writeHeader()
  writer.writeValue(value)
  return { value: inSharedMemory(writer.releaseBuffer()), views: writer.views }
}

export function decodeShared({ value, views }: SharedValue): unknown {
  const reader = new SharedReader(value, views)
  reader.readHeader()
  return reader.readValue()
}

class SharedWriter extends RowWriter {
  readonly views: Uint8Array[] = []

  override _writeHostObject(value: object): void {
    if (!ArrayBuffer.isView(value) || value.byteLength < SHARED_FROM) {
      super._writeHostObject(value)
      return
    }
    this.writeUint32(viewType(value) + APART)
    this.writeUint32(this.views.push(inSharedMemory(bytesOf(value))) - 1)
  }
}

class SharedReader extends RowReader {
  readonly #views: readonly Uint8Array[]

  constructor(value: Uint8Array, views: readonly Uint8Array[]) {
    super(value)
    this.#views = views
  }

  override _readHostObject(): ArrayBufferView {
    const type = this.readUint32()
    if (type < APART) return this.readCopy(type)
    const bytes = this.#views[this.readUint32()] ?? new Uint8Array()
    // Memory that came in a message of another process may begin anywhere, which numbers of several bytes must not.
    const { buffer } = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice()
    return viewOf(type - APART, buffer)
  }
}

function inSharedMemory(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.byteLength))
  shared.set(bytes)
  return shared
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/**
 * The row codec: rows to bytes and back, keeping every value that JavaScript can clone: undefined, NaN, -0, bigint, lone
 * surrogates, Date, Map, Set, typed arrays, errors, holes, cycles. What would lose its meaning on the way is refused.
 * The format is V8's own; bytes are read only by the version of Node that wrote them.
 */
import { Deserializer, Serializer } from 'node:v8'
import { DataError } from '../errors.ts'
import { findUnsendable, isSendable } from './sendable.ts'

/**
 * The rows as one block.
 * @param firstIndex the number that an error gives the first row
 * @throws DataError for a value that another thread could not use: a function, a promise, an instance of a class
 */
export function encodeRows(rows: readonly unknown[], firstIndex = 0): Uint8Array {
  for (let index = 0; index < rows.length; index++) {
    if (!isSendable(rows[index])) throw refusal(rows[index], firstIndex + index)
  }
  const writer = new RowWriter()
  try {
    writer.writeHeader()
    writer.writeValue(rows)
  } catch (error) {
    throw serializerRefusal(rows, firstIndex, error)
  }
  return writer.releaseBuffer()
}

/** The rows of a block. They share no memory with it. */
export function decodeRows(block: Uint8Array): unknown[] {
  const reader = new RowReader(block)
  reader.readHeader()
  return reader.readValue() as unknown[]
}

/** Views of binary data by the number that stands for them in a block. */
const VIEWS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
] as const
const BUFFER = VIEWS.length

/** The number of a view's type. @throws TypeError for what is no view */
export function viewType(value: object): number {
  const type = Buffer.isBuffer(value) ? BUFFER : VIEWS.findIndex((view) => value.constructor === view)
  if (type < 0 || !ArrayBuffer.isView(value)) throw new TypeError('not a view of binary data')
  return type
}

/** A view of that type on all of a buffer. */
export function viewOf(type: number, buffer: ArrayBufferLike): ArrayBufferView {
  if (type === BUFFER) return Buffer.from(buffer)
  // One signature for all of the constructors.
  const View = VIEWS[type] as (new (buffer: ArrayBufferLike) => ArrayBufferView) | undefined
  if (View === undefined) throw new DataError(`a block holds a view of type ${type}, which is none of ours`)
  return new View(buffer)
}

/** Writes a view as its own bytes only; V8 by itself would write the whole memory behind it, of a Buffer its pool. */
export class RowWriter extends Serializer {
  constructor() {
    super()
    // Documented, but missing from Node's types.
    const self = this as unknown as { _setTreatArrayBufferViewsAsHostObjects(flag: boolean): void }
    self._setTreatArrayBufferViewsAsHostObjects(true)
  }

  // V8 calls this method by name.
  _writeHostObject(value: object): void {
    this.writeUint32(viewType(value))
    const { buffer, byteOffset, byteLength } = value as ArrayBufferView
    this.writeUint32(byteLength)
    this.writeRawBytes(new Uint8Array(buffer, byteOffset, byteLength))
  }
}

/** Copies views out of the block, so that a function that changes its row can't change the block. */
export class RowReader extends Deserializer {
  // V8 calls this method by name.
  _readHostObject(): ArrayBufferView {
    return this.readCopy(this.readUint32())
  }

  /** A view of that type, whose bytes come next. */
  protected readCopy(type: number): ArrayBufferView {
    return viewOf(type, new Uint8Array(this.readRawBytes(this.readUint32())).buffer)
  }
}

function refusal(row: unknown, index: number): DataError {
  const found = findUnsendable(row)
  const what = found === null ? 'a value' : `${found.path}${found.what}`
  return new DataError(
    `row ${index} cannot be moved between threads: ${what}. ${found?.advice ?? 'Return plain data.'}`,
  )
}

/** The serializer refuses without a path: look for the row that it meant. */
function serializerRefusal(rows: readonly unknown[], firstIndex: number, error: unknown): DataError {
  const index = rows.findIndex((row) => findUnsendable(row) !== null)
  if (index >= 0) return refusal(rows[index], firstIndex + index)
  const reason = error instanceof RangeError ? 'a value is nested too deeply' : (error as Error).message
  const last = firstIndex + rows.length - 1
  return new DataError(`rows ${firstIndex} to ${last} cannot be moved between threads: ${reason}. Return plain data.`, {
    cause: error,
  })
}

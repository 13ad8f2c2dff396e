/**
 * The runs in a page of Parquet, walked before they are decoded. A run says in a few bytes how often its value is repeated, and the decoder
 * believes it: one flipped bit would fill the memory with a thousand million values.
 */
import type { PageHeader, SchemaTree } from 'hyparquet'
import { getMaxDefinitionLevel, getMaxRepetitionLevel } from 'hyparquet/src/schema.js'

/** Blocks of deltas hold 128 values in 4 miniblocks; some writers use more. */
const MAX_DELTA_BLOCK = 2 ** 20

/**
 * @param levels the bytes that repetition and definition levels stand at the start of; in a page of version 1 they are also `values`
 * @param values what the page holds, decompressed
 * @throws Error when a run is longer than the page
 */
export function checkRuns(header: PageHeader, levels: Uint8Array, values: Uint8Array, path: SchemaTree[]): void {
  const [repetition, definition] = [getMaxRepetitionLevel(path), getMaxDefinitionLevel(path)].map(
    (level) => 32 - Math.clz32(level),
  ) as [number, number]
  const two = header.data_page_header_v2
  if (two !== undefined) {
    const { num_values, repetition_levels_byte_length, definition_levels_byte_length, encoding } = two
    const middle = repetition_levels_byte_length
    const end = middle + definition_levels_byte_length
    if (repetition > 0) walk(levels.subarray(0, middle), repetition, num_values)
    if (definition > 0) walk(levels.subarray(middle, end), definition, num_values)
    checkValues(encoding, values, num_values, 0)
    return
  }
  const one = header.data_page_header
  if (one === undefined) return
  let at = 0
  for (const width of [repetition, definition]) {
    if (width === 0) continue
    const length = u32(values, at)
    walk(values.subarray(at + 4, at + 4 + length), width, one.num_values)
    at += 4 + length
  }
  checkValues(one.encoding, values.subarray(at), one.num_values, 4)
}

/** @param prefix bytes before the runs of booleans, which are their length */
function checkValues(encoding: string, values: Uint8Array, count: number, prefix: number): void {
  switch (encoding) {
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return walk(values.subarray(1), values[0] ?? 0, count)
    case 'RLE':
      return walk(values.subarray(prefix), 1, count)
    case 'DELTA_BINARY_PACKED':
    case 'DELTA_LENGTH_BYTE_ARRAY':
    case 'DELTA_BYTE_ARRAY': {
      const block = varint(values, 0)
      const miniblocks = varint(values, block.next)
      if (block.value > MAX_DELTA_BLOCK || miniblocks.value > block.value || (count > 1 && miniblocks.value === 0))
        throw new Error(`a block of ${block.value} deltas in ${miniblocks.value} parts cannot be`)
      return
    }
    default:
  }
}

/** Goes through runs of values of so many bits, to the end of them or of the bytes. Source: the RLE and bit-packing hybrid of Parquet. */
function walk(bytes: Uint8Array, width: number, count: number): void {
  if (width > 32) throw new Error(`values of ${width} bits cannot be`)
  for (let at = 0, seen = 0; seen < count && at < bytes.length; ) {
    const { value, next } = varint(bytes, at)
    const length = value >>> 1
    if (value % 2 === 1) {
      // Groups of eight, the last of them filled up.
      if (length * 8 >= count - seen + 512) throw new Error(`a run of ${length * 8} values is longer than its page`)
      seen += length * 8
      at = next + length * width
    } else {
      if (length > count - seen) throw new Error(`a run of ${length} values is longer than its page`)
      seen += length
      at = next + ((width + 7) >> 3)
    }
  }
}

function varint(bytes: Uint8Array, from: number): { readonly value: number; readonly next: number } {
  let value = 0
  for (let at = from, factor = 1; at < from + 5; at++, factor *= 128) {
    const byte = bytes[at]
    if (byte === undefined) break
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return { value, next: at + 1 }
  }
  throw new Error('a number does not end')
}

function u32(bytes: Uint8Array, at: number): number {
  if (at + 4 > bytes.length) throw new Error('a page ends in its levels')
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true)
}

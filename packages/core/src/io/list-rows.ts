/** Rows that are in no file: blocks of the codec, and ranges of numbers. */
import type { RangeSplit, RowsSplit } from '../plan/source.ts'
import { previewOf } from './preview.ts'
import { decodeRows } from './row-codec.ts'
import type { RowSource } from './row-source.ts'

/** Numbers pushed by one call of `advance`. */
const RANGE_CHUNK = 4096

/** The rows of the blocks, a block at a time. */
export function openRows(split: RowsSplit): RowSource {
  let block = 0
  let rowsRead = 0
  let current: unknown
  return {
    advance(push) {
      const bytes = split.blocks[block++]
      if (bytes === undefined) return false
      for (const row of decodeRows(bytes)) {
        current = row
        rowsRead++
        if (!push(row)) return false
      }
      return block < split.blocks.length
    },
    place: () => null,
    preview: () => (rowsRead === 0 ? null : previewOf(current)),
    close() {},
    get rowsRead() {
      return rowsRead
    },
    bytesRead: 0,
  }
}

/** The numbers `start + i * step` for `i` in `[from, to)`. */
export function openRange(split: RangeSplit): RowSource {
  const { start, step, from, to } = split
  let next = from
  return {
    advance(push) {
      const end = Math.min(to, next + RANGE_CHUNK)
      while (next < end) {
        const index = next++
        if (!push(start + index * step)) return false
      }
      return next < to
    },
    place: () => null,
    preview: () => (next === from ? null : String(start + (next - 1) * step)),
    close() {},
    get rowsRead() {
      return next - from
    },
    bytesRead: 0,
  }
}

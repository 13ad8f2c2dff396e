/**
 * Frames: blocks one after another, in memory or in a file. Before each stand its length, with a bit that says whether it is
 * compressed, and a checksum, both of 32 bits, little-endian. Blocks in files are compressed and checked; in memory neither.
 */
import { zlib } from '../io/on-demand.ts'

export const HEAD_BYTES = 8
const COMPRESSED = 0x8000_0000
/** Smaller blocks gain nothing. */
const FEWEST_BYTES = 512

export interface Frame {
  readonly head: Uint8Array
  readonly content: Uint8Array
}

export function memoryFrame(block: Uint8Array): Frame {
  return { head: headOf(block.byteLength, 0), content: block }
}

export function fileFrame(block: Uint8Array): Frame {
  const packed = block.byteLength < FEWEST_BYTES ? block : compress(block)
  const isSmaller = packed.byteLength < block.byteLength
  const content = isSmaller ? packed : block
  return { head: headOf(content.byteLength + (isSmaller ? COMPRESSED : 0), checksumOf(content, isSmaller)), content }
}

export interface Head {
  readonly length: number
  readonly isCompressed: boolean
  readonly checksum: number
}

export function readHead(bytes: Buffer, at: number): Head {
  const first = bytes.readUInt32LE(at)
  const isCompressed = first >= COMPRESSED
  return { length: isCompressed ? first - COMPRESSED : first, isCompressed, checksum: bytes.readUInt32LE(at + 4) }
}

/** The block of a frame from a file; null when it is not what was written. */
export function checkedBlock(head: Head, content: Uint8Array): Uint8Array | null {
  if (checksumOf(content, head.isCompressed) !== head.checksum) return null
  return head.isCompressed ? decompress(content) : content
}

/** Of the content and of what it is: compressed bytes taken for a block would be rows that nobody wrote. */
function checksumOf(content: Uint8Array, isCompressed: boolean): number {
  return zlib().crc32(content, isCompressed ? 1 : 0)
}

// Both the fastest level of zstd and deflate's are meant for blocks that are read once.
function compress(bytes: Uint8Array): Uint8Array {
  const { zstdCompressSync, deflateRawSync } = zlib()
  return zstdCompressSync?.(bytes) ?? deflateRawSync(bytes, { level: 1 })
}

function decompress(bytes: Uint8Array): Uint8Array {
  const { zstdDecompressSync, inflateRawSync } = zlib()
  return zstdDecompressSync?.(bytes) ?? inflateRawSync(bytes)
}

function headOf(length: number, checksum: number): Uint8Array {
  const head = Buffer.allocUnsafe(HEAD_BYTES)
  head.writeUInt32LE(length, 0)
  head.writeUInt32LE(checksum, 4)
  return head
}

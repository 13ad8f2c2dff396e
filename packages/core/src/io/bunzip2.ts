/**
 * A byte feed over a bzip2 file, decompressed block by block: a block is at most 900 kB before its runs are written out.
 * seek-bzip undoes one block a call when its reader is driven directly, as its own `decode` drives it; tests pin its behaviour.
 */
import { createRequire } from 'node:module'
import type { ByteFeed } from './byte-feed.ts'
import { corrupt, MAGIC_LENGTH, refuseOtherFormat } from './magic.ts'

const INPUT_BYTES = 64 * 1024

/** What seek-bzip, which has no types, is used for. */
interface Bunzip {
  /** Decodes the next block; false at the end of a member, whose checksum follows. */
  _init_block(): boolean
  /** Gives the bytes of the block to the output and checks its sum. */
  _read_bunzip(): void
  /** Begins the next member, at a whole byte. */
  _start_bunzip(input: Input, output: Output): void
  readonly reader: { read(bits: number): number }
  readonly streamCRC: number
}
interface Input {
  readByte(): number
  read(into: Buffer, at: number, length: number): number
}
interface Output {
  writeByte(byte: number): void
}

/** Reads on through the members of the file. */
export function openBunzip2(path: string, file: ByteFeed): ByteFeed {
  // Loaded when the first such file is opened.
  const Decoder = createRequire(import.meta.url)('seek-bzip') as new (input: Input, output: Output) => Bunzip
  const input = Buffer.allocUnsafe(INPUT_BYTES)
  let from = 0
  let filled = 0
  let decoder: Bunzip | null = null
  let isDone = false
  // Bytes of the last block that are not yet asked for.
  let block = Buffer.allocUnsafe(1024 * 1024)
  let blockFrom = 0
  let blockFilled = 0

  /** Whether there is another byte of input. */
  function hasByte(): boolean {
    if (from < filled) return true
    const isFirst = file.bytesRead === 0
    from = 0
    filled = file.read(input, 0, INPUT_BYTES)
    if (isFirst) refuseOtherFormat(path, 'bzip2', input.subarray(0, Math.min(filled, MAGIC_LENGTH)))
    return filled > 0
  }

  const source: Input = {
    readByte() {
      if (!hasByte()) throw corrupt(path, 'bzip2', file.bytesRead, 'unexpected end of file')
      return input[from++] as number
    },
    read(into, at, length) {
      for (let i = 0; i < length; i++) into[at + i] = source.readByte()
      return length
    },
  }
  const output: Output = {
    writeByte(byte) {
      if (blockFilled === block.length) block = Buffer.concat([block], 2 * block.length)
      block[blockFilled++] = byte
    },
  }

  /** Decodes until there are bytes, or none follow. */
  function decodeMore(): void {
    blockFrom = 0
    blockFilled = 0
    for (;;) {
      if (decoder === null) {
        isDone = !hasByte()
        if (isDone) return
        decoder = new Decoder(source, output)
      }
      if (decoder._init_block()) {
        decoder._read_bunzip()
        if (blockFilled > 0) return
      } else {
        if (decoder.reader.read(32) >>> 0 !== decoder.streamCRC) throw new Error('Bad stream CRC')
        isDone = !hasByte()
        if (isDone) return
        decoder._start_bunzip(source, output)
      }
    }
  }

  return {
    read(into, at, length) {
      if (blockFrom === blockFilled && !isDone) {
        try {
          decodeMore()
        } catch (error) {
          const { name, message } = error as Error
          throw name === 'DataError' ? error : corrupt(path, 'bzip2', file.bytesRead, message)
        }
      }
      const count = Math.min(length, blockFilled - blockFrom)
      block.copy(into, at, blockFrom, blockFrom + count)
      blockFrom += count
      return count
    },
    checkUnchanged: () => file.checkUnchanged(),
    close: () => file.close(),
    get bytesRead() {
      return file.bytesRead
    },
  }
}

/** Reading kept blocks: those of one stretch, one after another, checked where they come from a file. */
import { closeSync, openSync, readSync } from 'node:fs'
import { DataError, MissingBlocksError } from '../errors.ts'
import type { Stretch } from '../plan/task.ts'
import { decodeBlock } from './block.ts'
import { checkedBlock, HEAD_BYTES, readHead } from './frame.ts'

/** Who left blocks: the task of a shuffle or of a kept dataset. */
export interface BlockOwner {
  readonly of: 'shuffle' | 'store'
  readonly id: number
  readonly origin: number
}

export interface BlockReader {
  /** The rows of the next block; null after the last. @throws MissingBlocksError when the block is not what was left */
  next(): unknown[] | null
  close(): void
  readonly bytesRead: number
}

/** As many files are held open by readers that take turns; more are opened for each block anew. */
const MOST_OPEN = 64

/**
 * Reads the blocks of stretches, one stretch after another.
 * @param whose who left the blocks of a stretch, for the driver to have them made again; null for those of this very task
 * @param atOnce how many such readers take turns
 */
export function readStretches(
  stretches: readonly Stretch[],
  whose: (stretch: Stretch) => BlockOwner | null,
  atOnce: number = 1,
): BlockReader {
  let reader: BlockReader | null = null
  let at = 0
  let finishedBytes = 0
  const close = (): void => {
    finishedBytes += reader?.bytesRead ?? 0
    reader?.close()
    reader = null
  }
  return {
    next() {
      for (;;) {
        const stretch = stretches[at]
        if (stretch === undefined) return null
        reader ??= readStretch(stretch, whose(stretch), atOnce <= MOST_OPEN)
        const rows = reader.next()
        if (rows !== null) return rows
        close()
        at++
      }
    },
    close,
    get bytesRead() {
      return finishedBytes + (reader?.bytesRead ?? 0)
    },
  }
}

function readStretch(stretch: Stretch, whose: BlockOwner | null, keepsOpen: boolean): BlockReader {
  return stretch.memory === null ? new FileReader(stretch, whose, keepsOpen) : new MemoryReader(stretch, stretch.memory)
}

class MemoryReader implements BlockReader {
  bytesRead = 0
  readonly #bytes: Buffer

  constructor({ offset, length }: Stretch, memory: SharedArrayBuffer) {
    this.#bytes = Buffer.from(memory, offset, length)
  }

  next(): unknown[] | null {
    if (this.bytesRead >= this.#bytes.byteLength) return null
    const { length } = readHead(this.#bytes, this.bytesRead)
    const start = this.bytesRead + HEAD_BYTES
    this.bytesRead = start + length
    return decodeBlock(this.#bytes.subarray(start, start + length))
  }

  close(): void {}
}

class FileReader implements BlockReader {
  bytesRead = 0
  readonly #stretch: Stretch
  readonly #whose: BlockOwner | null
  readonly #head = Buffer.allocUnsafeSlow(HEAD_BYTES)
  readonly #keepsOpen: boolean
  #descriptor: number | null = null

  constructor(stretch: Stretch, whose: BlockOwner | null, keepsOpen: boolean) {
    this.#stretch = stretch
    this.#whose = whose
    this.#keepsOpen = keepsOpen
  }

  next(): unknown[] | null {
    if (this.bytesRead >= this.#stretch.length) return null
    this.#read(this.#head)
    const head = readHead(this.#head, 0)
    if (this.bytesRead + head.length > this.#stretch.length) throw this.#missing('damaged')
    const content = Buffer.allocUnsafeSlow(head.length)
    this.#read(content)
    if (!this.#keepsOpen) this.close()
    const block = checkedBlock(head, content)
    if (block === null) throw this.#missing('damaged')
    return decodeBlock(block)
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor)
    this.#descriptor = null
  }

  #read(target: Buffer): void {
    this.#descriptor ??= this.#open()
    let filled = 0
    while (filled < target.byteLength) {
      const position = this.#stretch.offset + this.bytesRead
      const count = readSync(this.#descriptor, target, filled, target.byteLength - filled, position)
      if (count === 0) throw this.#missing('shorter than it was')
      filled += count
      this.bytesRead += count
    }
  }

  #open(): number {
    try {
      return openSync(this.#stretch.file as string, 'r')
    } catch (error) {
      throw this.#missing(`not readable (${(error as NodeJS.ErrnoException).code ?? String(error)})`)
    }
  }

  #missing(what: string): Error {
    const file = this.#stretch.file ?? ''
    const message = `the file of blocks ${file} is ${what}`
    return this.#whose === null
      ? new DataError(`${message}. Did something clean the directory of temporary files?`)
      : new MissingBlocksError(message, { ...this.#whose, file })
  }
}

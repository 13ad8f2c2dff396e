/** A window on a feed: the bytes of it that are in memory. It slides over the feed, and grows while a record is longer than it. */
import { constants } from 'node:buffer'
import { giveBuffer, takeBuffer } from './buffers.ts'
import type { ByteFeed } from './byte-feed.ts'

export interface WindowOptions {
  /** Offset of the first byte of the feed. */
  readonly start: number
  /** Offset at which the feed is to end; infinite when that is not known. */
  readonly end: number
  readonly chunkBytes: number
  readonly maxRecordBytes: number | undefined
}

export class Window {
  buffer: Buffer
  /** Offset of `buffer[0]`. */
  base: number
  /** `buffer[from, filled)` is read and not yet used. */
  from = 0
  filled = 0
  isEnd = false
  readonly #feed: ByteFeed
  readonly #options: WindowOptions

  constructor(feed: ByteFeed, options: WindowOptions) {
    this.#feed = feed
    this.#options = options
    this.base = options.start
    this.buffer = takeBuffer(options.chunkBytes)
  }

  /** The bytes before `from` leave, more come after `filled`; without more the end is reached. False when no record may be that long. */
  readMore(): boolean {
    const { chunkBytes, end, maxRecordBytes = constants.MAX_STRING_LENGTH } = this.#options
    if (this.from > 0) {
      this.buffer.copyWithin(0, this.from, this.filled)
      this.base += this.from
      this.filled -= this.from
      this.from = 0
    }
    if (this.filled === this.buffer.length) {
      if (this.filled >= maxRecordBytes) return false
      this.#resize(Math.min(2 * this.buffer.length, maxRecordBytes))
    } else if (this.buffer.length > chunkBytes && this.filled < chunkBytes) this.#resize(chunkBytes)
    const room = Math.min(this.buffer.length - this.filled, end - this.base - this.filled)
    const count = room === 0 ? 0 : this.#feed.read(this.buffer, this.filled, room)
    this.filled += count
    this.isEnd = count === 0
    return true
  }

  close(): void {
    giveBuffer(this.buffer, this.#options.chunkBytes)
    this.#feed.close()
  }

  #resize(length: number): void {
    const next = takeBuffer(length)
    this.buffer.copy(next, 0, 0, this.filled)
    giveBuffer(this.buffer, this.#options.chunkBytes)
    this.buffer = next
  }
}

/** A whole file as one row, `[path, content]`. A byte order mark and line ends stay as they are. */
import { constants } from 'node:buffer'
import { DataError } from '../errors.ts'
import type { WholeTextSplit } from '../plan/source.ts'
import type { ByteFeed } from './byte-feed.ts'
import { MAGIC_LENGTH, refuseCompressed } from './magic.ts'
import { openFeed } from './open-feed.ts'
import { PREVIEW_LENGTH, type ReadSizes, type RowSource } from './row-source.ts'
import { shownPath } from './shown-path.ts'

export function openWholeText(split: WholeTextSplit, sizes?: Partial<ReadSizes>): RowSource {
  const { path, stamp, compression } = split
  const isPlain = compression === 'none'
  const feed = openFeed(path, stamp, compression)
  let content: string | null = null
  return {
    advance(push) {
      if (content !== null) return false
      const bytes = readAll(path, feed, isPlain ? stamp.sizeBytes : stamp.sizeBytes * 4, sizes?.maxLineBytes)
      if (isPlain) refuseCompressed(path, bytes.subarray(0, MAGIC_LENGTH))
      feed.checkUnchanged()
      content = bytes.toString('utf8')
      push([path, content])
      return false
    },
    place: () => (content === null ? null : { path, byteOffset: isPlain ? 0 : -1, line: 1 }),
    preview: (length = PREVIEW_LENGTH) => content?.slice(0, length) ?? null,
    close: () => feed.close(),
    get rowsRead() {
      return content === null ? 0 : 1
    },
    get bytesRead() {
      return feed.bytesRead
    },
  }
}

function readAll(path: string, feed: ByteFeed, guess: number, limit: number = constants.MAX_STRING_LENGTH): Buffer {
  // One byte more than expected, so that a right guess is seen to be the end.
  let bytes = Buffer.allocUnsafeSlow(Math.min(guess, limit) + 1)
  let filled = 0
  for (;;) {
    if (filled > limit) {
      const advice = 'Read it with textFile.'
      throw new DataError(`${shownPath(path)}: holds more than ${limit} bytes, too many for one string. ${advice}`)
    }
    if (filled === bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(2 * filled, limit) + 1)
      bytes.copy(larger)
      bytes = larger
    }
    const count = feed.read(bytes, filled, bytes.length - filled)
    if (count === 0) return bytes.subarray(0, filled)
    filled += count
  }
}

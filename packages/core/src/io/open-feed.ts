/** Opens a file of any compression as a feed of its bytes: what every reader of text begins with. */
import type { Compression, FileStamp } from '../plan/source.ts'
import { openBunzip2 } from './bunzip2.ts'
import { type ByteFeed, openFile } from './byte-feed.ts'
import { openGunzip, openUnzstd } from './native-decompressor.ts'

/**
 * @param start a byte offset, in a compressed file 0
 * @throws DataError if the file is not what it was when it was listed, or can't be read
 */
export function openFeed(path: string, stamp: FileStamp, compression: Compression, start: number = 0): ByteFeed {
  const file = openFile(path, stamp, start)
  switch (compression) {
    case 'none':
      return file
    case 'gzip':
      return openGunzip(path, file)
    case 'zstd':
      return openUnzstd(path, file)
    case 'bzip2':
      return openBunzip2(path, file)
  }
}

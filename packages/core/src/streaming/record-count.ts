/** Counts records: the lines of what programs read and wrote, by reading it once more. A last line without an end is one. */
import { chunksOf } from './feed.ts'
import { type Piece, wholePieceOf } from './piece.ts'

const NEWLINE = 0x0a

/** @throws DataError for a piece that cannot be read, or has changed since it was listed */
export async function recordsIn(source: readonly Piece[] | string | null): Promise<number> {
  if (source === null) return 0
  if (typeof source === 'string') return newlinesIn(Buffer.from(source))
  let count = 0
  for (const piece of source) {
    let last = NEWLINE
    for await (const chunk of chunksOf(piece)) {
      count += newlinesIn(chunk)
      last = chunk.at(-1) ?? NEWLINE
    }
    if (last !== NEWLINE) count++
  }
  return count
}

export function recordsInFile(path: string): Promise<number> {
  return recordsIn([wholePieceOf(path)])
}

function newlinesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}

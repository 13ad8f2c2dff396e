/**
 * Line ends: LF, CR LF, and a CR alone; U+2028 and the rest are text. In UTF-8 their bytes never occur inside another
 * character, so they are searched as bytes and only whole lines are decoded.
 */
const LF = 10
const CR = 13

/**
 * The index after the first line end at or after `from` in `buffer[0, filled)`.
 * -1 when there is none, or when a CR comes last and more bytes may tell whether an LF belongs to it.
 */
export function afterFirstLineEnd(buffer: Buffer, from: number, filled: number, isEnd: boolean): number {
  const bytes = buffer.subarray(from, filled)
  const lf = bytes.indexOf(LF)
  const cr = (lf < 0 ? bytes : bytes.subarray(0, lf)).indexOf(CR)
  if (cr < 0) return lf < 0 ? -1 : from + lf + 1
  if (lf === cr + 1) return from + lf + 1
  return cr + 1 < bytes.length || isEnd ? from + cr + 1 : -1
}

/** The index after the last line end in `buffer[from, filled)`, which more bytes may follow; -1 when there is none. */
export function afterLastLineEnd(buffer: Buffer, from: number, filled: number): number {
  const lf = buffer.subarray(from, filled).lastIndexOf(LF)
  // A CR at the very end is not known to be a line end of its own.
  const rest = from + lf + 1
  const cr = rest < filled - 1 ? buffer.subarray(rest, filled - 1).lastIndexOf(CR) : -1
  if (cr >= 0) return rest + cr + 1
  return lf < 0 ? -1 : rest
}

/** Bytes at the end that have to be searched again when more are read: a CR. */
export function unsettled(buffer: Buffer, filled: number): number {
  return filled > 0 && buffer[filled - 1] === CR ? 1 : 0
}

/** How many lines end in the bytes. */
export function countLineEnds(bytes: Buffer): number {
  let count = 0
  for (let at = 0; at < bytes.length; count++) {
    const next = afterFirstLineEnd(bytes, at, bytes.length, true)
    if (next < 0) break
    at = next
  }
  return count
}

/** The index at which line number `line` (from 0) of `buffer[from, filled)` begins. */
export function startOfLine(buffer: Buffer, from: number, filled: number, line: number): number {
  let at = from
  for (let left = line; left > 0; left--) at = afterFirstLineEnd(buffer, at, filled, true)
  return at
}

/**
 * A line cutter: bytes in pieces of any size, whole lines out.
 * Lines end at '\n' or '\r\n'; a last line without an end counts when it isn't empty. Bytes that are not UTF-8 become U+FFFD.
 */

export interface LineCutter {
  /** Pushes the lines that this piece completes; false once `push` refused one. */
  write(bytes: Buffer): boolean
  /** Pushes the last line, if it has no end of its own. */
  end(): boolean
}

const NEWLINE = 0x0a

/** Pieces are decoded only up to their last '\n', a byte that is never part of another character. */
export function createLineCutter(push: (line: string) => boolean): LineCutter {
  // The beginning of a line whose end has not come yet: a list, so that a long line is joined once.
  let held: Buffer[] = []
  let isOpen = true

  const join = (last: Buffer): string => {
    const text = (held.length === 0 ? last : Buffer.concat([...held, last])).toString('utf8')
    held = []
    return text
  }

  return {
    write(bytes) {
      if (!isOpen) return false
      const end = bytes.lastIndexOf(NEWLINE)
      if (end >= 0) isOpen = pushLines(join(bytes.subarray(0, end + 1)), push)
      if (end + 1 < bytes.length) held.push(bytes.subarray(end + 1))
      return isOpen
    },
    end() {
      if (isOpen && held.length > 0) isOpen = push(join(Buffer.alloc(0)))
      return isOpen
    },
  }
}

/** `text` ends in '\n'. */
function pushLines(text: string, push: (line: string) => boolean): boolean {
  let start = 0
  while (start < text.length) {
    const newline = text.indexOf('\n', start)
    const end = newline > start && text[newline - 1] === '\r' ? newline - 1 : newline
    if (!push(text.slice(start, end))) return false
    start = newline + 1
  }
  return true
}

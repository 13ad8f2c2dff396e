/** What a terminal shows after some output: as much of one as progress bars need. Without spaces and empty lines at the ends. */

/** A control sequence, a control character or text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it reads
// oxlint-disable-next-line eslint/no-control-regex -- likewise
const PIECES = /\x1b\[(\??[\d;]*)([A-Za-z])|[\r\n]|[^\x1b\r\n]+/g

export function screenOf(output: string): readonly string[] {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  const put = (line: string): void => {
    lines[row] = line.trimEnd()
  }
  for (const [piece, parameter = '', command] of output.matchAll(PIECES)) {
    const line = lines[row] ?? ''
    if (command !== undefined) {
      const count = Number(parameter) || 1
      if (command === 'A') row = Math.max(0, row - count)
      else if (command === 'B') row += count
      else if (command === 'G') column = count - 1
      else if (command === 'K') put(parameter === '2' ? '' : line.slice(0, column))
      // Modes (h, l) and colours (m) show nothing.
      else if (!'hlm'.includes(command)) throw new Error(`the screen does not know ${JSON.stringify(piece)}`)
    } else if (piece === '\r') {
      column = 0
    } else if (piece === '\n') {
      row++
    } else {
      put(line.padEnd(column).slice(0, column) + piece + line.slice(column + piece.length))
      column += piece.length
    }
    while (lines.length <= row) lines.push('')
  }
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
}

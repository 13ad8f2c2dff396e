/** Changes to a function's text that keep every other character where it was, so that stacks stay right. */
import type { ParsedFunction } from './parser.ts'

/** Replaces `[start, end)` of the parsed code; the replacement is padded to the length of what it replaces. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The function's text with the edits made. */
export function editText(parsed: ParsedFunction, edits: readonly TextEdit[]): string {
  const textEnd = parsed.code.length - parsed.textStart
  let out = ''
  let at = parsed.textStart
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    if (edit.start < at) continue
    const replaced = parsed.code.slice(edit.start, edit.end)
    out += parsed.code.slice(at, edit.start) + edit.text + blank(replaced).slice(edit.text.length)
    at = edit.end
  }
  return out + parsed.code.slice(at, textEnd)
}

/** As many characters of white space, with the line ends kept. */
function blank(text: string): string {
  return text.replace(/[^\n\r\u2028\u2029]/g, ' ')
}

/** A name that the text does not contain, of the length given at least. */
export function unusedName(text: string, base: string): string {
  let name = base
  while (text.includes(name)) name = `${name}$`
  return name
}

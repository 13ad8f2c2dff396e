/**
 * The CSV parser (RFC 4180): the records of a text that begins and ends with whole ones. Quotes count at the start of a field only;
 * elsewhere they are characters. Lines without a character are skipped.
 */
import type { CsvDialect } from '../plan/csv-dialect.ts'

const LF = 10
const CR = 13

/** Takes the fields of a record and what is wrong with it; false says that no more are wanted. */
export type TakeRecord = (fields: string[], problem: string | null) => boolean

export class CsvParser {
  /** Where in the text the record begins that is being taken, and ends. */
  start = 0
  end = 0
  /** Line ends before that record, from the first text on. */
  line = 0
  #linesPassed = 0
  /** The last character of the text before. */
  #previous = 0
  readonly #quote: string
  readonly #quoteCode: number
  readonly #delimiterCode: number

  constructor({ quote, delimiter }: CsvDialect) {
    this.#quote = quote ?? ''
    this.#quoteCode = quote === null ? -1 : quote.charCodeAt(0)
    this.#delimiterCode = delimiter.charCodeAt(0)
  }

  /** Line ends passed so far. */
  get lines(): number {
    return this.#linesPassed
  }

  /** The text so far ends with a CR, to which an LF at the start of the next belongs. */
  get isAfterCr(): boolean {
    return this.#previous === CR
  }

  /** Gives each record to `take`; false when that refused one. */
  parse(text: string, take: TakeRecord): boolean {
    const { length } = text
    let at = 0
    let previous = this.#previous
    while (at < length) {
      const code = text.charCodeAt(at)
      if (code === LF || code === CR) {
        // The LF of a CR LF ends no line of its own.
        if (!(code === LF && previous === CR)) this.#linesPassed++
        previous = code
        at++
        continue
      }
      this.start = at
      this.line = this.#linesPassed
      const fields: string[] = []
      const problem = this.#parseRecord(text, fields)
      at = this.end
      previous = 0
      if (!take(fields, problem)) return false
    }
    this.#previous = previous
    return true
  }

  /** Reads the fields of the record at `start`, up to its line end. */
  #parseRecord(text: string, fields: string[]): string | null {
    const { length } = text
    const delimiter = this.#delimiterCode
    const quote = this.#quoteCode
    let problem: string | null = null
    let at = this.start
    for (;;) {
      let from = at
      let quoted: string | null = null
      if (at < length && text.charCodeAt(at) === quote) {
        quoted = this.#quotedField(text, at)
        at = this.end
        from = at
      }
      while (at < length) {
        const code = text.charCodeAt(at)
        if (code === delimiter || code === LF || code === CR) break
        at++
      }
      if (quoted === null) fields.push(text.slice(from, at))
      else {
        fields.push(quoted)
        if (at > from) problem ??= `text follows the closing quote of field ${fields.length}`
      }
      if (at >= length || text.charCodeAt(at) !== delimiter) break
      at++
    }
    this.end = at
    return problem
  }

  /** The field whose opening quote stands at `open`; `end` is set to the index after its closing quote. */
  #quotedField(text: string, open: number): string {
    const quote = this.#quote
    let hasQuotes = false
    let close = text.indexOf(quote, open + 1)
    while (close >= 0 && text.charCodeAt(close + 1) === this.#quoteCode) {
      hasQuotes = true
      close = text.indexOf(quote, close + 2)
    }
    const field = text.slice(open + 1, close < 0 ? text.length : close)
    this.end = close < 0 ? text.length : close + 1
    if (field.includes('\n') || field.includes('\r')) this.#linesPassed += field.match(/\r\n|\r|\n/g)?.length ?? 0
    return hasQuotes ? field.replaceAll(quote + quote, quote) : field
  }
}

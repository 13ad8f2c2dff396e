/** Options of CSV that reading and writing share, checked when the verb is called. */
import { refusal } from './arguments.ts'

/** @throws PlanError unless it is one ASCII character that no field or line needs for itself */
export function requireDelimiter(verb: string, delimiter: unknown): void {
  if (typeof delimiter === 'string' && delimiter.length === 1 && delimiter < '\x80' && !/["\r\n]/.test(delimiter))
    return
  throw refusal(
    verb,
    `the delimiter must be one ASCII character other than a quote or a line end, got ${JSON.stringify(delimiter)}`,
  )
}

/** @throws PlanError unless it is one ASCII character other than the delimiter */
export function requireQuote(verb: string, quote: unknown, delimiter: string): void {
  const isOne = typeof quote === 'string' && quote.length === 1 && quote < '\x80' && !/[\r\n]/.test(quote)
  if (isOne && quote !== delimiter) return
  throw refusal(
    verb,
    `the quote must be one ASCII character other than the delimiter, or null, got ${JSON.stringify(quote)}`,
  )
}

/** @throws PlanError unless they are names, each of them once */
export function requireColumns(verb: string, columns: readonly string[]): void {
  const wrong =
    !Array.isArray(columns) || columns.length === 0 || columns.some((name) => typeof name !== 'string')
      ? `columns must be a list of names, got ${JSON.stringify(columns)}`
      : columns.length > new Set(columns).size
        ? `the column ${JSON.stringify(columns.find((name, i) => columns.indexOf(name) < i))} is named twice`
        : null
  if (wrong !== null) throw refusal(verb, wrong)
}

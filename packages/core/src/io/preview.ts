/** A preview: the start of a value as text, on one line, for error messages. */
import { inspect } from 'node:util'
import { PREVIEW_LENGTH } from './row-source.ts'

export function previewOf(value: unknown, length: number = PREVIEW_LENGTH): string {
  if (typeof value === 'string') return value.slice(0, length)
  try {
    const text = inspect(value, { depth: 3, breakLength: Number.POSITIVE_INFINITY, maxStringLength: length })
    return text.slice(0, length)
  } catch {
    return typeof value // A getter or a Proxy that throws.
  }
}

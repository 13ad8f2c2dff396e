/**
 * Places in what was typed. Types are removed before an input runs, which moves its text about: an error names places in what ran, and
 * is shown with those in what the user typed.
 */
import { SourceMap, type SourceMapPayload } from 'node:module'

export interface Places {
  /** Remembers the source map of the input with this name. */
  learn(name: string, map: SourceMapPayload): void
  /** A text with its places of inputs, `REPL2:1:5`, replaced. */
  typed(text: string): string
}

export function openPlaces(): Places {
  const maps = new Map<string, SourceMap>()
  return {
    learn(name, map) {
      maps.set(name, new SourceMap(map))
    },
    typed(text) {
      return text.replace(/\b(REPL\d+):(\d+):(\d+)/g, (place, name: string, line: string, column: string) => {
        const entry = maps.get(name)?.findEntry(Number(line) - 1, Number(column) - 1)
        if (entry === undefined || !('originalLine' in entry)) return place
        return `${name}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
      })
    },
  }
}

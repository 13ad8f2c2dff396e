/**
 * A scan program: the first steps of a chain, as what they compute from the columns of a JSON line. It only ever proves things of a row:
 * that the steps drop it, or what they give. A row of which it proves nothing runs again, from its text, through the user's functions.
 */
import type { Expression } from './expression.ts'
import type { ScanGroup } from './group.ts'
import type { ScanLine } from './line.ts'

export interface ScanProgram {
  /** The operator of the stage whose first steps these are. */
  readonly operator: number
  /** How many steps. */
  readonly stepCount: number
  /**
   * Where the lines are not JSON but are cut into words, by which of the steps, a `flatMap`, or before all of them, -1, where each line is a word:
   * the words are rows of one column. Else null.
   */
  readonly words: { readonly separator: string; readonly step: number } | null
  readonly columns: readonly ScanColumn[]
  readonly matches: readonly ScanMatch[]
  /** In the order of the steps. */
  readonly checks: readonly ScanCheck[]
  /** What the steps give. */
  readonly value: Expression
  /**
   * Where that comes from: nobody asks (`nothing`), the columns alone (`columns`), the whole row besides (`row`), or only the user's
   * functions (`text`).
   */
  readonly gives: 'nothing' | 'columns' | 'row' | 'text'
  /** What the stage writes for the value, where that is a line that can be made of columns; then nobody else takes the value. */
  readonly line: ScanLine | null
  /** How the pairs that the steps give are combined by the step behind them, where that can be done from columns; then only what is left goes there. */
  readonly group: ScanGroup | null
  /** Functions that must still be the engine's own. */
  readonly builtins: readonly string[]
}

export interface ScanColumn {
  readonly path: readonly string[]
  /** The type for which the fast code is made; rows of another take more general code. */
  readonly expects: 'number' | 'string' | 'any'
}

/** In place of a column: the line itself. */
export const WHOLE_LINE = -1

/** A comparison of a string column, or the line, with a constant, made for many rows at once. */
export interface ScanMatch {
  readonly column: number
  readonly kind: '===' | 'startsWith' | 'endsWith' | 'includes'
  readonly text: string
}

export type ScanCheck =
  /** False: the row is dropped. */
  | { readonly op: 'filter'; readonly test: Expression }
  /** Evaluated because it may throw. */
  | { readonly op: 'evaluate'; readonly value: Expression }

/** What became of a step: `why` it runs in V8, null when it is compiled. */
export interface StepReport {
  readonly node: number
  readonly why: string | null
}

/** How the code that is made from a scan program spells the fields of a row: by the kernel's columns. */
import { matchOf } from '../compile/columns.ts'
import { type Expression, isOptionalPath, pathOf } from '../compile/expression.ts'
import { BAIL, OPTIONAL_MEMBER, optionalMember } from '../compile/print.ts'
import type { ScanColumn, ScanProgram } from '../compile/scan.ts'
import { type Kernel, Tag } from '../kernel/kernel.ts'

/** Says that a column does not tell what the field is. Thrown and caught by generated code only. */
const UNKNOWN = new Error('a field is not what compiled code can tell')

function bail(): never {
  throw UNKNOWN
}

/** The engine's own, taken before any code of the user's runs in this thread. */
const ownParse = JSON.parse

export function columnOf(columns: readonly ScanColumn[], path: readonly string[]): number {
  const key = JSON.stringify(path)
  return columns.findIndex((column) => JSON.stringify(column.path) === key)
}

/** How generated code spells the fields of a row, and what it needs for that. */
export class Names {
  readonly #kernel: Kernel
  readonly #columns: readonly ScanColumn[]
  readonly #matches: ScanProgram['matches']

  constructor(kernel: Kernel, columns: readonly ScanColumn[], scan: ScanProgram) {
    this.#kernel = kernel
    this.#columns = columns
    this.#matches = scan.matches
  }

  /** For regular rows, where columns of numbers hold numbers and those of strings plain strings. */
  readonly fast = (e: Expression): string | undefined => {
    const match = this.#match(e)
    if (match !== undefined) return match
    const typed = this.#typeOf(e, true)
    if (typed !== undefined) return typed
    const path = pathOf(e)
    if (path === null) return undefined
    const column = columnOf(this.#columns, path)
    return this.#columns[column]?.expects === 'number' ? `numbers${column}[i]` : this.column(column, isOptionalPath(e))
  }

  /** For all rows. Of these the kernel compares only whole lines: their fields may be of any type. */
  readonly general = (e: Expression): string | undefined => {
    const match = matchOf(e)?.path.length === 0 ? this.#match(e) : undefined
    if (match !== undefined) return match
    const typed = this.#typeOf(e, false)
    if (typed !== undefined) return typed
    const path = pathOf(e)
    return path === null ? undefined : this.column(columnOf(this.#columns, path), isOptionalPath(e))
  }

  #match(e: Expression): string | undefined {
    const match = matchOf(e)
    if (match === null) return undefined
    const column = columnOf(this.#columns, match.path)
    const mask = this.#matches.findIndex((m) => m.column === column && m.kind === match.kind && m.text === match.text)
    const isNegated = e.op === 'binary' && e.sign.startsWith('!')
    return mask < 0 ? undefined : `(match${mask}[i] === ${isNegated ? 0 : 1})`
  }

  /** The type of a field, for which its text need not be read. */
  #typeOf(e: Expression, isRegular: boolean): string | undefined {
    const path = e.op === 'unary' && e.sign === 'typeof' ? pathOf(e.of) : null
    if (e.op !== 'unary' || path === null) return undefined
    const column = columnOf(this.#columns, path)
    const expects = this.#columns[column]?.expects
    if (isRegular && expects !== 'any') return `'${expects}'`
    const read = `${isOptionalPath(e.of) ? 'optional' : 'field'}${column}(i)`
    return `(tags${column}[i] === ${Tag.string} ? 'string' : typeof ${read})`
  }

  column(column: number, isOptional: boolean): string {
    return `(tags${column}[i] === ${Tag.number} ? numbers${column}[i] : ${isOptional ? 'optional' : 'field'}${column}(i))`
  }

  values(): Record<string, unknown> {
    const kernel = this.#kernel
    const values: Record<string, unknown> = { [OPTIONAL_MEMBER]: optionalMember, [BAIL]: bail }
    for (const [i, { path }] of this.#columns.entries()) {
      values[`numbers${i}`] = kernel.numbers(i)
      values[`tags${i}`] = kernel.tags(i)
      values[`field${i}`] = fieldReader(kernel, i, path, false)
      values[`optional${i}`] = fieldReader(kernel, i, path, path.length > 1)
    }
    for (const i of this.#matches.keys()) values[`match${i}`] = kernel.matches(i)
    return values
  }
}

/** Reads a field of any type. */
function fieldReader(
  kernel: Kernel,
  column: number,
  path: readonly string[],
  isOptional: boolean,
): (row: number) => unknown {
  const tags = kernel.tags(column)
  const numbers = kernel.numbers(column)
  const texts = kernel.texts(column)
  const name = path.at(-1) ?? ''
  const textOf = (row: number, quotes: number): string => {
    const from = texts[2 * row] ?? 0
    return kernel.text(from - quotes, from + (texts[2 * row + 1] ?? 0) + quotes)
  }
  return (row) => {
    switch (tags[row]) {
      case Tag.number:
        return numbers[row]
      case Tag.string:
        return textOf(row, 0)
      case Tag.true:
        return true
      case Tag.false:
        return false
      case Tag.null:
        return null
      case Tag.missing:
        // The user's code may have given all objects such a field.
        if (name in Object.prototype) throw UNKNOWN
        return undefined
      case Tag.escaped:
        return ownParse(textOf(row, 1))
      case Tag.longNumber:
        return Number(textOf(row, 0))
      case Tag.nullishParent:
        if (isOptional) return undefined
        throw UNKNOWN
      default:
        throw UNKNOWN
    }
  }
}

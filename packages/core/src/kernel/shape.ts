/**
 * A shape: what rows that come from the same place have in common, taken from one valid row: the runs of bytes between its values,
 * with a hole for each value. Objects are part of the runs, so their fields are holes; an array is one hole.
 */
import type { Path } from './kernel.ts'

/** A run and the hole behind it, for the columns that are asked for. Masks have one bit for each column. */
export interface ShapeNode {
  readonly literal: Buffer
  /** The column of the hole, SKIP for a value nobody asks for, END behind the last value. */
  readonly column: number
  /** Columns of fields that the value in the hole would have if it were an object; at END columns that are missing. */
  readonly children: number
  /** At END: columns whose parent is missing. */
  readonly nested: number
  /** At END: columns that are objects. */
  readonly objects: number
  /** At END: the shape's number. */
  readonly shape: number
}

const SKIP = -1
export const END = -2

/** Longer rows are read key by key: their runs would fill the trie. */
const MAX_BYTES = 8192

export interface Field {
  readonly name: string
  readonly type: 'number' | 'string' | 'literal' | 'nested'
}

interface Hole {
  readonly literal: Buffer
  readonly path: Path
}

export class Shape {
  /** The fields of the row itself, in order. */
  readonly fields: readonly Field[]
  readonly #holes: readonly Hole[]
  readonly #tail: Buffer
  /** The paths of all objects, as JSON. */
  readonly #objects: ReadonlySet<string>

  constructor(parts: { fields: readonly Field[]; holes: readonly Hole[]; tail: Buffer; objects: ReadonlySet<string> }) {
    this.fields = parts.fields
    this.#holes = parts.holes
    this.#tail = parts.tail
    this.#objects = parts.objects
  }

  nodesFor(paths: readonly Path[], shape: number): readonly ShapeNode[] {
    const none = { children: 0, nested: 0, objects: 0, shape: 0 }
    const nodes = this.#holes.map(({ literal, path }) => {
      const column = paths.findIndex((wanted) => isSame(wanted, path))
      const children = maskOf(
        paths,
        (wanted) => wanted.length > path.length && isSame(wanted.slice(0, path.length), path),
      )
      return { ...none, literal, column: column < 0 ? SKIP : column, children }
    })
    const isHole = (path: Path): boolean => this.#holes.some((hole) => isSame(hole.path, path))
    const isObject = (path: Path): boolean => this.#objects.has(JSON.stringify(path))
    /** Whether something else than an object stands on the way: then its hole says what the column is. */
    const isBehindHole = (path: Path): boolean => path.some((_, i) => i > 0 && isHole(path.slice(0, i)))
    const absent = (path: Path): boolean => !isHole(path) && !isObject(path) && !isBehindHole(path)
    return [
      ...nodes,
      {
        literal: this.#tail,
        column: END,
        children: maskOf(paths, (path) => absent(path) && isObject(path.slice(0, -1))),
        nested: maskOf(paths, (path) => absent(path) && !isObject(path.slice(0, -1))),
        objects: maskOf(paths, isObject),
        shape,
      },
    ]
  }
}

/**
 * The shape of one row with its LF; null when it is not one valid JSON object on one line, or has a key twice.
 */
export function shapeOf(row: Buffer): Shape | null {
  if (row.length > MAX_BYTES) return null
  const text = row.toString('utf8')
  // Different invalid bytes decode to the same key; a CR within the row ends a line.
  if (text.includes('\ufffd') || /\r(?!\n)/.test(text)) return null
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  return new Reader(row).read()
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Walks a row that is known to be valid. */
class Reader {
  readonly #row: Buffer
  readonly #fields: Field[] = []
  readonly #holes: Hole[] = []
  readonly #objects = new Set<string>()
  #at = 0
  /** Where the run began that ends at the next hole. */
  #from = 0
  #isPlain = true

  constructor(row: Buffer) {
    this.#row = row
  }

  read(): Shape | null {
    this.#space()
    if (this.#row[this.#at] !== OPEN_BRACE) return null
    this.#object([])
    if (!this.#isPlain) return null
    const tail = this.#row.subarray(this.#from)
    return new Shape({ fields: this.#fields, holes: this.#holes, tail: Buffer.from(tail), objects: this.#objects })
  }

  #object(path: Path): void {
    this.#objects.add(JSON.stringify(path))
    const seen = new Set<string>()
    this.#at++
    this.#space()
    if (this.#row[this.#at] === CLOSE_BRACE) {
      this.#at++
      return
    }
    for (;;) {
      this.#space()
      const start = this.#at
      this.#string()
      const key = JSON.parse(this.#row.toString('utf8', start, this.#at)) as string
      if (seen.has(key)) this.#isPlain = false
      seen.add(key)
      this.#space()
      this.#at++
      this.#space()
      this.#value([...path, key])
      this.#space()
      if (this.#row[this.#at++] === CLOSE_BRACE) return
    }
  }

  #value(path: Path): void {
    const first = this.#row[this.#at]
    const isObject = first === OPEN_BRACE
    if (path.length === 1) this.#fields.push({ name: path[0] ?? '', type: typeOf(first) })
    if (isObject) return this.#object(path)
    this.#holes.push({ literal: Buffer.from(this.#row.subarray(this.#from, this.#at)), path })
    if (first === QUOTE) this.#string()
    else if (first === OPEN_BRACKET) this.#array()
    else while (!isDelimiter(this.#row[this.#at])) this.#at++
    this.#from = this.#at
  }

  #string(): void {
    this.#at++
    while (this.#row[this.#at] !== QUOTE) this.#at += this.#row[this.#at] === BACKSLASH ? 2 : 1
    this.#at++
  }

  #array(): void {
    for (let depth = 0; ; ) {
      const c = this.#row[this.#at]
      if (c === QUOTE) {
        this.#string()
        continue
      }
      if (c === OPEN_BRACE || c === OPEN_BRACKET) depth++
      if (c === CLOSE_BRACE || c === CLOSE_BRACKET) depth--
      this.#at++
      if (depth === 0) return
    }
  }

  #space(): void {
    while (isSpace(this.#row[this.#at])) this.#at++
  }
}

function typeOf(first: number | undefined): Field['type'] {
  switch (first) {
    case QUOTE:
      return 'string'
    case OPEN_BRACE:
    case OPEN_BRACKET:
      return 'nested'
    case 0x74:
    case 0x66:
    case 0x6e:
      return 'literal'
    default:
      return 'number'
  }
}

function isSpace(c: number | undefined): boolean {
  return c === 0x20 || c === 0x09
}

function isDelimiter(c: number | undefined): boolean {
  return c === undefined || c <= 0x20 || c === 0x2c || c === CLOSE_BRACE || c === CLOSE_BRACKET
}

function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((key, i) => key === b[i])
}

function maskOf(paths: readonly Path[], test: (path: Path) => boolean): number {
  let mask = 0
  for (const [column, path] of paths.entries()) if (test(path)) mask |= 1 << column
  return mask >>> 0
}

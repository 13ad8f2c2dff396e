/**
 * The kernel: a small WebAssembly module that turns rows of JSON lines, read into its own memory, into typed columns. This is the
 * one file that talks to it. What it does and why it may be trusted stands in its sources, packages/core/kernel.
 */

import { isAscii } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { Groups } from './groups.ts'
import { keyLevels } from './levels.ts'
import type { Shape } from './shape.ts'
import { writeShape } from './trie.ts'
import { type WriterPart, writeWriter } from './writer.ts'

/** A field, by the keys that lead to it from the row. */
export type Path = readonly string[]

export const Verdict = { unusual: 0, regular: 1, irregular: 2 } as const

/** What a column holds in one row. From `object` on it can't say what the value is. */
export const Tag = {
  missing: 0,
  number: 1,
  string: 2,
  true: 3,
  false: 4,
  null: 5,
  escaped: 6,
  longNumber: 7,
  object: 8,
  noParent: 9,
  nullishParent: 10,
} as const

/** Comparisons of a string column with a constant. */
export const MATCHES = ['===', 'startsWith', 'endsWith', 'includes'] as const
export type MatchKind = (typeof MATCHES)[number]

export interface Layout {
  readonly TRIE: number
  readonly TRIE_END: number
  readonly KEYS: number
  readonly KEYS_END: number
  readonly EXPECTED: number
  readonly ABSENT: number
  readonly ROWS: number
  readonly VERDICTS: number
  readonly SHAPES: number
  readonly TAGS: number
  readonly TAG_STRIDE: number
  readonly MATCHES: number
  readonly WRITERS: number
  readonly WRITERS_END: number
  readonly WRITER_OF: number
  readonly SELECTED: number
  readonly LINES: number
  readonly LINES_END: number
  readonly COLUMNS: number
  readonly COLUMN_STRIDE: number
  readonly BUFFER: number
  readonly BUFFER_END: number
  readonly SLACK: number
  readonly MAX_ROWS: number
  readonly MAX_COLUMNS: number
  readonly MAX_LITERAL: number
  readonly MAX_MATCHES: number
  readonly MAX_GROUPS: number
  readonly GROUP_OF: number
  readonly GROUP_KEYS: number
  readonly GROUP_MARKS: number
  readonly GROUPS_END: number
}

/** What is used of WebAssembly: its types belong to the browser's library. */
interface WasmModule {
  readonly __module?: never
}
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (
    module: WasmModule,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
  readonly Global: new () => { readonly value: unknown }
}

export interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  scan(from: number, to: number, root: number, level: number, columns: number, maxRows: number): number
  scannedTo(): number
  firstMissed(): number
  write(from: number, count: number): number
  writtenTo(): number
  match(how: number, column: number, needle: number, size: number, mask: number, count: number): void
  words(from: number, to: number, separator: number, maxRows: number): number
  endedLines(): number
  hasWideSpace(from: number, to: number): number
  clearGroups(): void
  countGroups(): number
  group(column: number, isText: number, from: number, to: number): number
  stoppedFor(): number
  claim(at: number, length: number, isText: number): number
}

const PAGE_BYTES = 65_536

/** The longest text that is decoded before it is looked at. */
const SHORT_BYTES = 64

/** More shapes than these are read key by key: each costs a comparison. */
const MAX_SHAPES = 64

/** Beside the sources and beside the compiled files alike. */
const MODULE_URL = new URL('../../kernel/kernel.wasm', import.meta.url)
let compiled: WasmModule | null = null

export class Kernel {
  readonly layout: Layout
  /** All of the kernel's memory. It grows only before it is looked at, so views stay valid. */
  readonly memory: Buffer
  /** Where files are read to; `layout.SLACK` more bytes behind it may be written. */
  readonly buffer: Buffer
  /** Where each row of the last scan begins in `memory`, and behind them where the next one would. */
  readonly rows: Uint32Array
  readonly verdicts: Uint8Array
  /** The number of each row's shape, from 1; 0 when it has none. */
  readonly shapes: Uint8Array
  /** Where the writer for rows of each shape stands; 0 for none. */
  readonly writers: Uint32Array
  /** The rows to write, or to group. */
  readonly selected: Uint32Array
  readonly groups: Groups | null
  readonly #exports: Exports
  readonly #view: DataView
  #paths: readonly Path[] = []
  #level = 0
  #constants = 0
  #root = 0
  #shapeCount = 0
  #trieEnd = 0
  #writersEnd = 0

  /** @param hasGroups whether it numbers keys, for which it takes up to 85 MB more as they are used */
  constructor({ hasGroups = false }: { readonly hasGroups?: boolean } = {}) {
    compiled ??= new WebAssembly.Module(readFileSync(MODULE_URL))
    const exports = new WebAssembly.Instance(compiled, {}).exports
    // What the module exports is what its sources, which are built with it, declare.
    this.#exports = exports as unknown as Exports
    this.layout = Object.fromEntries(
      Object.entries(exports).flatMap(([name, value]) =>
        value instanceof WebAssembly.Global ? [[name, value.value as number]] : [],
      ),
    ) as unknown as Layout
    const { BUFFER, BUFFER_END, GROUPS_END, SLACK, ROWS, VERDICTS, SHAPES, MAX_ROWS, WRITER_OF, SELECTED } = this.layout
    const { memory } = this.#exports
    if (hasGroups) memory.grow((GROUPS_END - memory.buffer.byteLength) / PAGE_BYTES)
    const { buffer } = memory
    this.memory = Buffer.from(buffer)
    this.buffer = this.memory.subarray(BUFFER, BUFFER_END - SLACK)
    this.rows = new Uint32Array(buffer, ROWS, MAX_ROWS + 1)
    this.verdicts = new Uint8Array(buffer, VERDICTS, MAX_ROWS)
    this.shapes = new Uint8Array(buffer, SHAPES, MAX_ROWS)
    this.writers = new Uint32Array(buffer, WRITER_OF, MAX_SHAPES + 1)
    this.selected = new Uint32Array(buffer, SELECTED, MAX_ROWS)
    this.#view = new DataView(buffer)
    this.groups = hasGroups ? new Groups(this, this.#exports) : null
  }

  /** The doubles of a column. */
  numbers(column: number): Float64Array {
    const { COLUMNS, COLUMN_STRIDE, MAX_ROWS } = this.layout
    return new Float64Array(this.memory.buffer, COLUMNS + column * COLUMN_STRIDE, MAX_ROWS)
  }

  /** Where the texts of a column lie: offset and length of row `i` at `2 * i`. */
  texts(column: number): Uint32Array {
    const { COLUMNS, COLUMN_STRIDE, MAX_ROWS } = this.layout
    return new Uint32Array(this.memory.buffer, COLUMNS + column * COLUMN_STRIDE, 2 * MAX_ROWS)
  }

  tags(column: number): Uint8Array {
    const { TAGS, TAG_STRIDE, MAX_ROWS } = this.layout
    return new Uint8Array(this.memory.buffer, TAGS + column * TAG_STRIDE, MAX_ROWS)
  }

  matches(mask: number): Uint8Array {
    const { MATCHES, MAX_ROWS } = this.layout
    return new Uint8Array(this.memory.buffer, MATCHES + mask * MAX_ROWS, MAX_ROWS)
  }

  /**
   * Says what is asked for and forgets all shapes and writers. A row is regular when each column has its expected tag, 0 standing for any.
   * @returns false when there is no room for it
   */
  ask(paths: readonly Path[], expected: readonly number[]): boolean {
    const { MAX_COLUMNS, EXPECTED, ABSENT, KEYS, KEYS_END, TRIE, WRITERS } = this.layout
    if (paths.length > MAX_COLUMNS) return false
    const written = keyLevels(this.memory, this.#view, paths, KEYS, KEYS_END)
    if (written === null) return false
    this.#paths = paths
    this.#level = written.root
    this.#constants = written.end
    this.#root = 0
    this.#shapeCount = 0
    this.#trieEnd = TRIE
    this.#writersEnd = WRITERS
    this.writers.fill(0)
    for (const [column, path] of paths.entries()) {
      this.memory[EXPECTED + column] = expected[column] ?? 0
      this.memory[ABSENT + column] = path.length > 1 ? Tag.nullishParent : Tag.missing
    }
    return true
  }

  /** Puts a constant into the kernel's memory; returns where, or -1 when there is no room. It stays until the next `ask`. */
  hold(bytes: Buffer): number {
    const at = this.#constants
    // A comparison reads up to 15 bytes behind it.
    if (at + bytes.length + 16 > this.layout.KEYS_END) return -1
    bytes.copy(this.memory, at)
    this.#constants = at + bytes.length
    return at
  }

  /** Learns a shape; returns its number, or 0 when it is known or there is no room. */
  learn(shape: Shape): number {
    if (this.#shapeCount >= MAX_SHAPES) return 0
    const { MAX_LITERAL, TRIE_END } = this.layout
    const nodes = shape.nodesFor(this.#paths, this.#shapeCount + 1)
    if (nodes.some(({ literal }) => literal.length > MAX_LITERAL)) return 0
    const written = writeShape(this.memory, this.#view, nodes, {
      root: this.#root,
      end: this.#trieEnd,
      limit: TRIE_END,
    })
    if (written === null) return 0
    this.#root = written.root
    this.#trieEnd = written.end
    return ++this.#shapeCount
  }

  /** Holds how lines are made; returns where, for `writers`, or 0 when there is no room. */
  holdWriter(parts: readonly WriterPart[]): number {
    const at = this.#writersEnd
    const end = writeWriter(this.memory, this.#view, parts, at, this.layout.WRITERS_END)
    if (end === null) return 0
    this.#writersEnd = end
    return at
  }

  /**
   * Makes lines of the selected rows `[from, count)`, each by the writer of its shape, as far as there is room; returns the first that it
   * made none of. That is `from` when the row's line can't be made here.
   */
  write(from: number, count: number): number {
    return this.#exports.write(from, count)
  }

  /** The lines that `write` made, until it is called again. */
  get lines(): Buffer {
    return this.memory.subarray(this.layout.LINES, this.#exports.writtenTo())
  }

  get canLearn(): boolean {
    return this.#shapeCount < MAX_SHAPES
  }

  /** Scans rows of `memory[from, to)`, each ending with LF; returns how many, at most `maxRows`. */
  scan(from: number, to: number, maxRows: number): number {
    return this.#exports.scan(from, to, this.#root, this.#level, this.#paths.length, maxRows)
  }

  /**
   * Cuts `memory[from, to)`, lines without a CR that each end with LF, into words, the texts of column 0; returns how many, at most `maxRows`.
   * @param separator of ASCII; null for runs of whitespace, of which there is none outside of ASCII
   */
  words(from: number, to: number, separator: string | null, maxRows: number): number {
    return this.#exports.words(from, to, separator === null ? -1 : separator.charCodeAt(0), maxRows)
  }

  /** How many lines ended with the words that were cut last. */
  get endedLines(): number {
    return this.#exports.endedLines()
  }

  /** Whether there is whitespace that is not in ASCII. */
  hasWideSpace(from: number, to: number): boolean {
    return this.#exports.hasWideSpace(from, to) !== 0
  }

  /** The first row of the last scan whose shape was not known; -1 when there was none. */
  get firstMissed(): number {
    return this.#exports.firstMissed()
  }

  /** Compares the strings of a column in the first `count` rows with the constant at `needle`. */
  match(kind: MatchKind, column: number, needle: number, size: number, mask: number, count: number): void {
    this.#exports.match(MATCHES.indexOf(kind), column, needle, size, mask, count)
  }

  /** The text of `memory[from, to)`. */
  text(from: number, to: number): string {
    const { memory } = this
    if (to - from > SHORT_BYTES)
      return memory.toString(isAscii(memory.subarray(from, to)) ? 'latin1' : 'utf8', from, to)
    // Looking at the text costs less than making a view of the bytes.
    const text = memory.toString('latin1', from, to)
    return /[\x80-\xff]/.test(text) ? memory.toString('utf8', from, to) : text
  }
}

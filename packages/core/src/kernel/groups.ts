/** Groups by key: the kernel numbers selected rows by the keys of a column, which are all texts or all numbers. See group.ts in the kernel's sources. */
import { isAscii } from 'node:buffer'
import type { Exports, Kernel } from './kernel.ts'

export type Key = string | number

/** Texts are made so many at a time: a call for each takes longer than what is done with them. */
const DECODED_AT_ONCE = 256
const NOTHING = { from: 0, to: 0, start: 0, text: null }

/** Why rows were left: no room for another key, or a row whose key the kernel does not hold. */
export const Stop = { none: 0, full: 1, odd: 2 } as const

export class Groups {
  /** By the place of a selected row: its group. */
  readonly groupOf: Uint32Array
  /** 1 where the group was claimed. */
  readonly isClaimed: Uint8Array
  /** Where the key of a group lies, and its length. */
  readonly #keys: Uint32Array
  readonly #kernel: Kernel
  readonly #exports: Exports
  /** The keys in `[from, to)` as one text, from `start` in memory on; null where that is not all ASCII. */
  #decoded: { from: number; to: number; start: number; text: string | null } = NOTHING

  constructor(kernel: Kernel, exports: Exports) {
    const { GROUP_OF, GROUP_MARKS, GROUP_KEYS, MAX_ROWS, MAX_GROUPS } = kernel.layout
    const { buffer } = kernel.memory
    this.groupOf = new Uint32Array(buffer, GROUP_OF, MAX_ROWS)
    this.isClaimed = new Uint8Array(buffer, GROUP_MARKS, MAX_GROUPS)
    this.#keys = new Uint32Array(buffer, GROUP_KEYS, 2 * MAX_GROUPS)
    this.#kernel = kernel
    this.#exports = exports
  }

  clear(): void {
    this.#decoded = NOTHING
    this.#exports.clearGroups()
  }

  get count(): number {
    return this.#exports.countGroups()
  }

  /** Bytes of memory that the groups take, roughly. */
  get bytes(): number {
    const { count } = this
    const last = count - 1
    return count === 0 ? 0 : (this.#keys[2 * last] as number) - (this.#keys[0] as number) + 40 * count
  }

  /** Numbers the selected rows `[from, to)`; returns the first that got no number, of which `stop` says why. */
  find(column: number, isText: boolean, from: number, to: number): number {
    return this.#exports.group(column, Number(isText), from, to)
  }

  get stop(): number {
    return this.#exports.stoppedFor()
  }

  /**
   * Takes a key out of the kernel's hands: rows that have it are left from now on. Returns the group's number, which is made if need be; -1 when
   * there is no room.
   */
  claim(key: Key): number {
    const { memory, layout } = this.#kernel
    const { LINES, LINES_END } = layout
    if (typeof key === 'string') {
      if (3 * key.length + 16 > LINES_END - LINES) return -1
      return this.#exports.claim(LINES, memory.write(key, LINES, 'utf8'), 1)
    }
    // As the kernel spells them: one zero, one NaN.
    if (Number.isNaN(key)) memory.writeBigUInt64LE(0x7ff8000000000000n, LINES)
    else memory.writeDoubleLE(key === 0 ? 0 : key, LINES)
    return this.#exports.claim(LINES, 8, 0)
  }

  keyAt(group: number, isText: boolean): Key {
    const from = this.#keys[2 * group] as number
    if (!isText) return this.#kernel.memory.readDoubleLE(from)
    if (group < this.#decoded.from || group >= this.#decoded.to) this.#decode(group)
    const end = from + (this.#keys[2 * group + 1] as number)
    const { text, start } = this.#decoded
    // Keys that are asked for one after another lie side by side.
    return text === null ? this.#kernel.text(from, end) : text.substring(from - start, end - start)
  }

  #decode(from: number): void {
    const to = Math.min(from + DECODED_AT_ONCE, this.count)
    const start = this.#keys[2 * from] as number
    const end = (this.#keys[2 * to - 2] as number) + (this.#keys[2 * to - 1] as number)
    const bytes = this.#kernel.memory.subarray(start, end)
    this.#decoded = { from, to, start, text: isAscii(bytes) ? bytes.toString('latin1') : null }
  }
}

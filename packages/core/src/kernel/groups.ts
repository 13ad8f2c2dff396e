/** Groups by key: the kernel numbers selected rows by the keys of a column, which are all texts or all numbers. See group.ts in the kernel's sources. */
import type { Exports, Kernel } from './kernel.ts'

export type Key = string | number

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
    if (isText) return this.#kernel.text(from, from + (this.#keys[2 * group + 1] as number))
    return this.#kernel.memory.readDoubleLE(from)
  }
}

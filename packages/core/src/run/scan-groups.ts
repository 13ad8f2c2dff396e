/**
 * Groups while rows are scanned: the kernel numbers keys, and one generated loop combines the numbers of each group. Rows that this can't be
 * done with run through the user's functions, and their pairs are combined by them: so each key is held by one of both, and moves from the kernel to V8
 * with what it has when such a row comes. In the end all go, in the order in which keys first came, to the table that they would have gone to row by row.
 */
import { compileFunction } from 'node:vm'
import { type Expression, pathOf, valueOf } from '../compile/expression.ts'
import type { ScanGroup } from '../compile/group.ts'
import { print } from '../compile/print.ts'
import type { ScanProgram } from '../compile/scan.ts'
import { Stop } from '../kernel/groups.ts'
import { type Kernel, Tag } from '../kernel/kernel.ts'
import { requirePair } from '../plan/pair.ts'
import { isComposite } from '../shuffle/key.ts'
import type { GroupTarget } from './rows.ts'
import type { BatchState } from './scan-code.ts'
import { replaySelected } from './scan-lines.ts'
import { columnOf } from './scan-names.ts'

/** Keys that V8 holds beside those of the kernel. With more, V8 holds all. */
const MOST_ODD = 4096
const FIRST_GROUPS = 1024
/** What no column holds. */
const NO_TAG = 255

/** A group that V8 holds. */
interface OddGroup {
  readonly key: unknown
  combined: unknown
  /** How many groups the kernel had when this one came: its place in their order. */
  readonly place: number
}

interface Combining {
  /** Combines the values of the selected rows `[from, to)`, whose groups are known. `known` groups had some before; returns how many have now. */
  readonly combine: (from: number, to: number, known: number, totals: readonly Float64Array[]) => number
  /** What a group has. */
  readonly make: (group: number, totals: readonly Float64Array[]) => unknown
}

export class ScanGroups {
  /** The column of the keys, and their tag where all have the same; else null. */
  readonly keyColumn: number
  readonly allTag: number | null
  /** The tag of the keys that the kernel holds in this task, in its only place; NO_TAG before the first. */
  readonly keyTag: Uint8Array
  readonly #kernel: Kernel
  readonly #builtins: readonly string[]
  readonly #combining: Combining
  readonly #state: BatchState
  /** The numbers that groups have, by their index and the group's number. */
  readonly #totals: Float64Array<ArrayBuffer>[]
  #known = 0
  #odd = new Map<unknown, OddGroup>()
  #target: GroupTarget | null = null
  /** Whether groups are read from here still. */
  #isLent = false
  #whenFree: (() => void) | null = null

  constructor(kernel: Kernel, scan: ScanProgram & { readonly group: ScanGroup }, state: BatchState) {
    const { group, columns, builtins } = scan
    this.#kernel = kernel
    this.#builtins = builtins
    this.#state = state
    const path = pathOf(group.key)
    const computed = columns.length
    this.keyColumn = path === null ? computed : columnOf(columns, path)
    const valueColumn = path === null ? computed + 1 : computed
    this.allTag = path === null ? Tag.number : group.key.op === 'word' ? Tag.string : null
    this.keyTag = new Uint8Array(1)
    this.#totals = 'constant' in group.combine ? [] : group.combine.first.map(() => new Float64Array(FIRST_GROUPS))
    this.#combining = combiningOf(kernel, group, valueColumn)
  }

  /** What is computed for each row: columns behind those of the program. */
  static computed({ key, values }: ScanGroup): readonly Expression[] {
    return pathOf(key) === null ? [key, ...values] : values
  }

  /** For a task whose groups go to `target`. */
  start(target: GroupTarget): void {
    this.#target = target
    this.#isLent = false
    this.#odd.clear()
    this.#known = 0
    this.#groups.clear()
    this.keyTag[0] = this.allTag ?? NO_TAG
  }

  /** Whether the kernel holds groups still: else V8 does, and pairs go to the target. */
  get isOn(): boolean {
    return this.#target !== null
  }

  /** The tag of the first key decides which the kernel holds. */
  adopt(tag: number): boolean {
    if (this.keyTag[0] !== NO_TAG || (tag !== Tag.string && tag !== Tag.number)) return false
    this.keyTag[0] = tag
    return true
  }

  /** Combines the selected rows. @returns false when not all that follows may run like this */
  take(count: number): boolean {
    const state = this.#state
    for (let at = 0; at < count; ) {
      const end = this.isOn && !state.isBroken ? this.#takeSome(at, count) : at
      if (end === count) return this.isOn && !state.isBroken
      if (this.isOn && this.#groups.stop === Stop.full) this.finish()
      if (!replaySelected(state, this.#kernel.selected[end] as number, this.#builtins)) return false
      at = end + 1
    }
    return this.isOn && !state.isBroken
  }

  /** Takes a pair that the user's functions gave, where the kernel holds groups. */
  push(row: unknown): boolean {
    const target = this.#target
    if (target === null) throw new Error('the kernel holds no groups')
    target.enter()
    requirePair('combining by key', row)
    const [key, value] = row
    if (isComposite(key) || this.#odd.size >= MOST_ODD || !this.#claim(key)) {
      this.finish()
      return target.add(row)
    }
    const odd = this.#odd.get(key)
    if (odd !== undefined) odd.combined = target.fold.add(odd.combined, value, 0)
    else this.#odd.set(key, { key, combined: target.fold.create(value, 0), place: this.#groups.count })
    return true
  }

  /** For the end of a task: gives all groups to the target, from where they are if that may be. */
  end(): void {
    const target = this.#target
    if (target === null || this.#odd.size > 0) return this.finish()
    const groups = this.#groups
    const { count } = groups
    const isText = this.keyTag[0] === Tag.string
    this.#isLent = target.lend({
      count,
      pairAt: (group) => [groups.keyAt(group, isText), this.#combining.make(group, this.#totals)],
      release: () => {
        this.#isLent = false
        this.#whenFree?.()
        this.#whenFree = null
      },
    })
    if (this.#isLent) this.#target = null
    else this.finish()
  }

  /** Calls back when nobody reads groups here any more. */
  whenFree(then: () => void): void {
    if (this.#isLent) this.#whenFree = then
    else then()
  }

  /** Gives all groups to the target, which takes pairs from then on. */
  finish(): void {
    const target = this.#target
    if (target === null) return
    this.#target = null
    const isText = this.keyTag[0] === Tag.string
    const odd = [...this.#odd.values()].sort((a, b) => a.place - b.place)
    let next = 0
    const { isClaimed, count } = this.#groups
    for (let group = 0; group <= count; group++) {
      for (let o = odd[next]; o !== undefined && o.place <= group; o = odd[++next]) target.put(o.key, o.combined)
      if (group === count || isClaimed[group] === 1) continue
      target.put(this.#groups.keyAt(group, isText), this.#combining.make(group, this.#totals))
    }
    this.#odd.clear()
  }

  get #groups(): NonNullable<Kernel['groups']> {
    const { groups } = this.#kernel
    if (groups === null) throw new Error('a kernel without groups')
    return groups
  }

  /** Takes selected rows as far as the kernel holds their keys. */
  #takeSome(from: number, to: number): number {
    const groups = this.#groups
    const end = groups.find(this.keyColumn, this.keyTag[0] === Tag.string, from, to)
    const { count } = groups
    for (const [i, totals] of this.#totals.entries()) if (count > totals.length) this.#totals[i] = grown(totals, count)
    this.#known = this.#combining.combine(from, end, this.#known, this.#totals)
    if (end === to && groups.bytes > (this.#target?.mostBytes ?? 0)) this.finish()
    return end
  }

  /** Makes a key V8's, with what the kernel has for it. False when there is no room. */
  #claim(key: unknown): boolean {
    this.adopt(typeof key === 'string' ? Tag.string : typeof key === 'number' ? Tag.number : NO_TAG)
    const isHeld = this.keyTag[0] === Tag.string ? typeof key === 'string' : typeof key === 'number'
    if (!isHeld || this.#odd.has(key)) return true
    const { count } = this.#groups
    const group = this.#groups.claim(key as string | number)
    if (group < 0) return false
    if (group < count) {
      const combined = this.#combining.make(group, this.#totals)
      // Behind those that came when there were as many groups as came before this one.
      this.#odd.set(key, { key, combined, place: group + 0.5 })
    } else this.#known = count + 1
    return true
  }
}

function combiningOf(kernel: Kernel, { values, combine }: ScanGroup, column: number): Combining {
  if ('constant' in combine) {
    const value = valueOf(combine.constant)
    return { combine: (_from, _to, known) => known, make: () => value }
  }
  const { shape, first, then } = combine
  const code = (e: Expression): string => print(e, () => undefined)
  const lines = (line: (e: Expression, i: number) => string, of: readonly Expression[] = first): string =>
    of.map(line).join(' ')
  const made = first.map((_, i) => `totals[${i}][group]`)
  const value =
    shape === 'number'
      ? made[0]
      : shape === 'array'
        ? `[${made.join(', ')}]`
        : `{ ${shape.map((name, i) => `${JSON.stringify(name)}: ${made[i]}`).join(', ')} }`
  const text = `'use strict';
return {
  combine(from, to, known, totals) {
    ${lines((_, i) => `const totals${i} = totals[${i}];`)}
    for (let k = from; k < to; k++) {
      const group = groupOf[k];
      ${lines((_, i) => `const later${i} = values[${i}][selected[k]];`, values)}
      if (group === known) {
        ${lines((e, i) => `totals${i}[group] = ${code(e)};`)}
        known++;
      } else {
        ${lines((_, i) => `const soFar${i} = totals${i}[group];`)}
        ${lines((e, i) => `const next${i} = ${code(e)};`, then)}
        ${lines((_, i) => `totals${i}[group] = next${i};`)}
      }
    }
    return known;
  },
  make(group, totals) { return ${value} },
}`
  const given = {
    groupOf: kernel.groups?.groupOf,
    selected: kernel.selected,
    values: values.map((_, i) => kernel.numbers(column + i)),
  }
  // Written above.
  return compileFunction(text, Object.keys(given), { filename: 'kindling:groups' })(
    ...Object.values(given),
  ) as Combining
}

function grown(totals: Float64Array<ArrayBuffer>, count: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(Math.max(2 * totals.length, count))
  larger.set(totals)
  return larger
}

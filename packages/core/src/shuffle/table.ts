/**
 * A table of groups: for each key what its values were combined to. It is written to disk when it takes more memory than it may: sorted by
 * the keys' hash, so that the runs can be merged group by group. Whatever is combined is combined in the order in which rows came.
 */
import { compareNumbers } from '../plan/order.ts'
import { type Combined, type Fold, type Listing, mergeCombined, openCombined } from './combined.ts'
import { CursorMerge, cursorOf } from './cursor.ts'
import { openHeapWatch } from './heap-watch.ts'
import { hashKey, isComposite, keyText } from './key.ts'
import { KeyIndex } from './key-index.ts'
import { SizeEstimate, sizeOf } from './size.ts'
import { sortPairs } from './sort.ts'
import { Spill } from './spill.ts'
import type { Workspace } from './workspace.ts'

/** Groups that somebody else holds, one for each key, until the last was pushed. */
export interface LentGroups {
  readonly count: number
  pairAt(number: number): readonly [unknown, unknown]
  /** Called when no more of them are asked for. */
  release(): void
}

interface Group {
  readonly key: unknown
  combined: unknown
}

/** Groups in memory, by number. */
class Groups {
  readonly index = new KeyIndex()
  readonly combined: Combined
  /** The keys that the index holds as texts; others it holds as they are. */
  readonly keys: unknown[] = []
  /** How many have been pushed. */
  given = 0
  readonly #isComposite: boolean

  constructor(isComposite: boolean, combination: Fold | Listing) {
    this.#isComposite = isComposite
    this.combined = openCombined(combination)
  }

  pairAt(number: number): readonly [unknown, unknown] {
    return [this.#isComposite ? this.keys[number] : this.index.keyAt(number), this.combined.at(number)]
  }
}

/** A group without its key and values: its places in the index and the lists. */
const GROUP_BYTES = 60
/** After so many rows the heap itself is looked at: a user's function may hold more than it shows. */
const HEAP_ROWS = 16_384
/** Rows pushed by one call of `advance`. */
const BATCH = 1024

export class GroupTable {
  readonly #combination: Fold | Listing
  readonly #workspace: Workspace
  #primitives: Groups
  #composites: Groups
  #bytes = 0
  #rows = 0
  #spill: Spill | null = null
  readonly #values = new SizeEstimate()
  readonly #isHeapFull: () => boolean = openHeapWatch()
  #rest: Iterator<readonly [unknown, unknown]> | null = null
  #lent: { readonly groups: LentGroups; given: number } | null = null

  constructor(combination: Fold | Listing, workspace: Workspace) {
    this.#combination = combination
    this.#workspace = workspace
    this.#primitives = new Groups(false, combination)
    this.#composites = new Groups(true, combination)
  }

  /** Bytes it wrote to disk. */
  get spilledBytes(): number {
    return this.#spill?.bytes ?? 0
  }

  /** @throws DataError for what can't be a key */
  add(key: unknown, value: unknown, side: number): void {
    if (isComposite(key)) this.#addTo(this.#composites, keyText(key), key, value, side)
    else this.#addTo(this.#primitives, key, key, value, side)
    this.#watch()
  }

  /** Adds a group whose key is a primitive and not there yet. What was combined is no longer than a number's few bytes. */
  put(key: unknown, combined: unknown): void {
    this.#primitives.combined.put(combined)
    this.#create(this.#primitives, key, key, hashKey(key))
    this.#bytes += GROUP_BYTES + sizeOf(key) + sizeOf(combined)
    this.#watch()
  }

  /** Takes all groups there will be, which are pushed from where they are. False when it holds some of its own. */
  lend(groups: LentGroups): boolean {
    if (this.#rows > 0) return false
    this.#lent = { groups, given: 0 }
    return true
  }

  /** Pushes the pairs of the next batch. False when there are no more, or none are wanted. */
  advance(push: (row: unknown) => boolean): boolean {
    if (this.#lent !== null) return this.#advanceLent(this.#lent, push)
    if (this.#spill === null) return this.#advanceHeld(push)
    this.#rest ??= this.#merged(this.#spill)
    for (let i = 0; i < BATCH; i++) {
      const { done, value } = this.#rest.next()
      if (done === true) return false
      if (!push(value)) return false
    }
    return true
  }

  close(): void {
    this.#spill?.close()
  }

  /** @param indexed what stands for the key in the index */
  #addTo(groups: Groups, indexed: unknown, key: unknown, value: unknown, side: number): void {
    const hash = hashKey(indexed)
    const number = groups.index.find(indexed, hash)
    if (number >= 0) {
      groups.combined.add(number, value, side)
      if (groups.combined.holdsValues) this.#bytes += 8 + this.#values.add(value)
      return
    }
    groups.combined.add(groups.index.size, value, side)
    this.#create(groups, indexed, key, hash)
    this.#bytes += GROUP_BYTES + sizeOf(key) + 8 + this.#values.add(value)
  }

  /** The place of a key whose combined value is there. */
  #create(groups: Groups, indexed: unknown, key: unknown, hash: number): void {
    // As in a Map, -0 is 0.
    groups.index.add(indexed === 0 ? 0 : indexed, hash)
    if (groups === this.#composites) groups.keys.push(key)
  }

  #watch(): void {
    if (++this.#rows % HEAP_ROWS === 0 && this.#isHeapFull()) this.#spillGroups()
    else if (this.#bytes > this.#workspace.taskBytes) this.#spillGroups()
  }

  #spillGroups(): void {
    if (this.#primitives.index.size + this.#composites.index.size === 0) return
    this.#spill ??= new Spill(this.#workspace)
    this.#spill.write(this.#byHash())
    this.#primitives = new Groups(false, this.#combination)
    this.#composites = new Groups(true, this.#combination)
    this.#bytes = 0
  }

  /** The groups in memory as `[hash, [key, combined]]`, by hash. */
  #byHash(): readonly (readonly [unknown, unknown])[] {
    const rows: (readonly [number, readonly [unknown, unknown]])[] = []
    for (const groups of [this.#primitives, this.#composites])
      for (let number = 0; number < groups.index.size; number++)
        rows.push([groups.index.hashAt(number), groups.pairAt(number)])
    return sortPairs(rows, true)
  }

  #advanceHeld(push: (row: unknown) => boolean): boolean {
    for (const groups of [this.#primitives, this.#composites]) {
      const { size } = groups.index
      const end = Math.min(size, groups.given + BATCH)
      while (groups.given < end) if (!push(groups.pairAt(groups.given++))) return false
      if (end < size) return true
    }
    return false
  }

  #advanceLent(lent: { readonly groups: LentGroups; given: number }, push: (row: unknown) => boolean): boolean {
    const { groups } = lent
    const end = Math.min(groups.count, lent.given + BATCH)
    let isWanted = true
    while (isWanted && lent.given < end) isWanted = push(groups.pairAt(lent.given++))
    if (isWanted && end < groups.count) return true
    this.#lent = null
    groups.release()
    return false
  }

  *#merged(spill: Spill): Generator<readonly [unknown, unknown]> {
    const last = this.#byHash()
    const merge = new CursorMerge([...spill.open(), cursorOf(last)], compareNumbers)
    for (let row = merge.take(); row !== undefined; ) {
      const hash = row[0]
      const groups: Group[] = []
      for (; row !== undefined && row[0] === hash; row = merge.take()) this.#join(groups, row[1] as [unknown, unknown])
      for (const { key, combined } of groups) yield [key, combined]
    }
  }

  /** Adds a part of a group to those of the same hash. */
  #join(groups: Group[], [key, combined]: readonly [unknown, unknown]): void {
    const group = groups.length === 0 ? undefined : groups.find((other) => isSameKey(other.key, key))
    if (group === undefined) groups.push({ key, combined })
    else group.combined = mergeCombined(this.#combination, group.combined, combined)
  }
}

function isSameKey(a: unknown, b: unknown): boolean {
  return a === b || (isComposite(a) && isComposite(b) ? keyText(a) === keyText(b) : Number.isNaN(a) && Number.isNaN(b))
}

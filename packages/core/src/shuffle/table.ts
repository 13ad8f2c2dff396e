/**
 * A table of groups: for each key what its values were combined to. It is written to disk when it takes more memory than it may: sorted by
 * the keys' hash, so that the runs can be merged group by group. Whatever is combined is combined in the order in which rows came.
 */
import { compareNumbers } from '../plan/order.ts'
import { CursorMerge, cursorOf } from './cursor.ts'
import { openHeapWatch } from './heap-watch.ts'
import { hashKey, isComposite, keyText } from './key.ts'
import { KeyIndex } from './key-index.ts'
import { SizeEstimate, sizeOf } from './size.ts'
import { sortPairs } from './sort.ts'
import { Spill } from './spill.ts'
import type { Workspace } from './workspace.ts'

/** How values become one. `side` numbers the dataset that a value comes from, where there are several. */
export interface Fold {
  create(value: unknown, side: number): unknown
  add(combined: unknown, value: unknown, side: number): unknown
  merge(earlier: unknown, later: unknown): unknown
  /** Whether a value is held after it was added, as in a group. */
  readonly holdsValues: boolean
}

interface Group {
  readonly key: unknown
  combined: unknown
}

/** Groups in memory, by number. */
class Groups {
  readonly index = new KeyIndex()
  readonly combined: unknown[] = []
  /** The keys that the index holds as texts; others it holds as they are. */
  readonly keys: unknown[] = []
  readonly #isComposite: boolean

  constructor(isComposite: boolean) {
    this.#isComposite = isComposite
  }

  pairAt(number: number): readonly [unknown, unknown] {
    return [this.#isComposite ? this.keys[number] : this.index.keyAt(number), this.combined[number]]
  }
}

/** A group without its key and values: its places in the index and the lists. */
const GROUP_BYTES = 60
/** After so many rows the heap itself is looked at: a user's function may hold more than it shows. */
const HEAP_ROWS = 16_384
/** Rows pushed by one call of `advance`. */
const BATCH = 1024
/** V8 keeps a string that was cut out of a longer one as a view on it. */
const SHORTEST_VIEW = 13

export class GroupTable {
  readonly #fold: Fold
  readonly #workspace: Workspace
  #primitives = new Groups(false)
  #composites = new Groups(true)
  #bytes = 0
  #rows = 0
  #spill: Spill | null = null
  readonly #values = new SizeEstimate()
  readonly #isHeapFull: () => boolean = openHeapWatch()
  #rest: Iterator<readonly [unknown, unknown]> | null = null

  constructor(fold: Fold, workspace: Workspace) {
    this.#fold = fold
    this.#workspace = workspace
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
    this.#create(this.#primitives, key, key, combined, hashKey(key))
    this.#bytes += GROUP_BYTES + sizeOf(key) + sizeOf(combined)
    this.#watch()
  }

  /** Pushes the pairs of the next batch. False when there are no more, or none are wanted. */
  advance(push: (row: unknown) => boolean): boolean {
    this.#rest ??= this.#all()
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
      groups.combined[number] = this.#fold.add(groups.combined[number], value, side)
      if (this.#fold.holdsValues) this.#bytes += 8 + this.#values.add(value)
      return
    }
    this.#create(groups, indexed, key, this.#fold.create(value, side), hash)
    this.#bytes += GROUP_BYTES + sizeOf(key) + 8 + this.#values.add(value)
  }

  #create(groups: Groups, indexed: unknown, key: unknown, combined: unknown, hash: number): void {
    groups.combined.push(combined)
    // As in a Map, -0 is 0.
    groups.index.add(typeof indexed === 'string' ? ownText(indexed) : indexed === 0 ? 0 : indexed, hash)
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
    this.#primitives = new Groups(false)
    this.#composites = new Groups(true)
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

  *#all(): Generator<readonly [unknown, unknown]> {
    if (this.#spill === null) {
      for (const groups of [this.#primitives, this.#composites])
        for (let number = 0; number < groups.index.size; number++) yield groups.pairAt(number)
      return
    }
    const last = this.#byHash()
    const merge = new CursorMerge([...this.#spill.open(), cursorOf(last)], compareNumbers)
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
    else group.combined = this.#fold.merge(group.combined, combined)
  }
}

function isSameKey(a: unknown, b: unknown): boolean {
  return a === b || (isComposite(a) && isComposite(b) ? keyText(a) === keyText(b) : Number.isNaN(a) && Number.isNaN(b))
}

/** The text in memory of its own: as a part of a longer one it would keep all of that, perhaps a whole chunk of a file. */
function ownText(text: string): string {
  return text.length < SHORTEST_VIEW ? text : ` ${text}`.slice(1)
}

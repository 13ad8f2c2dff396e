/**
 * A table of groups: for each key what its values were combined to. It is cut into shards, since one growing `Map` could end the whole
 * process, and written to disk when it takes more memory than it may: sorted by the keys' hash, so that the runs can be merged
 * group by group. Whatever is combined is combined in the order in which rows came.
 */
import { compareNumbers } from '../plan/order.ts'
import { CursorMerge, cursorOf } from './cursor.ts'
import { openHeapWatch } from './heap-watch.ts'
import { hashKey, isComposite, keyText } from './key.ts'
import { SizeEstimate, sizeOf } from './size.ts'
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

/** Maps by shard, made when a key first falls into them. */
type Shards<K> = (Map<K, Group> | undefined)[]

const SHARDS = 64
/** A group without its key and values: the object, and its place in a map. */
const GROUP_BYTES = 80
/** After so many rows the heap itself is looked at: a user's function may hold more than it shows. */
const HEAP_ROWS = 16_384
/** Rows pushed by one call of `advance`. */
const BATCH = 1024
/** V8 keeps a string that was cut out of a longer one as a view on it. */
const SHORTEST_VIEW = 13

export class GroupTable {
  readonly #fold: Fold
  readonly #workspace: Workspace
  #primitives: Shards<unknown> = []
  #composites: Shards<string> = []
  #groups = 0
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
    const group = isComposite(key) ? this.#composite(key) : this.#primitives[shardOf(key)]?.get(key)
    if (group === undefined) this.#create(key, value, side)
    else {
      group.combined = this.#fold.add(group.combined, value, side)
      if (this.#fold.holdsValues) this.#bytes += 8 + this.#values.add(value)
    }
    if (++this.#rows % HEAP_ROWS === 0 && this.#groups > 0 && this.#isHeapFull()) this.#spillGroups()
    else if (this.#bytes > this.#workspace.taskBytes) this.#spillGroups()
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

  #composite(key: object): Group | undefined {
    const text = keyText(key)
    return this.#composites[shardOf(text)]?.get(text)
  }

  #create(key: unknown, value: unknown, side: number): void {
    const combined = this.#fold.create(value, side)
    this.#groups++
    this.#bytes += GROUP_BYTES + sizeOf(key) + 8 + this.#values.add(value)
    if (isComposite(key)) {
      const text = keyText(key)
      shardIn(this.#composites, shardOf(text)).set(text, { key, combined })
    } else {
      const own = typeof key === 'string' && key.length >= SHORTEST_VIEW ? ownText(key) : key
      // As in a Map, -0 is 0.
      shardIn(this.#primitives, shardOf(key)).set(own, { key: own === 0 ? 0 : own, combined })
    }
  }

  *#groupsInMemory(): Generator<Group> {
    for (const shard of this.#primitives) if (shard !== undefined) yield* shard.values()
    for (const shard of this.#composites) if (shard !== undefined) yield* shard.values()
  }

  #spillGroups(): void {
    this.#spill ??= new Spill(this.#workspace)
    this.#spill.write(this.#byHash())
    this.#primitives = []
    this.#composites = []
    this.#groups = 0
    this.#bytes = 0
  }

  /** The groups in memory as `[hash, [key, combined]]`, by hash. */
  #byHash(): [number, readonly [unknown, unknown]][] {
    const rows: [number, readonly [unknown, unknown]][] = []
    for (const { key, combined } of this.#groupsInMemory()) rows.push([hashKey(key), [key, combined]])
    return rows.sort((a, b) => a[0] - b[0])
  }

  *#all(): Generator<readonly [unknown, unknown]> {
    if (this.#spill === null) {
      for (const { key, combined } of this.#groupsInMemory()) yield [key, combined]
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

function shardIn<K>(shards: Shards<K>, index: number): Map<K, Group> {
  let shard = shards[index]
  if (shard === undefined) {
    shard = new Map()
    shards[index] = shard
  }
  return shard
}

/** Which shard a key lies in: cheap, so that the map's own hash stays the only one that reads the whole key. */
function shardOf(key: unknown): number {
  if (typeof key === 'number') return ((key | 0) ^ ((key | 0) >>> 7)) & (SHARDS - 1)
  if (typeof key !== 'string') return 0
  const { length } = key
  if (length === 0) return 0
  return (length * 31 + key.charCodeAt(length - 1) * 7 + key.charCodeAt(length >> 1)) & (SHARDS - 1)
}

/** The text in memory of its own: as a part of a longer one it would keep all of that, perhaps a whole chunk of a file. */
function ownText(text: string): string {
  return ` ${text}`.slice(1)
}

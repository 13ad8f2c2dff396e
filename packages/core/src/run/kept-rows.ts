/**
 * Kept rows: what finished tasks left for others, as the driver knows it. The output of a shuffle is kept as long as its dataset can be
 * used again, partitions of persisted datasets until they are unpersisted; both go with the context at the latest.
 */
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DataError } from '../errors.ts'
import type { Layout, ResolvedShuffle } from '../plan/layout.ts'
import type { PlanNode, ShuffleNode, StorageMark } from '../plan/node.ts'
import type { StageOperators } from '../plan/operator.ts'
import type { Placement } from '../plan/partitioner.ts'
import type { KeptBlocks, MissingBlocks, StoredPartition, StoreTarget, TaskInput } from '../plan/task.ts'
import { freeBlocks } from '../shuffle/keep.ts'
import { type RangeInput, rangeInputs } from '../shuffle/ranges.ts'
import { spreadInput } from '../shuffle/spread.ts'
import { stretchesOf } from '../shuffle/stretches.ts'
import type { Workspace } from '../shuffle/workspace.ts'

/** Blocks by the partition of the task that left them; null where there are none. */
interface Parts {
  readonly id: number
  readonly parts: (KeptBlocks | null)[]
  missing: number
  /** Files that outlive the context: those of a checkpoint. */
  readonly isLasting: boolean
}

interface Shuffled extends Parts {
  readonly resolved: ResolvedShuffle
  /** Of a sort: what each partition reads; made when all parts are there. */
  ranges: ((partition: number) => RangeInput) | null
  /** Ends when the job that makes the missing parts has done so: jobs that need them wait for each other. */
  turn: Promise<unknown>
  /** Partitions that were made once, though they may be lost by now. */
  readonly made: Set<number>
}

interface Stored extends Parts {
  readonly placement: Placement
  readonly mark: StorageMark
}

export class KeptRows {
  readonly #workspace: Workspace
  readonly #shuffles = new WeakMap<ShuffleNode, Shuffled>()
  readonly #stores = new WeakMap<PlanNode, Stored>()
  readonly #byId = new Map<number, WeakRef<Shuffled | Stored>>()
  /** Frees what a dataset kept that nobody can use any more. */
  readonly #forgotten = new FinalizationRegistry<Parts>((parts) => this.#free(parts))
  #nextId = 0
  #onFirst: (() => void) | null

  /** @param onFirst called before anything is kept */
  constructor(workspace: Workspace, onFirst: () => void = () => {}) {
    this.#workspace = workspace
    this.#onFirst = onFirst
  }

  /** The layout of a node whose rows are all there. */
  known(node: PlanNode): ResolvedShuffle | Placement | null {
    if (node.storage !== undefined && this.isStored(node)) return this.#stores.get(node)?.placement ?? null
    return node.kind === 'shuffle' && this.isShuffled(node) ? (this.#shuffles.get(node)?.resolved ?? null) : null
  }

  isShuffled(node: ShuffleNode): boolean {
    const state = this.#shuffles.get(node)
    return state !== undefined && state.missing === 0 && !state.resolved.isNarrow
  }

  isStored(node: PlanNode): boolean {
    const state = this.#stores.get(node)
    return state !== undefined && state.mark === node.storage && state.missing === 0
  }

  /** Makes room for what a stage will leave. What is there of an older layout, of files that were others then, is dropped. */
  expect(stage: StageOperators, shuffle: ShuffleNode | null, layout: Layout): void {
    if (shuffle !== null) this.#expectShuffle(shuffle, layout)
    for (const [i, operator] of stage.operators.entries()) {
      const node = stage.nodes[i] as PlanNode
      if (operator.op === 'stored' && operator.input !== null) this.#expectStore(node, layout.of(node))
    }
  }

  /** Runs `make` for the missing parts of a shuffle, unless another job makes them first. */
  async complete(node: ShuffleNode, make: (missing: readonly number[]) => Promise<void>): Promise<void> {
    const state = this.#shuffle(node)
    const turn = state.turn.then(async () => {
      const missing = state.parts.flatMap((part, i) => (part === null ? [i] : []))
      if (missing.length > 0) await make(missing)
    })
    state.turn = turn.catch(() => {})
    await turn
  }

  /** Returns whether that partition's blocks are the first ever. */
  putShuffled(node: ShuffleNode, partition: number, blocks: KeptBlocks): boolean {
    const state = this.#shuffle(node)
    this.#put(state, partition, blocks)
    state.ranges = null
    const isFirst = !state.made.has(partition)
    state.made.add(partition)
    return isFirst
  }

  putStored({ store, partition, blocks }: StoredPartition): void {
    const state = this.#byId.get(store)?.deref()
    if (state === undefined) return this.#freeBlocks(blocks)
    const checkpoint = 'mark' in state ? state.mark.checkpoint : null
    if (checkpoint === null || state.parts[partition] !== null) return this.#put(state, partition, blocks)
    // A file of a checkpoint bears its name when it is whole and the first of its partition.
    const file = join(checkpoint, partName(partition))
    renameSync(blocks.file as string, file)
    this.#put(state, partition, { ...blocks, file })
    if (state.missing === 0) removeUnfinished(checkpoint)
  }

  /** Drops blocks that were found gone or damaged, unless others have taken their place by now. */
  lose({ id, origin, file }: MissingBlocks): void {
    const state = this.#byId.get(id)?.deref()
    if (state?.parts[origin]?.file !== file) return
    if ('mark' in state && state.mark.checkpoint !== null) {
      throw new DataError(
        `partition ${origin} of a checkpoint in "${state.mark.checkpoint}" is gone or damaged. What it was made from is forgotten: make the dataset again`,
      )
    }
    // What removed one file may have removed many: readers should not have to find them one by one.
    for (const [i, part] of state.parts.entries()) {
      if (part === null || (i !== origin && (part.file === null || existsSync(part.file)))) continue
      state.parts[i] = null
      state.missing++
      this.#freeBlocks(part)
    }
    if ('ranges' in state) state.ranges = null
  }

  shuffledInput(node: ShuffleNode, partition: number): TaskInput {
    const state = this.#shuffle(node)
    const { partitioner, placement } = state.resolved
    const outputs = state.parts as KeptBlocks[]
    if (partitioner.type === 'spread')
      return { type: 'shuffled', shuffle: state.id, ...spreadInput(outputs, partition, placement.count) }
    if (partitioner.type !== 'range') {
      const stretches = outputs.flatMap((kept, origin) => stretchesOf(kept, partition, origin))
      return { type: 'shuffled', shuffle: state.id, stretches, rows: null }
    }
    state.ranges ??= rangeInputs(outputs, placement.count, partitioner.ascending)
    return { type: 'runs', shuffle: state.id, ...state.ranges(partition) }
  }

  storedInput(node: PlanNode, partition: number): (TaskInput & { type: 'stored' }) | StoreTarget | null {
    const state = this.#stores.get(node)
    if (state === undefined || state.mark !== node.storage) return null
    const part = state.parts[partition] ?? null
    if (part !== null) return { type: 'stored', store: state.id, stretches: stretchesOf(part, 0, partition) }
    const { level, checkpoint } = state.mark
    const file = checkpoint === null ? null : join(checkpoint, partName(partition))
    return { store: state.id, partition, level, file }
  }

  /** Frees what is kept of a persisted dataset. */
  unpersist(node: PlanNode): void {
    const state = this.#stores.get(node)
    if (state === undefined) return
    this.#stores.delete(node)
    this.#forgotten.unregister(state)
    this.#free(state)
  }

  #expectShuffle(node: ShuffleNode, layout: Layout): void {
    const resolved = layout.shuffle(node)
    const state = this.#shuffles.get(node)
    const count = state !== undefined && state.missing === 0 ? state.parts.length : layout.count(node.parent)
    if (
      state !== undefined &&
      state.parts.length === count &&
      state.resolved.placement.count === resolved.placement.count
    )
      return
    if (state !== undefined) this.#drop(state)
    const made: Shuffled = {
      ...this.#newParts(count, false),
      resolved,
      ranges: null,
      turn: Promise.resolve(),
      made: new Set(),
    }
    this.#shuffles.set(node, made)
    this.#register(node, made)
  }

  #expectStore(node: PlanNode, placement: Placement): void {
    if (node.storage === undefined) return
    const state = this.#stores.get(node)
    if (state !== undefined && state.mark === node.storage && state.placement.count === placement.count) return
    if (state !== undefined) this.#drop(state)
    const made: Stored = {
      ...this.#newParts(placement.count, node.storage.checkpoint !== null),
      placement,
      mark: node.storage,
    }
    this.#stores.set(node, made)
    this.#register(node, made)
  }

  #newParts(count: number, isLasting: boolean): Parts {
    return { id: this.#nextId++, parts: Array.from({ length: count }, () => null), missing: count, isLasting }
  }

  #register(node: PlanNode, state: Shuffled | Stored): void {
    this.#onFirst?.()
    this.#onFirst = null
    this.#byId.set(state.id, new WeakRef(state))
    // The parts alone, so that what is registered does not hold the node itself.
    this.#forgotten.register(node, { id: state.id, parts: state.parts, missing: 0, isLasting: state.isLasting }, state)
  }

  #drop(state: Shuffled | Stored): void {
    this.#forgotten.unregister(state)
    this.#free(state)
  }

  #shuffle(node: ShuffleNode): Shuffled {
    const state = this.#shuffles.get(node)
    if (state === undefined) throw new Error(`shuffle ${node.id} was not expected`)
    return state
  }

  #put(state: Shuffled | Stored, partition: number, blocks: KeptBlocks): void {
    const before = state.parts[partition]
    if (before === undefined || before !== null) return this.#freeBlocks(blocks)
    state.parts[partition] = blocks
    state.missing--
  }

  #free({ id, parts, isLasting }: Parts): void {
    this.#byId.delete(id)
    for (const part of parts.splice(0)) if (part !== null && !isLasting) this.#freeBlocks(part)
  }

  #freeBlocks(blocks: KeptBlocks): void {
    freeBlocks(blocks, this.#workspace)
  }
}

function partName(partition: number): string {
  return `part-${String(partition).padStart(5, '0')}`
}

/** Removes what workers that died have left of a checkpoint. */
function removeUnfinished(checkpoint: string): void {
  for (const name of readdirSync(checkpoint))
    if (name.endsWith('.part')) rmSync(join(checkpoint, name), { force: true })
}

/** Keeping the rows of a dataset: marks on its plan node. Whatever computes a partition of it first keeps it for all that follows. */
import { join } from 'node:path'
import { randomHex } from '../io/on-demand.ts'
import { type PlanNode, parentsOf, type StorageLevel } from '../plan/node.ts'
import { refusal } from './arguments.ts'
import { Lineage } from './lineage.ts'

const LEVELS: readonly StorageLevel[] = ['MEMORY_ONLY', 'MEMORY_AND_DISK', 'DISK_ONLY']

export abstract class Storage<T> extends Lineage<T> {
  /** `persist('MEMORY_ONLY')`. */
  cache(): this {
    return this.persist('MEMORY_ONLY')
  }

  /**
   * Keeps the rows from the first action on that computes them, for those that follow. `MEMORY_ONLY` keeps what the context's memory has room
   * for and computes the rest again, `MEMORY_AND_DISK` writes the rest to disk, `DISK_ONLY` all. Each reader gets its own copy. Returns
   * the same dataset.
   */
  persist(level: StorageLevel = 'MEMORY_ONLY'): this {
    if (!LEVELS.includes(level))
      throw refusal('persist', `expected one of ${LEVELS.join(', ')}, got ${level as string}`)
    const { storage } = this.node
    if (storage !== undefined && storage.level !== level) {
      const what = storage.checkpoint === null ? `persisted as ${storage.level}` : 'to be checkpointed'
      throw refusal('persist', `the dataset is ${what} already. Call unpersist() first`)
    }
    this.node.storage ??= { level, checkpoint: null }
    return this
  }

  /** Frees what is kept, and keeps nothing more. Returns the same dataset. */
  async unpersist(): Promise<this> {
    if (this.node.storage?.checkpoint === null) {
      delete this.node.storage
      this.context.openEngine?.unpersist(this.node)
    }
    return this
  }

  /**
   * Writes the rows to the directory given to `setCheckpointDir`, while the first action runs that needs them; from then on they are
   * read from there, and what they were made from is not looked at any more. The files stay when the context stops. Returns the same dataset.
   */
  checkpoint(): this {
    const { checkpointDir } = this.context
    if (checkpointDir === null)
      throw refusal('checkpoint', 'there is no directory for it. Call ctx.setCheckpointDir(path) first')
    if (this.node.storage?.checkpoint === undefined || this.node.storage.checkpoint === null) {
      const directory = join(checkpointDir, `dataset-${this.node.id}-${randomHex(4)}`)
      this.node.storage = { level: 'DISK_ONLY', checkpoint: directory }
    }
    return this
  }

  /** `persist('MEMORY_AND_DISK')`: once all rows are kept, what they were made from is not looked at any more. */
  localCheckpoint(): this {
    return this.persist('MEMORY_AND_DISK')
  }

  /** Whether all rows are kept in a checkpoint. */
  isCheckpointed(): boolean {
    const { checkpoint } = this.node.storage ?? { checkpoint: null }
    return checkpoint !== null && (this.context.openEngine?.isStored(this.node) ?? false)
  }
}

/** The nodes of a plan with storage marks, inner ones first. */
export function marksOf(root: PlanNode): readonly PlanNode[] {
  const seen = new Set<PlanNode>([root])
  for (const node of seen) for (const parent of parentsOf(node)) seen.add(parent)
  return [...seen].filter(({ storage }) => storage !== undefined).reverse()
}

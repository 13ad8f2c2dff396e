/**
 * A plan: what the user asked for, as data. Each verb adds one immutable node; nothing runs until an action.
 * The union is closed and small, so that every engine translates the same few kinds; other verbs are steps of a pipe.
 */
import type { CallSite } from './call-site.ts'
import type { Partitioner } from './partitioner.ts'
import type { Source } from './source.ts'
import type { Step, UserFunction } from './step.ts'

export type PlanNode = SourceNode | PipeNode | UnionNode | CoalesceNode | ZipNode | ShuffleNode | CogroupNode

interface NodeBase {
  /** Counts up within a process; shown by `toDebugString()` as `map[3]`. */
  readonly id: number
  /** The verb the user called. */
  readonly verb: string
  /** Where the user called it. */
  readonly at: CallSite
  /** Given by `setName`. Names and storage marks are the mutable things of a plan. */
  name?: string
  /** Given by `persist` and `checkpoint`: the rows of each partition are kept when they were made once. */
  storage?: StorageMark
}

export type StorageLevel = 'MEMORY_ONLY' | 'MEMORY_AND_DISK' | 'DISK_ONLY'

export interface StorageMark {
  readonly level: StorageLevel
  /** The directory of a checkpoint, which outlives the context; null for what goes with it. */
  readonly checkpoint: string | null
}

/** Rows that come from outside the plan. */
export interface SourceNode extends NodeBase {
  readonly kind: 'source'
  readonly source: Source
}

/** One step on the rows of the parent, partition by partition. */
export interface PipeNode extends NodeBase {
  readonly kind: 'pipe'
  readonly parent: PlanNode
  readonly step: Step<UserFunction>
}

/** The partitions of all parents, end to end. */
export interface UnionNode extends NodeBase {
  readonly kind: 'union'
  readonly parents: readonly PlanNode[]
}

/** Neighbouring partitions joined into at most `partitionCount`. */
export interface CoalesceNode extends NodeBase {
  readonly kind: 'coalesce'
  readonly parent: PlanNode
  readonly partitionCount: number
}

/** Rows of two parents in pairs. */
export interface ZipNode extends NodeBase {
  readonly kind: 'zip'
  readonly left: PlanNode
  readonly right: PlanNode
  /** `position`: partition and row by row. `product`: each row of a left partition with each of a right one. */
  readonly pairing: 'position' | 'product'
}

/** Rows moved to where a partitioner wants them, in the order of the parent's partitions. No move where they lie so already. */
export interface ShuffleNode extends NodeBase {
  readonly kind: 'shuffle'
  readonly parent: PlanNode
  /** Null: by key, as the best placed of `like` is, or by hash where none is. */
  readonly partitioner: Partitioner<UserFunction> | null
  /** Null: as many as the largest of `like` has. */
  readonly partitionCount: number | null
  /** The datasets whose layout decides what is not given: the parent, and what it is grouped with. */
  readonly like: readonly PlanNode[]
}

/** For each key the values that each parent has, `[key, [values of the first, …]]`: parents lie in the same way. */
export interface CogroupNode extends NodeBase {
  readonly kind: 'cogroup'
  readonly parents: readonly ShuffleNode[]
}

/** The nodes a node reads from, left to right. Only a shuffle's dependency can be wide. */
export function parentsOf(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'source':
      return []
    case 'pipe':
    case 'coalesce':
    case 'shuffle':
      return [node.parent]
    case 'union':
    case 'cogroup':
      return node.parents
    case 'zip':
      return [node.left, node.right]
  }
}

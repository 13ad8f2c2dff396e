/**
 * A plan: what the user asked for, as data. Each verb adds one immutable node; nothing runs until an action.
 * The union is closed and small, so that every engine translates the same few kinds; other verbs are steps of a pipe.
 */
import type { CallSite } from './call-site.ts'
import type { Source } from './source.ts'
import type { Step, UserFunction } from './step.ts'

export type PlanNode = SourceNode | PipeNode | UnionNode | CoalesceNode | ZipNode

interface NodeBase {
  /** Counts up within a process; shown by `toDebugString()` as `map[3]`. */
  readonly id: number
  /** The verb the user called. */
  readonly verb: string
  /** Where the user called it. */
  readonly at: CallSite
  /** Given by `setName`: the one mutable thing of a plan. */
  name?: string
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

/** Rows of two parents paired by position. */
export interface ZipNode extends NodeBase {
  readonly kind: 'zip'
  readonly left: PlanNode
  readonly right: PlanNode
}

/** The nodes a node reads from, left to right. Every dependency of these kinds is narrow. */
export function parentsOf(node: PlanNode): readonly PlanNode[] {
  switch (node.kind) {
    case 'source':
      return []
    case 'pipe':
    case 'coalesce':
      return [node.parent]
    case 'union':
      return node.parents
    case 'zip':
      return [node.left, node.right]
  }
}

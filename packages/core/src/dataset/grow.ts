/** Growing a plan: a verb that takes several nodes adds them one after another, all with its name and place. */
import type { CallSite } from '../plan/call-site.ts'
import type { PlanNode, ShuffleNode } from '../plan/node.ts'
import type { Partitioner } from '../plan/partitioner.ts'
import type { Step, UserFunction } from '../plan/step.ts'

let nextId = 0

/** Numbers nodes and actions within a process. */
export function nextNodeId(): number {
  return nextId++
}

export interface ShuffleOptions {
  /** By key, where the dataset does not lie so already, unless another is given. */
  readonly partitioner?: Partitioner<UserFunction>
  /** As many as before, unless given. */
  readonly partitionCount?: number | undefined
  /** The datasets whose layout decides; the one that is shuffled, unless given. */
  readonly like?: readonly PlanNode[]
}

export class Growth {
  readonly verb: string
  readonly at: CallSite
  node: PlanNode

  constructor(verb: string, at: CallSite, node: PlanNode) {
    this.verb = verb
    this.at = at
    this.node = node
  }

  step(step: Step<UserFunction>): this {
    this.node = { kind: 'pipe', id: nextNodeId(), verb: this.verb, at: this.at, parent: this.node, step }
    return this
  }

  shuffle(options: ShuffleOptions = {}): this {
    this.node = this.shuffleOf(this.node, options)
    return this
  }

  /** For each key of any of the nodes the values that each of them has. */
  cogroup(nodes: readonly PlanNode[], options: ShuffleOptions = {}): this {
    const like = options.like ?? nodes
    const parents = nodes.map((node) => this.shuffleOf(node, { ...options, like }))
    this.node = { kind: 'cogroup', id: nextNodeId(), verb: this.verb, at: this.at, parents }
    return this
  }

  private shuffleOf(parent: PlanNode, { partitioner, partitionCount, like = [parent] }: ShuffleOptions): ShuffleNode {
    const { verb, at } = this
    return {
      kind: 'shuffle',
      id: nextNodeId(),
      verb,
      at,
      parent,
      partitioner: partitioner ?? null,
      partitionCount: partitionCount ?? null,
      like,
    }
  }
}

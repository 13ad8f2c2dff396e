/**
 * The layout of a plan: into how many partitions each dataset is cut, how its keys are placed in them, and so which shuffles
 * have to move anything. It is known only when sources are split, so it is asked when an action runs.
 */
import { PlanError } from '../errors.ts'
import {
  type CogroupNode,
  type PipeNode,
  type PlanNode,
  parentsOf,
  type ShuffleNode,
  type SourceNode,
  type ZipNode,
} from './node.ts'
import { isSamePlacement, type Partitioner, type Placement } from './partitioner.ts'
import type { Step, UserFunction } from './step.ts'

/** A shuffle whose partitioner and number of partitions are decided. */
export interface ResolvedShuffle {
  readonly partitioner: Partitioner<UserFunction>
  readonly placement: Placement
  /** The parent's rows lie so already: nothing moves. */
  readonly isNarrow: boolean
}

/** What is known of nodes whose rows are there already, so that nothing before them needs to be looked at. */
export type KnownLayouts = (node: PlanNode) => ResolvedShuffle | Placement | null

export class Layout {
  readonly #countOf: (node: SourceNode) => number
  readonly #known: KnownLayouts
  readonly #placements = new Map<PlanNode, Placement>()
  readonly #shuffles = new Map<ShuffleNode, ResolvedShuffle>()

  /** @param countOf partitions of a source */
  constructor(countOf: (node: SourceNode) => number, known: KnownLayouts = () => null) {
    this.#countOf = countOf
    this.#known = known
  }

  count(node: PlanNode): number {
    return this.of(node).count
  }

  shuffle(node: ShuffleNode): ResolvedShuffle {
    this.of(node)
    const resolved = this.#shuffles.get(node)
    if (resolved !== undefined) return resolved
    // Its rows are kept: only where they lie was known, not how they were moved.
    for (const input of [node.parent, ...node.like]) this.of(input)
    const moved = this.#resolve(node)
    this.#shuffles.set(node, moved)
    return moved
  }

  of(root: PlanNode): Placement {
    // An explicit stack instead of recursion: a lineage may be deeper than the call stack.
    const stack = [root]
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const missing = this.#placements.has(node) || this.#takeKnown(node) ? [] : this.#missing(node)
      for (const needed of missing) stack.push(needed)
      if (missing.length > 0) continue
      stack.pop()
      if (!this.#placements.has(node)) this.#placements.set(node, this.#place(node))
    }
    return this.#placed(root)
  }

  #takeKnown(node: PlanNode): boolean {
    const known = this.#known(node)
    if (known === null) return false
    if ('placement' in known && node.kind === 'shuffle') this.#shuffles.set(node, known)
    this.#placements.set(node, 'placement' in known ? known.placement : known)
    return true
  }

  #missing(node: PlanNode): readonly PlanNode[] {
    const needed = node.kind === 'shuffle' ? [node.parent, ...node.like] : parentsOf(node)
    return (node.kind === 'pipe' ? [this.#headOf(node.parent)] : needed).filter((input) => !this.#placements.has(input))
  }

  /** What a chain of pipes starts from, as far as anything has to be looked at. */
  #headOf(node: PlanNode): PlanNode {
    while (node.kind === 'pipe' && !this.#placements.has(node) && this.#known(node) === null) node = node.parent
    return node
  }

  #place(node: PlanNode): Placement {
    switch (node.kind) {
      case 'source':
        return unplaced(this.#countOf(node))
      case 'pipe':
        return this.#piped(node)
      case 'union':
        return unplaced(node.parents.reduce((sum, parent) => sum + this.#placed(parent).count, 0))
      case 'coalesce':
        return unplaced(Math.min(node.partitionCount, this.#placed(node.parent).count))
      case 'zip':
        return unplaced(countZipped(node, this.#placed(node.left).count, this.#placed(node.right).count))
      case 'shuffle': {
        const resolved = this.#resolve(node)
        this.#shuffles.set(node, resolved)
        return resolved.placement
      }
      case 'cogroup':
        return this.#cogrouped(node)
    }
  }

  /** Sides that were told to lie alike do, unless one was moved by an action that failed and files have come or gone since. */
  #cogrouped({ parents, verb, at }: CogroupNode): Placement {
    const [first = unplaced(0), ...others] = parents.map((parent) => this.#placed(parent))
    const other = others.find(({ count }) => count !== first.count)
    if (other === undefined) return first
    throw new PlanError(
      `${verb} (${at.text}): one side lies in ${first.count} partitions and another in ${other.count}, since files changed after an action that failed. Make the datasets anew from their sources, or give the number of partitions`,
    )
  }

  /** A step that keeps each row's key keeps the placement. */
  #piped(node: PipeNode): Placement {
    let isKept = keepsKeys(node.step)
    let at = node.parent
    for (; at.kind === 'pipe' && !this.#placements.has(at); at = at.parent) isKept &&= keepsKeys(at.step)
    const head = this.#placed(at)
    return isKept ? head : unplaced(head.count)
  }

  #resolve(node: ShuffleNode): ResolvedShuffle {
    const likes = node.like.map((like) => this.#placed(like))
    const most = likes.reduce((count, like) => Math.max(count, like.count), 0)
    let { partitioner } = node
    let count = node.partitionCount ?? most
    if (partitioner === null) {
      // A layout that is there already serves, if it has partitions enough. Source: Spark's Partitioner.defaultPartitioner.
      const fitting = node.partitionCount === null ? likes.find((like) => like.by !== null && like.count >= most) : null
      partitioner = fitting?.by ?? { type: 'hash' }
      count = fitting?.count ?? count
    }
    // A shuffle of nothing has no partitions; only `repartition` makes them.
    if (most === 0 && partitioner.type !== 'spread') count = 0
    const by = partitioner.type === 'hash' || partitioner.type === 'custom' ? partitioner : null
    const placement = { count, by }
    return { partitioner, placement, isNarrow: isSamePlacement(this.#placed(node.parent), placement) }
  }

  #placed(node: PlanNode): Placement {
    return this.#placements.get(node) as Placement
  }
}

function unplaced(count: number): Placement {
  return { count, by: null }
}

function keepsKeys(step: Step<UserFunction>): boolean {
  switch (step.op) {
    case 'filter':
    case 'mapValues':
    case 'flatMapValues':
    case 'sample':
    case 'split':
    case 'sampleByKey':
    case 'pick':
    case 'expand':
    case 'combine':
    case 'sort':
      return true
    default:
      return false
  }
}

function countZipped(node: ZipNode, left: number, right: number): number {
  if (node.pairing === 'product') return left * right
  if (left === right) return left
  const place = node.at.text === '' ? '' : ` (${node.at.text})`
  throw new PlanError(
    `zip${place}: expected as many partitions on both sides, got ${left} and ${right}. Coalesce the one with more`,
  )
}

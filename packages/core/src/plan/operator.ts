/**
 * Operators: a stage's plan as a flat list, inputs before the operators that read them. A stage reaches back to sources, to
 * shuffles that move rows and to rows that are kept. A chain of pipes is one operator and nested unions are one union, so that
 * neither a lineage 10,000 verbs deep nor a diamond costs more than its nodes. `Fn` is how functions are held, as in a step.
 */
import type { Layout } from './layout.ts'
import { type PipeNode, type PlanNode, parentsOf, type ShuffleNode } from './node.ts'
import type { Step, UserFunction } from './step.ts'

/** `input`, `left`, `right` and `inputs` are indices into the stage's list; `node` is a plan node's number, to name it in errors. */
export type Operator<Fn> =
  | { readonly op: 'source'; readonly node: number }
  | { readonly op: 'steps'; readonly input: number; readonly steps: readonly OperatorStep<Fn>[] }
  | { readonly op: 'union'; readonly inputs: readonly number[] }
  | { readonly op: 'coalesce'; readonly input: number }
  | { readonly op: 'zip'; readonly node: number; readonly left: number; readonly right: number }
  | { readonly op: 'product'; readonly node: number; readonly left: number; readonly right: number }
  /** What a shuffle brought to a partition; of a range, sorted. */
  | { readonly op: 'shuffled'; readonly node: number; readonly range: { readonly ascending: boolean } | null }
  | { readonly op: 'cogroup'; readonly node: number; readonly inputs: readonly number[] }
  /** Rows that are kept, or are to be kept as `input` gives them; without an input all partitions are there. */
  | { readonly op: 'stored'; readonly node: number; readonly input: number | null }

export interface OperatorStep<Fn> {
  readonly step: Step<Fn>
  /** The plan node it came from, to name the verb and its place when it fails. */
  readonly node: number
  /** Partitions at this step. */
  readonly partitionCount: number
  /** Rows before each partition, for `zipWithIndex`; null for all other steps. */
  readonly offsets: readonly number[] | null
}

/** The operators of the stage that ends at `root`, which is the last, and the partitions of each. */
export interface StageOperators {
  readonly operators: readonly Operator<UserFunction>[]
  /** The plan node at the end of each operator. */
  readonly nodes: readonly PlanNode[]
  readonly partitionCounts: readonly number[]
  /** The shuffles whose rows it reads: the stages before it. */
  readonly reads: readonly ShuffleNode[]
}

export interface StageOptions {
  /** Rows before each partition of a `zipWithIndex` node's parent; not asked for when only counting. */
  readonly offsetsOf?: (node: PipeNode) => readonly number[] | null
  /** Whether all partitions of a node with a storage mark are kept, so that nothing before it matters. */
  readonly isStored?: (node: PlanNode) => boolean
}

export function planOperators(root: PlanNode, layout: Layout, options: StageOptions = {}): StageOperators {
  const { offsetsOf = () => null, isStored = () => false } = options
  const operators: Operator<UserFunction>[] = []
  const nodes: PlanNode[] = []
  const partitionCounts: number[] = []
  const reads: ShuffleNode[] = []
  const indexOf = new Map<PlanNode, number>()
  const add = (node: PlanNode, operator: Operator<UserFunction>): number => {
    nodes.push(node)
    partitionCounts.push(layout.count(node))
    return operators.push(operator) - 1
  }
  /** The operator of a node whose inputs are all in the list, its storage mark aside; a narrow shuffle is what it reads. */
  const build = (node: PlanNode): number => {
    const inputs = inputsOf(node, layout).map((input) => indexOf.get(input) as number)
    const [first = 0, second = 0] = inputs
    switch (node.kind) {
      case 'source':
        return add(node, { op: 'source', node: node.id })
      case 'pipe': {
        const partitionCount = layout.count(node)
        const steps = chainOf(node).steps.map((pipe) => stepOf(pipe, partitionCount, offsetsOf))
        return add(node, { op: 'steps', input: first, steps })
      }
      case 'union':
        return add(node, { op: 'union', inputs })
      case 'coalesce':
        return add(node, { op: 'coalesce', input: first })
      case 'zip': {
        const op = node.pairing === 'product' ? 'product' : 'zip'
        return add(node, { op, node: node.id, left: first, right: second })
      }
      case 'cogroup':
        return add(node, { op: 'cogroup', node: node.id, inputs })
      case 'shuffle': {
        const { isNarrow, partitioner } = layout.shuffle(node)
        if (isNarrow) return first
        reads.push(node)
        const range = partitioner.type === 'range' ? { ascending: partitioner.ascending } : null
        return add(node, { op: 'shuffled', node: node.id, range })
      }
    }
  }

  // An explicit stack instead of recursion: a lineage may be deeper than the call stack.
  const stack = [root]
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    const isWhole = node.storage !== undefined && isStored(node)
    const missing = indexOf.has(node) || isWhole ? [] : inputsOf(node, layout).filter((input) => !indexOf.has(input))
    for (const input of missing.reverse()) stack.push(input)
    if (missing.length > 0) continue
    stack.pop()
    if (indexOf.has(node)) continue
    const input = isWhole ? null : build(node)
    indexOf.set(
      node,
      node.storage === undefined && input !== null ? input : add(node, { op: 'stored', node: node.id, input }),
    )
  }
  return { operators, nodes, partitionCounts, reads }
}

/**
 * The pipes that end at `node`, in the order a row meets them, and the node they start from: none for other nodes. A node
 * whose rows are kept ends a chain, so that they are kept when they leave it.
 */
export function chainOf(node: PlanNode): { readonly head: PlanNode; readonly steps: readonly PipeNode[] } {
  const steps: PipeNode[] = []
  while (node.kind === 'pipe' && (steps.length === 0 || node.storage === undefined)) {
    steps.push(node)
    node = node.parent
  }
  return { head: node, steps: steps.reverse() }
}

/** What a node reads within its stage; a union's inputs reach through the unions directly below it. */
function inputsOf(node: PlanNode, layout: Layout): readonly PlanNode[] {
  switch (node.kind) {
    case 'pipe':
      return [chainOf(node).head]
    case 'shuffle':
      return layout.shuffle(node).isNarrow ? [node.parent] : []
    case 'union':
      return unionInputs(node)
    default:
      return parentsOf(node)
  }
}

function unionInputs(root: PlanNode): readonly PlanNode[] {
  const inputs: PlanNode[] = []
  const stack: PlanNode[] = [...parentsOf(root)].reverse()
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next.kind === 'union' && next.storage === undefined) {
      for (const parent of [...next.parents].reverse()) stack.push(parent)
    } else inputs.push(next)
  }
  return inputs
}

function stepOf(
  node: PipeNode,
  partitionCount: number,
  offsetsOf: (node: PipeNode) => readonly number[] | null,
): OperatorStep<UserFunction> {
  const offsets = node.step.op === 'zipWithIndex' ? (partitionCount > 1 ? offsetsOf(node) : [0]) : null
  return { step: node.step, node: node.id, partitionCount, offsets }
}

/**
 * Operators: a stage's plan as a flat list, inputs before the operators that read them. A chain of pipes is one operator and
 * nested unions are one union, so that neither a lineage 10,000 verbs deep nor a diamond costs more than its nodes.
 * `Fn` is how functions are held, as in a step.
 */
import { PlanError } from '../errors.ts'
import { type PipeNode, type PlanNode, parentsOf, type ZipNode } from './node.ts'
import type { Step, UserFunction } from './step.ts'

/** `input`, `left`, `right` and `inputs` are indices into the stage's list. */
export type Operator<Fn> =
  | { readonly op: 'source'; readonly node: number }
  | { readonly op: 'steps'; readonly input: number; readonly steps: readonly OperatorStep<Fn>[] }
  | { readonly op: 'union'; readonly inputs: readonly number[] }
  | { readonly op: 'coalesce'; readonly input: number }
  | { readonly op: 'zip'; readonly node: number; readonly left: number; readonly right: number }

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
}

/**
 * @param countOf partitions of a source
 * @param offsetsOf rows before each partition of a `zipWithIndex` node's parent; not asked for when only counting
 */
export function planOperators(
  root: PlanNode,
  countOf: (node: PlanNode & { kind: 'source' }) => number,
  offsetsOf: (node: PipeNode) => readonly number[] | null = () => null,
): StageOperators {
  const operators: Operator<UserFunction>[] = []
  const nodes: PlanNode[] = []
  const partitionCounts: number[] = []
  const indexOf = new Map<PlanNode, number>()

  // An explicit stack instead of recursion: a lineage may be deeper than the call stack.
  const stack = [root]
  while (stack.length > 0) {
    const node = stack.at(-1) as PlanNode
    if (indexOf.has(node)) {
      stack.pop()
      continue
    }
    const chain = chainOf(node)
    const inputs = inputsOf(chain.head)
    const missing =
      chain.steps.length > 0 ? (indexOf.has(chain.head) ? [] : [chain.head]) : inputs.filter((n) => !indexOf.has(n))
    if (missing.length > 0) {
      for (const input of missing) stack.push(input)
      continue
    }
    stack.pop()
    const indices =
      chain.steps.length > 0 ? [indexOf.get(chain.head) as number] : inputs.map((n) => indexOf.get(n) as number)
    const counts = indices.map((i) => partitionCounts[i] as number)
    const partitionCount = chain.steps.length > 0 ? (counts[0] as number) : countPartitions(node, counts, countOf)
    operators.push(
      chain.steps.length > 0
        ? {
            op: 'steps',
            input: indices[0] as number,
            steps: chain.steps.map((n) => stepOf(n, partitionCount, offsetsOf)),
          }
        : operatorOf(node, indices),
    )
    nodes.push(node)
    partitionCounts.push(partitionCount)
    indexOf.set(node, operators.length - 1)
  }
  return { operators, nodes, partitionCounts }
}

/** The pipes that end at `node`, in the order a row meets them, and the node they start from. */
export function chainOf(node: PlanNode): { readonly head: PlanNode; readonly steps: readonly PipeNode[] } {
  const steps: PipeNode[] = []
  while (node.kind === 'pipe') {
    steps.push(node)
    node = node.parent
  }
  return { head: node, steps: steps.reverse() }
}

/** What a node that is no pipe reads; a union's inputs reach through the unions directly below it. */
function inputsOf(node: PlanNode): readonly PlanNode[] {
  if (node.kind !== 'union') return parentsOf(node)
  const inputs: PlanNode[] = []
  const stack: PlanNode[] = [node]
  while (stack.length > 0) {
    const next = stack.pop() as PlanNode
    if (next.kind === 'union') for (const parent of [...next.parents].reverse()) stack.push(parent)
    else inputs.push(next)
  }
  return inputs
}

function countPartitions(
  node: PlanNode,
  counts: readonly number[],
  countOf: (node: PlanNode & { kind: 'source' }) => number,
): number {
  switch (node.kind) {
    case 'source':
      return countOf(node)
    case 'pipe':
      return counts[0] as number
    case 'zip':
      return countZipped(node, counts)
    case 'coalesce':
      return Math.min(node.partitionCount, counts[0] as number)
    case 'union':
      return counts.reduce((sum, n) => sum + n, 0)
  }
}

function countZipped(node: ZipNode, [left, right]: readonly number[]): number {
  if (left === right) return left as number
  const place = node.at.text === '' ? '' : ` (${node.at.text})`
  throw new PlanError(
    `zip${place}: expected as many partitions on both sides, got ${left} and ${right}. Coalesce the one with more`,
  )
}

function operatorOf(node: PlanNode, inputs: readonly number[]): Operator<UserFunction> {
  switch (node.kind) {
    case 'source':
      return { op: 'source', node: node.id }
    case 'union':
      return { op: 'union', inputs }
    case 'coalesce':
      return { op: 'coalesce', input: inputs[0] as number }
    case 'zip':
      return { op: 'zip', node: node.id, left: inputs[0] as number, right: inputs[1] as number }
    case 'pipe':
      throw new Error('a pipe is always part of a chain')
  }
}

function stepOf(
  node: PipeNode,
  partitionCount: number,
  offsetsOf: (node: PipeNode) => readonly number[] | null,
): OperatorStep<UserFunction> {
  const offsets = node.step.op === 'zipWithIndex' ? (partitionCount > 1 ? offsetsOf(node) : [0]) : null
  return { step: node.step, node: node.id, partitionCount, offsets }
}

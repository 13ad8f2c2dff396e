/** Stages: a plan cut where rows have to move. Each stage but the last ends in the map side of a shuffle. */
import type { Layout } from './layout.ts'
import type { PlanNode, ShuffleNode } from './node.ts'
import { planOperators, type StageOperators, type StageOptions } from './operator.ts'

export interface PlannedStage {
  /** The shuffle that it feeds; null for the stage whose rows the action gets. */
  readonly shuffle: ShuffleNode | null
  readonly operators: StageOperators
}

export interface StagesOptions extends StageOptions {
  /** Whether all that a shuffle moves was moved already, so that the stages before it need not run. */
  readonly isShuffled?: (node: ShuffleNode) => boolean
}

/** The stages that lead to the rows of `root`, those that others read before them. */
export function planStages(root: PlanNode, layout: Layout, options: StagesOptions = {}): readonly PlannedStage[] {
  const { isShuffled = () => false } = options
  const result: PlannedStage = { shuffle: null, operators: planOperators(root, layout, options) }
  const planned = new Map<ShuffleNode, PlannedStage>()
  const finished = new Set<ShuffleNode>()
  const order: PlannedStage[] = []
  // An explicit stack instead of recursion: an iterative program may have thousands of shuffles in a row.
  const stack = [...result.operators.reads].reverse()
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (finished.has(node) || isShuffled(node)) {
      stack.pop()
      continue
    }
    let stage = planned.get(node)
    if (stage === undefined) {
      stage = planMapStage(node, layout, options)
      planned.set(node, stage)
      stack.push(...[...stage.operators.reads].reverse())
      continue
    }
    stack.pop()
    finished.add(node)
    order.push(stage)
  }
  return [...order, result]
}

/** The stage that feeds one shuffle. */
export function planMapStage(node: ShuffleNode, layout: Layout, options: StageOptions = {}): PlannedStage {
  return { shuffle: node, operators: planOperators(node.parent, layout, options) }
}

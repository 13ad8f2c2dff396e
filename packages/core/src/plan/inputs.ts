/** Task inputs: for one partition of a stage, the splits it reads, shaped like the operators that read them. */
import type { PlanNode, ShuffleNode, SourceNode } from './node.ts'
import type { StageOperators } from './operator.ts'
import type { Split } from './source.ts'
import type { StoreTarget, TaskInput } from './task.ts'

/** Finds what a partition of an operator without inputs reads, and of one that keeps its rows. */
export interface InputLookup {
  split(node: SourceNode, partition: number): Split
  shuffled(node: ShuffleNode, partition: number): TaskInput
  /** What is kept of a partition; where it is to be kept; null when it is neither. */
  stored(node: PlanNode, partition: number): (TaskInput & { type: 'stored' }) | StoreTarget | null
}

/** What the task of `partition` reads. */
export function planInput(stage: StageOperators, partition: number, lookup: InputLookup): TaskInput {
  const visit = (index: number, at: number): TaskInput => {
    const operator = stage.operators[index]
    if (operator === undefined) throw new Error(`no operator ${index}`)
    switch (operator.op) {
      case 'source':
        return { type: 'split', split: lookup.split(stage.nodes[index] as SourceNode, at) }
      case 'steps':
        return { type: 'steps', partition: at, input: visit(operator.input, at) }
      case 'union': {
        let left = at
        for (const [branch, input] of operator.inputs.entries()) {
          const count = stage.partitionCounts[input] as number
          if (left < count) return { type: 'branch', branch, input: visit(input, left) }
          left -= count
        }
        throw new Error(`no partition ${at} in a union`)
      }
      case 'coalesce': {
        const count = stage.partitionCounts[index] as number
        const length = stage.partitionCounts[operator.input] as number
        const inputs: TaskInput[] = []
        for (let p = sliceStart(at, count, length); p < sliceStart(at + 1, count, length); p++) {
          inputs.push(visit(operator.input, p))
        }
        return { type: 'chain', inputs }
      }
      case 'zip':
        return { type: 'pair', left: visit(operator.left, at), right: visit(operator.right, at) }
      case 'product': {
        const width = stage.partitionCounts[operator.right] as number
        return {
          type: 'pair',
          left: visit(operator.left, Math.floor(at / width)),
          right: visit(operator.right, at % width),
        }
      }
      case 'shuffled':
        return lookup.shuffled(stage.nodes[index] as ShuffleNode, at)
      case 'cogroup':
        return { type: 'group', inputs: operator.inputs.map((input) => visit(input, at)) }
      case 'stored': {
        const found = lookup.stored(stage.nodes[index] as PlanNode, at)
        if (found !== null && 'type' in found) return found
        if (operator.input === null) throw new Error(`partition ${at} of a stored dataset is gone`)
        const input = visit(operator.input, at)
        return found === null ? input : { type: 'storing', target: found, input }
      }
    }
  }
  return visit(stage.operators.length - 1, partition)
}

/** Where slice `i` begins when `length` things are cut into `count`: ⌊i · length / count⌋, exactly. Source: Spark's ParallelCollectionRDD. */
export function sliceStart(i: number, count: number, length: number): number {
  const product = i * length
  if (Number.isSafeInteger(product)) return Math.floor(product / count)
  return Number((BigInt(i) * BigInt(length)) / BigInt(count))
}

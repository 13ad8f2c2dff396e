/** Task inputs: for one partition of a stage, the splits it reads, shaped like the operators that read them. */
import type { StageOperators } from './operator.ts'
import type { Split } from './source.ts'
import type { TaskInput } from './task.ts'

/**
 * What the task of `partition` reads.
 * @param splitOf split `partition` of the source at `operator`
 */
export function planInput(
  stage: StageOperators,
  partition: number,
  splitOf: (operator: number, partition: number) => Split,
): TaskInput {
  const visit = (index: number, at: number): TaskInput => {
    const operator = stage.operators[index]
    if (operator === undefined) throw new Error(`no operator ${index}`)
    switch (operator.op) {
      case 'source':
        return { type: 'split', split: splitOf(index, at) }
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

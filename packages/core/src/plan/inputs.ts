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
        const [from, to] = sliceOf(
          at,
          stage.partitionCounts[index] as number,
          stage.partitionCounts[operator.input] as number,
        )
        const inputs: TaskInput[] = []
        for (let p = from; p < to; p++) inputs.push(visit(operator.input, p))
        return { type: 'chain', inputs }
      }
      case 'zip':
        return { type: 'pair', left: visit(operator.left, at), right: visit(operator.right, at) }
    }
  }
  return visit(stage.operators.length - 1, partition)
}

/** Slice `i` of `length` things cut into `count`: `[start, end)`. Source: Spark's ParallelCollectionRDD. */
export function sliceOf(i: number, count: number, length: number): readonly [start: number, end: number] {
  return [Math.floor((i * length) / count), Math.floor(((i + 1) * length) / count)]
}

/** Preparing a job: its stage is planned, its sources are split, its functions are captured, all at the moment the action starts. */
import { captureFunctions } from '../closure/capture.ts'
import { type SplitList, splitSource } from '../io/plan-splits.ts'
import type { CallSite } from '../plan/call-site.ts'
import { planInput } from '../plan/inputs.ts'
import type { PipeNode, PlanNode, SourceNode } from '../plan/node.ts'
import { chainOf, planOperators, type StageOperators } from '../plan/operator.ts'
import type { SharedAccumulator } from '../plan/shared.ts'
import type { TaskInput } from '../plan/task.ts'
import { bindStage, type StageProgram } from '../program/program.ts'
import type { Job } from './engine.ts'

export interface PreparedJob {
  readonly partitionCount: number
  readonly program: StageProgram
  readonly mergeProgram: StageProgram | null
  /** What the functions may add to. */
  readonly accumulators: readonly SharedAccumulator[]
  inputOf(partition: number): TaskInput
  /** The verb and place of a plan node of the job, for its errors. */
  originOf(node: number | null): { readonly verb: string; readonly at: CallSite }
}

/** What a source is cut into, once per job, so that all of a job sees the same files. */
export class JobSplits {
  readonly #lists = new Map<SourceNode, SplitList>()
  readonly #defaultParallelism: number

  constructor(defaultParallelism: number) {
    this.#defaultParallelism = defaultParallelism
  }

  of(node: SourceNode): SplitList {
    let list = this.#lists.get(node)
    if (list === undefined) {
      list = splitSource(node.source, originText(node), this.#defaultParallelism)
      this.#lists.set(node, list)
    }
    return list
  }
}

/** Rows before each partition of the parents of `zipWithIndex` nodes. */
export type Offsets = ReadonlyMap<PipeNode, readonly number[]>

/** @param nextStage gives the number of a stage */
export async function prepareJob(
  job: Job,
  splits: JobSplits,
  offsets: Offsets,
  nextStage: () => number,
): Promise<PreparedJob> {
  const stage = planOperators(
    job.root,
    (node) => splits.of(node).count,
    (node) => offsets.get(node) ?? null,
  )
  const { action } = job
  const bound = bindStage(stage.operators, { sink: job.sink, merge: job.merge, node: action.node })
  const originOf = originsOf(stage, job)
  const { bundle, accumulators } = await captureFunctions(
    bound.functions.map(({ fn, node }) => ({ fn, ...originOf(node) })),
  )
  const shared = { bundle, sinkNode: action.node }
  return {
    partitionCount: stage.partitionCounts.at(-1) ?? 0,
    program: { ...shared, id: nextStage(), operators: bound.operators, sink: bound.sink },
    mergeProgram:
      bound.merge === null
        ? null
        : { ...shared, id: nextStage(), operators: [{ op: 'source', node: action.node }], sink: bound.merge },
    accumulators,
    inputOf: (partition) =>
      planInput(stage, partition, (operator, at) => splits.of(stage.nodes[operator] as SourceNode).at(at)),
    originOf,
  }
}

/** Into how many partitions the rows of a plan are cut. @throws DataError if a path of a source is wrong */
export function countPartitions(root: PlanNode, splits: JobSplits): number {
  return planOperators(root, (node) => splits.of(node).count).partitionCounts.at(-1) ?? 0
}

/** The `zipWithIndex` nodes of a plan that need counting, inner ones first. */
export function nodesToCount(root: PlanNode, splits: JobSplits): readonly PipeNode[] {
  const stage = planOperators(root, (node) => splits.of(node).count)
  return stage.operators.flatMap((operator, i) => {
    if (operator.op !== 'steps' || (stage.partitionCounts[i] ?? 0) < 2) return []
    return chainOf(stage.nodes[i] as PlanNode).steps.filter((node) => node.step.op === 'zipWithIndex')
  })
}

function originsOf(stage: StageOperators, job: Job): PreparedJob['originOf'] {
  let origins: Map<number, { verb: string; at: CallSite }> | null = null
  return (id) => {
    if (id === null || id === job.action.node) return job.action
    if (origins === null) {
      origins = new Map()
      for (const end of stage.nodes) {
        const { head, steps } = chainOf(end)
        for (const node of [head, ...steps]) origins.set(node.id, node)
      }
    }
    return origins.get(id) ?? job.action
  }
}

function originText(node: SourceNode): string {
  return node.at.text === '' ? node.verb : `${node.verb} (${node.at.text})`
}

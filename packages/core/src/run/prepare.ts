/** Preparing a job: its stages are planned, its sources are split, its functions are captured, all at the moment the action starts. */
import { captureFunctions } from '../closure/capture.ts'
import { compileStage } from '../compile/stage.ts'
import { type SplitList, splitSource } from '../io/plan-splits.ts'
import type { CallSite } from '../plan/call-site.ts'
import { type InputLookup, planInput } from '../plan/inputs.ts'
import { Layout } from '../plan/layout.ts'
import type { PipeNode, PlanNode, ShuffleNode, SourceNode } from '../plan/node.ts'
import { chainOf } from '../plan/operator.ts'
import type { SharedAccumulator } from '../plan/shared.ts'
import { type PlannedStage, planMapStage, planStages, type StagesOptions } from '../plan/stages.ts'
import type { Sink, UserFunction } from '../plan/step.ts'
import type { TaskInput } from '../plan/task.ts'
import { bindOperators, bindSink, FunctionTable, type StageProgram } from '../program/program.ts'
import { readsLines, valueOf } from './compiled-steps.ts'
import type { Job } from './engine.ts'
import type { KeptRows } from './kept-rows.ts'

export interface PreparedStage {
  readonly program: StageProgram
  readonly partitionCount: number
  /** Whether rows that it takes for kept are not kept any more: it must be planned again. */
  isStale(): boolean
  /** The shuffles whose rows these partitions read. */
  reads(partitions: readonly number[]): readonly ShuffleNode[]
  /** What the task of a partition reads, once those shuffles are there. */
  inputOf(partition: number): TaskInput
}

export interface PreparedJob {
  /** The stage whose rows the action gets. */
  readonly result: PreparedStage
  readonly merge: PreparedStage | null
  /** The stage that feeds a shuffle. */
  mapStage(shuffle: ShuffleNode): Promise<PreparedStage>
  /** The verb and place of a plan node of the job, for its errors. */
  originOf(node: number | null): { readonly verb: string; readonly at: CallSite }
  /** Numbers of all programs. */
  readonly programs: readonly number[]
  /** What the functions may add to. */
  readonly accumulators: readonly SharedAccumulator[]
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

/** What all jobs that one action runs have in common. */
export interface JobWorld {
  readonly splits: JobSplits
  readonly layout: Layout
  readonly kept: KeptRows
  /** Gives the number of a stage. */
  readonly nextStage: () => number
  /** Whether steps that are understood are compiled. */
  readonly compiles: boolean
}

/** The layout of plans as it stands when an action starts. */
export function layoutOf(splits: JobSplits, kept: KeptRows | null): Layout {
  return new Layout((node) => splits.of(node).count, kept === null ? undefined : (node) => kept.known(node))
}

export async function prepareJob(job: Job, world: JobWorld, offsets: Offsets): Promise<PreparedJob> {
  const { layout, kept, nextStage, compiles } = world
  const options = { ...keptIn(kept), offsetsOf: (node: PipeNode) => offsets.get(node) ?? null }
  const { action } = job
  const origins = new Origins(job)
  const programs: number[] = []
  const accumulators: SharedAccumulator[] = []

  /** Binds stages, captures their functions together and makes them programs. */
  const ready = async (
    planned: readonly PlannedStage[],
    merge: Sink<UserFunction> | null,
  ): Promise<PreparedStage[]> => {
    const table = new FunctionTable()
    const bound = planned.map(({ operators, shuffle }) => {
      const sink = shuffle === null ? job.sink : shuffleSink(shuffle, layout)
      const sinkNode = shuffle === null ? action.node : shuffle.id
      origins.add(operators.nodes, shuffle)
      kept.expect(operators, shuffle, layout)
      return {
        operators: bindOperators(operators.operators, table),
        sink: bindSink(sink, sinkNode, table),
        sinkNode,
      }
    })
    const mergeSink = merge === null ? null : bindSink(merge, action.node, table)
    const captured = await captureFunctions(table.functions.map(({ fn, node }) => ({ fn, ...origins.of(node) })))
    const { bundle, codes } = captured
    accumulators.push(...captured.accumulators)
    const numbered = (stage: (typeof bound)[number]): StageProgram => {
      const id = nextStage()
      programs.push(id)
      return { id, bundle, ...stage }
    }
    // Nobody counts what the last stage of an internal job adds: were its rows kept, they would never be computed where it counts.
    const isUncounted = job.isInternal && accumulators.length > 0
    const stages = bound.map((stage, i) => {
      const { operators } = planned[i] as PlannedStage
      const scans = compiles
        ? compileStage(stage, { codes, valueOf }, (operator) => readsLines(operators, operator)).flatMap(
            ({ scan }) => scan ?? [],
          )
        : []
      const plan = planned[i] as PlannedStage
      return stageOf({ ...numbered(stage), scans }, plan, world, !(isUncounted && plan.shuffle === null))
    })
    if (mergeSink === null) return stages
    const source = { op: 'source', node: action.node } as const
    return [...stages, mergeStage(numbered({ operators: [source], sink: mergeSink, sinkNode: action.node }))]
  }

  const planned = planStages(job.root, layout, options)
  const stages = await ready(planned, job.merge)
  const mapStages = new Map<ShuffleNode, PreparedStage>()
  for (const [i, { shuffle }] of planned.entries())
    if (shuffle !== null) mapStages.set(shuffle, stages[i] as PreparedStage)
  return {
    result: stages[planned.length - 1] as PreparedStage,
    merge: stages[planned.length] ?? null,
    async mapStage(shuffle) {
      let stage = mapStages.get(shuffle)
      if (stage === undefined) {
        // Its rows were there when the job started, and were lost since.
        ;[stage] = (await ready([planMapStage(shuffle, layout, options)], null)) as [PreparedStage]
        mapStages.set(shuffle, stage)
      }
      return stage
    },
    originOf: (node) => origins.of(node),
    programs,
    accumulators,
  }
}

/** What need not be planned again. */
function keptIn(kept: KeptRows): StagesOptions {
  return { isStored: (node) => kept.isStored(node), isShuffled: (node) => kept.isShuffled(node) }
}

/** The `zipWithIndex` nodes of a plan that need counting, inner ones first. */
export function nodesToCount(root: PlanNode, { layout, kept }: JobWorld): readonly PipeNode[] {
  const stages = planStages(root, layout, keptIn(kept))
  return stages.flatMap(({ operators: stage }) =>
    stage.operators.flatMap((operator, i) => {
      if (operator.op !== 'steps' || (stage.partitionCounts[i] ?? 0) < 2) return []
      return chainOf(stage.nodes[i] as PlanNode).steps.filter((node) => node.step.op === 'zipWithIndex')
    }),
  )
}

function shuffleSink(shuffle: ShuffleNode, layout: Layout): Sink<UserFunction> {
  const { partitioner, placement } = layout.shuffle(shuffle)
  return { op: 'shuffle', partitioner, partitionCount: placement.count }
}

/** @param mayKeep whether rows that are to be kept are kept when this stage computes them */
function stageOf(
  program: StageProgram,
  { operators: stage }: PlannedStage,
  world: JobWorld,
  mayKeep: boolean,
): PreparedStage {
  const { splits, kept, layout } = world
  const lookup: InputLookup = {
    split: (node, partition) => splits.of(node).at(partition),
    shuffled: (node, partition) => kept.shuffledInput(node, partition),
    stored(node, partition) {
      const found = kept.storedInput(node, partition)
      return mayKeep || found === null || 'type' in found ? found : null
    },
  }
  const isPartial = stage.operators.some((operator) => operator.op === 'stored')
  const whole = stage.nodes.filter((_, i) => {
    const operator = stage.operators[i]
    return operator?.op === 'stored' && operator.input === null
  })
  // What has no partitions brings nothing: of a side that is subtracted from nothing no row has a place to go to.
  const shuffles = stage.reads.filter((node) => layout.count(node) > 0)
  return {
    program,
    partitionCount: stage.partitionCounts.at(-1) ?? 0,
    isStale: () => whole.some((node) => !kept.isStored(node)),
    reads(partitions) {
      // Partitions that are kept need nothing of what is before them.
      if (!isPartial) return shuffles
      const read = new Set<ShuffleNode>()
      const finding: InputLookup = {
        ...lookup,
        split: () => ({ type: 'rows', blocks: [] }),
        shuffled(node) {
          read.add(node)
          return { type: 'shuffled', shuffle: 0, stretches: [], rows: null }
        },
      }
      for (const partition of partitions) planInput(stage, partition, finding)
      return shuffles.filter((node) => read.has(node))
    },
    inputOf: (partition) => planInput(stage, partition, lookup),
  }
}

/** The stage that merges results; its input is given when it runs. */
function mergeStage(program: StageProgram): PreparedStage {
  return {
    program,
    partitionCount: 1,
    isStale: () => false,
    reads: () => [],
    inputOf: () => ({ type: 'split', split: { type: 'rows', blocks: [] } }),
  }
}

/** The verbs and places of the plan nodes of a job. Looked up only when something fails. */
class Origins {
  readonly #job: Job
  readonly #ends: PlanNode[] = []
  #origins: Map<number, { readonly verb: string; readonly at: CallSite }> | null = null

  constructor(job: Job) {
    this.#job = job
  }

  add(ends: readonly PlanNode[], shuffle: ShuffleNode | null): void {
    this.#ends.push(...ends)
    if (shuffle !== null) this.#ends.push(shuffle)
    this.#origins = null
  }

  of(id: number | null): { readonly verb: string; readonly at: CallSite } {
    const { action } = this.#job
    if (id === null || id === action.node) return action
    if (this.#origins === null) {
      this.#origins = new Map()
      for (const end of this.#ends) {
        const { head, steps } = chainOf(end)
        for (const node of [head, ...steps]) this.#origins.set(node.id, node)
      }
    }
    return this.#origins.get(id) ?? action
  }
}

/** The verb of a source and its place, which its errors begin with. */
export function originText(node: SourceNode): string {
  return node.at.text === '' ? node.verb : `${node.verb} (${node.at.text})`
}

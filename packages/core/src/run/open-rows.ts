/** Opening a stage's rows for one task: each operator on the inputs that the task names, its steps fused or passed as barriers. */
import { DataError } from '../errors.ts'
import { openSplit } from '../io/open-split.ts'
import type { Operator, OperatorStep } from '../plan/operator.ts'
import type { TaskInput } from '../plan/task.ts'
import type { FunctionRef, StageProgram } from '../program/program.ts'
import { passBarrier } from './barriers.ts'
import { fuseSteps, isFusible, type Segment } from './fuse.ts'
import { gatherRows, PulledRows, type Rows, type SyncRows } from './rows.ts'
import type { TaskState } from './task-state.ts'

/** A stage whose functions are revived and whose steps are fused. */
export interface Stage {
  readonly program: StageProgram
  readonly functions: readonly unknown[]
  /** For each operator its links; none unless it is a chain of steps. */
  readonly chains: readonly (readonly Link[])[]
}

/** A run of fused steps, or one step that is a barrier. */
type Link = { readonly segment: Segment } | { readonly barrier: OperatorStep<FunctionRef> }

/** A stage ready to open rows. */
export function readyStage(program: StageProgram, functions: readonly unknown[]): Stage {
  return { program, functions, chains: program.operators.map((operator) => chainOf(operator, functions)) }
}

/** The rows that reach the sink of a stage. */
export function openRows(stage: Stage, state: TaskState, input: TaskInput): Promise<Rows> {
  return openOperator(stage, state, stage.program.operators.length - 1, input)
}

function chainOf(operator: Operator<FunctionRef>, functions: readonly unknown[]): readonly Link[] {
  if (operator.op !== 'steps') return []
  const links: Link[] = []
  let fusible: OperatorStep<FunctionRef>[] = []
  const flush = (): void => {
    if (fusible.length > 0) links.push({ segment: fuseSteps(fusible, functions) })
    fusible = []
  }
  for (const step of operator.steps) {
    if (isFusible(step)) fusible.push(step)
    else {
      flush()
      links.push({ barrier: step })
    }
  }
  flush()
  return links
}

/** The rows of an operator, for the inputs of one task. */
async function openOperator(stage: Stage, state: TaskState, index: number, input: TaskInput): Promise<Rows> {
  const operator = stage.program.operators[index]
  if (operator?.op === 'source' && input.type === 'split') return sourceRows(state, input)
  if (operator?.op === 'steps' && input.type === 'steps') {
    let rows = await openOperator(stage, state, operator.input, input.input)
    for (const link of stage.chains[index] ?? []) {
      if ('segment' in link) rows = throughSegment(rows, link.segment, state, input.partition)
      else {
        const { step, node } = link.barrier
        rows = await passBarrier(rows, step, { state, node, partition: input.partition, functions: stage.functions })
      }
    }
    return rows
  }
  if (operator?.op === 'union' && input.type === 'branch')
    return openOperator(stage, state, operator.inputs[input.branch] ?? -1, input.input)
  if (operator?.op === 'coalesce' && input.type === 'chain') {
    const parts: Rows[] = []
    for (const part of input.inputs) parts.push(await openOperator(stage, state, operator.input, part))
    return chainRows(parts, state)
  }
  if (operator?.op === 'zip' && input.type === 'pair') {
    const left = await openOperator(stage, state, operator.left, input.left)
    const right = await openOperator(stage, state, operator.right, input.right)
    return zipRows(await pulled(left, state, operator.node), await pulled(right, state, operator.node))
  }
  throw new Error(`the input of a task does not fit its stage: ${input.type} for ${operator?.op ?? 'nothing'}`)
}

function sourceRows(state: TaskState, input: TaskInput & { type: 'split' }): SyncRows {
  const source = openSplit(input.split)
  state.sources.push(source)
  return {
    isAsync: false,
    advance(push) {
      state.current = source
      const more = source.advance(push)
      // Left as it is when a row throws, so that the failure knows its place.
      state.current = null
      return more
    },
  }
}

function throughSegment(rows: Rows, segment: Segment, state: TaskState, partition: number): Rows {
  let out: ((row: unknown) => boolean) | null = null
  let into: (row: unknown) => boolean = () => true
  // Rows are pushed to one place from first to last, but that place is known only when they start.
  const bind = (push: (row: unknown) => boolean): ((row: unknown) => boolean) => {
    if (out !== push) {
      out = push
      into = segment(push, state, partition)
    }
    return into
  }
  return rows.isAsync
    ? { isAsync: true, advance: (push) => rows.advance(bind(push)) }
    : { isAsync: false, advance: (push) => rows.advance(bind(push)) }
}

function chainRows(parts: readonly Rows[], state: TaskState): Rows {
  let next = 0
  if (parts.some((part) => part.isAsync)) {
    return {
      isAsync: true,
      async advance(push) {
        const part = parts[next]
        if (part === undefined) return false
        if (!(await part.advance(push))) next++
        return !state.stopped && next < parts.length
      },
    }
  }
  return {
    isAsync: false,
    advance(push) {
      const part = parts[next] as SyncRows | undefined
      if (part === undefined) return false
      if (!part.advance(push)) next++
      return !state.stopped && next < parts.length
    },
  }
}

async function pulled(rows: Rows, state: TaskState, node: number): Promise<PulledRows> {
  return new PulledRows(rows.isAsync ? await gatherRows(rows) : rows, state, node)
}

function zipRows(left: PulledRows, right: PulledRows): SyncRows {
  const batch = 1024
  let paired = 0
  return {
    isAsync: false,
    advance(push) {
      for (let i = 0; i < batch; i++) {
        const hasLeft = left.fill()
        const hasRight = right.fill()
        if (hasLeft !== hasRight) {
          throw new DataError(
            `zip needs as many rows on both sides of each partition, got ${paired} on the ${hasLeft ? 'right' : 'left'} and more on the ${hasLeft ? 'left' : 'right'}. Pair rows by key instead, where rows have keys`,
          )
        }
        if (!hasLeft) return false
        paired++
        if (!push([left.take(), right.take()])) return false
      }
      return true
    },
  }
}

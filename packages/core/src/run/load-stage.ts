/**
 * Loading a stage: its functions are revived, with handles of what they share, and its steps are fused. What they add to accumulators
 * is taken when a task has succeeded.
 */
import { type HandleMaker, remapStack, reviveFunctions } from '../closure/revive.ts'
import { DataError } from '../errors.ts'
import type { AccumulatorUpdate } from '../plan/shared.ts'
import type { Task, TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import type { Workspace } from '../shuffle/workspace.ts'
import { type Cell, openCell } from './accumulator-cells.ts'
import type { Broadcasts } from './broadcasts.ts'
import { runTask } from './compute.ts'
import { endedOutcome } from './endings.ts'
import { errorDataOf } from './error-data.ts'
import { readyStage, type Stage } from './open-rows.ts'

export interface LoadedStage {
  /** Never rejects: a failure is an outcome. */
  run(task: Task): Promise<TaskOutcome>
}

/** What a worker has for all its stages. */
export interface WorkerHoldings {
  /** To which a program adds what it brings. */
  readonly broadcasts: Broadcasts
  readonly workspace: Workspace
}

/** A stage ready to run tasks. */
export async function loadStage(
  program: StageProgram,
  { broadcasts, workspace }: WorkerHoldings,
): Promise<LoadedStage> {
  broadcasts.receive(program.bundle.broadcasts)
  const revive = reviverOf(program, broadcasts)
  let ready: Promise<Revived> | null = revive()
  await ready.catch(() => {}) // Tasks will say so.
  return {
    async run(task) {
      try {
        ready ??= revive()
        const taken = ready
        const { stage, cells } = await taken
        if (cells.length === 0) return await runTask(stage, task, workspace)
        // What a failed attempt left running may still add to its cells: the next attempt gets functions with cells of their own.
        ready = null
        for (const { cell } of cells) cell.clear()
        const outcome = await runTask(stage, task, workspace)
        if (!outcome.ok) return outcome
        const accumulated = updatesOf(cells)
        ready = taken
        return accumulated.length === 0 ? outcome : { ...outcome, accumulated }
      } catch (error) {
        return endedOutcome(error instanceof DataError ? 'data' : 'user', errorDataOf(error, remapStack))
      }
    },
  }
}

interface Revived {
  readonly stage: Stage
  /** What the functions add to, by the accumulator's number. */
  readonly cells: readonly { readonly id: number; readonly cell: Cell }[]
}

/** Makes the functions of a program, each time anew. */
function reviverOf(program: StageProgram, broadcasts: Broadcasts): () => Promise<Revived> {
  // Kept, since a broadcast may be dropped before the functions that use it are made again.
  const broadcastHandles = new Map<number, object>()
  return async () => {
    const cells: { id: number; cell: Cell }[] = []
    const handleOf: HandleMaker = (node) => {
      if (node.type === 'broadcast') {
        const handle = broadcastHandles.get(node.id) ?? broadcasts.handleOf(node)
        broadcastHandles.set(node.id, handle)
        return handle
      }
      const cell = openCell(node.kind, node.label)
      cells.push({ id: node.id, cell })
      return cell
    }
    const functions = await reviveFunctions(program.bundle, handleOf)
    return { stage: readyStage(program, functions), cells }
  }
}

function updatesOf(cells: Revived['cells']): readonly AccumulatorUpdate[] {
  return cells.flatMap(({ id, cell }) => {
    const total = cell.total()
    return total === null ? [] : [{ id, total }]
  })
}

/** One task: a partition is opened, pushed through the steps of its stage and given to the sink. The same in every kind of worker. */

import { remapStack } from '../closure/revive.ts'
import { DataError, MissingBlocksError } from '../errors.ts'
import { nowMs } from '../io/clock.ts'
import type { Task, TaskFailure, TaskMetrics, TaskOutcome } from '../plan/task.ts'
import { freeBlocks } from '../shuffle/keep.ts'
import type { Workspace } from '../shuffle/workspace.ts'
import { errorDataOf } from './error-data.ts'
import { openRows, type Stage } from './open-rows.ts'
import { drainInto, gatherRows, PulledRows } from './rows.ts'
import { openSink, type SinkResult, type TaskSink } from './sinks.ts'
import { TaskState } from './task-state.ts'

/** Never rejects: a failure is an outcome. */
export async function runTask(stage: Stage, task: Task, workspace: Workspace): Promise<TaskOutcome> {
  const { program, functions } = stage
  const state = new TaskState(workspace)
  const startedMs = nowMs()
  let sink: TaskSink | null = null
  try {
    const rows = await openRows(stage, state, task.input)
    let result: SinkResult
    if (program.sink.op === 'forEachPartition') {
      const pulled = new PulledRows(rows.isAsync ? await gatherRows(rows) : rows, state, program.sinkNode)
      state.at = program.sinkNode
      await (functions[program.sink.fn] as (rows: Iterable<unknown>) => unknown)(pulled)
      result = { blocks: [], shuffled: null, rowsOut: 0, bytesWritten: 0 }
    } else {
      sink = openSink(program.sink, functions, state, program.sinkNode, task)
      state.lines = sink.pushLines ?? null
      await drainInto(rows, sink.push)
      result = sink.finish()
    }
    const { blocks, shuffled } = result
    return { ok: true, blocks, shuffled, stored: state.stored, metrics: metricsOf(state, result, startedMs) }
  } catch (error) {
    const failure = failureOf(error, state)
    try {
      sink?.abort()
      // Partitions that were whole before a later step failed: nobody will hear of them.
      for (const { blocks } of state.stored) freeBlocks(blocks, workspace)
    } catch {
      // The first error is the one to report; what could not be removed lies in the job's staging directory.
    }
    return { ok: false, failure }
  } finally {
    for (const part of [...state.sources, ...state.holders]) part.close()
  }
}

function metricsOf({ sources, holders, rowsSkipped }: TaskState, result: SinkResult, startedMs: number): TaskMetrics {
  return {
    rowsRead: sources.reduce((sum, source) => sum + source.rowsRead, 0),
    rowsSkipped,
    bytesRead: sources.reduce((sum, source) => sum + source.bytesRead, 0),
    rowsBailed: sources.reduce((sum, source) => sum + (source.rowsBailed ?? 0), 0),
    rowsOut: result.rowsOut,
    bytesWritten: result.bytesWritten,
    shuffleBytesRead: holders.reduce((sum, holder) => sum + (holder.bytesRead ?? 0), 0),
    shuffleBytesWritten: result.shuffled?.bytes ?? 0,
    spilledBytes: holders.reduce((sum, holder) => sum + (holder.spilledBytes ?? 0), 0),
    wallMs: nowMs() - startedMs,
  }
}

function failureOf(error: unknown, state: TaskState): TaskFailure {
  const { node, place, record } = state.locationOf(error)
  if (error instanceof MissingBlocksError) {
    return {
      kind: 'missing',
      error: errorDataOf(error, String),
      node,
      place: null,
      record: null,
      missing: error.blocks,
    }
  }
  const kind = error instanceof DataError ? 'data' : 'user'
  return { kind, error: errorDataOf(error, remapStack), node: node < 0 ? null : node, place, record }
}

/** One task: a partition is opened, pushed through the steps of its stage and given to the sink. The same in every kind of worker. */
import { performance } from 'node:perf_hooks'
import { remapStack } from '../closure/revive.ts'
import { DataError } from '../errors.ts'
import type { Task, TaskFailure, TaskMetrics, TaskOutcome } from '../plan/task.ts'
import { errorDataOf } from './error-data.ts'
import { openRows, type Stage } from './open-rows.ts'
import { gatherRows, PulledRows, type Rows } from './rows.ts'
import { openSink, type TaskSink } from './sinks.ts'
import { TaskState } from './task-state.ts'

/** Never rejects: a failure is an outcome. */
export async function runTask(stage: Stage, task: Task): Promise<TaskOutcome> {
  const { program, functions } = stage
  const state = new TaskState()
  const startedMs = performance.now()
  let sink: TaskSink | null = null
  try {
    const rows = await openRows(stage, state, task.input)
    let result: ReturnType<TaskSink['finish']>
    if (program.sink.op === 'forEachPartition') {
      const pulled = new PulledRows(rows.isAsync ? await gatherRows(rows) : rows, state, program.sinkNode)
      state.at = program.sinkNode
      await (functions[program.sink.fn] as (rows: Iterable<unknown>) => unknown)(pulled)
      result = { blocks: [], rowsOut: 0, bytesWritten: 0 }
    } else {
      sink = openSink(program.sink, functions, state, program.sinkNode, task.output)
      await drain(rows, sink)
      result = sink.finish()
    }
    return { ok: true, blocks: result.blocks, metrics: metricsOf(state, result, startedMs) }
  } catch (error) {
    const failure = failureOf(error, state)
    try {
      sink?.abort()
    } catch {
      // The first error is the one to report; what could not be removed lies in the job's staging directory.
    }
    return { ok: false, failure }
  } finally {
    for (const source of state.sources) source.close()
  }
}

async function drain(rows: Rows, sink: TaskSink): Promise<void> {
  if (rows.isAsync) while (await rows.advance(sink.push));
  else while (rows.advance(sink.push));
}

function metricsOf(
  state: TaskState,
  result: { rowsOut: number; bytesWritten: number },
  startedMs: number,
): TaskMetrics {
  return {
    rowsRead: state.sources.reduce((sum, source) => sum + source.rowsRead, 0),
    bytesRead: state.sources.reduce((sum, source) => sum + source.bytesRead, 0),
    rowsOut: result.rowsOut,
    bytesWritten: result.bytesWritten,
    wallMs: performance.now() - startedMs,
  }
}

function failureOf(error: unknown, state: TaskState): TaskFailure {
  const { node, place, record } = state.locationOf(error)
  const kind = error instanceof DataError ? 'data' : 'user'
  return { kind, error: errorDataOf(error, remapStack), node: node < 0 ? null : node, place, record }
}

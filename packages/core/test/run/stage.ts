/** Stages and tasks made by hand, for tests of the executors. */
import { captureFunctions } from '../../src/closure/capture.ts'
import { decodeRows, encodeRows } from '../../src/io/row-codec.ts'
import type { Sink, Step, UserFunction } from '../../src/plan/step.ts'
import type { Task, TaskFailure, TaskOutcome } from '../../src/plan/task.ts'
import { bindOperators, bindSink, FunctionTable, type StageProgram } from '../../src/program/program.ts'
import type { RunOptions } from '../../src/run/executor.ts'
import { sharedBudget, type WorkspaceOptions } from '../../src/shuffle/workspace.ts'
import { freshDirectory } from '../io/fresh.ts'

let programs = 0

/** A stage of one source, some steps and a sink. */
export async function programOf(
  steps: readonly Step<UserFunction>[],
  sink: Sink<UserFunction> = { op: 'collect' },
): Promise<StageProgram> {
  const table = new FunctionTable()
  const sinkNode = steps.length + 1
  const operators = bindOperators(
    [
      { op: 'source', node: 0 },
      {
        op: 'steps',
        input: 0,
        steps: steps.map((step, i) => ({ step, node: i + 1, partitionCount: 1, offsets: null })),
      },
    ],
    table,
  )
  const bound = bindSink(sink, sinkNode, table)
  const { bundle } = await captureFunctions(
    table.functions.map(({ fn }) => ({ fn, verb: 'map', at: { text: 'job.ts:1:1' } })),
  )
  return { id: programs++, bundle, operators, sink: bound, sinkNode }
}

/** What a worker may use in a test. */
export function workspaceOf(sharesMemory: boolean = true): WorkspaceOptions {
  return {
    directory: freshDirectory(),
    shared: sharesMemory ? sharedBudget(64 * 2 ** 20) : null,
    taskBytes: 16 * 2 ** 20,
  }
}

export function mapping(fn: UserFunction): Promise<StageProgram> {
  return programOf([{ op: 'map', fn }])
}

export function taskOf(program: StageProgram, rows: readonly unknown[] = [1], partition = 0): Task {
  return {
    stage: program.id,
    partition,
    attempt: 0,
    input: {
      type: 'steps',
      partition,
      input: { type: 'split', split: { type: 'rows', blocks: [encodeRows(rows)] } },
    },
    output: null,
  }
}

export function optionsOf(options: Partial<RunOptions> = {}): RunOptions {
  return { signal: new AbortController().signal, timeoutMs: null, env: ENV, ...options }
}

const ENV = { ...process.env } as Record<string, string>

/** The rows of an outcome. */
export function rowsOf(outcome: TaskOutcome): unknown[] {
  if (!outcome.ok) throw new Error(`the task failed: ${outcome.failure.error.message}`)
  return outcome.blocks.flatMap(decodeRows)
}

export function failureOf(outcome: TaskOutcome): TaskFailure {
  if (outcome.ok) throw new Error('the task did not fail')
  return outcome.failure
}

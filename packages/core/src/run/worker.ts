/**
 * What a worker does, whether it is a thread or a process: it loads stages and runs their tasks, one at a time. The only file that exposes
 * through comlink.
 */
import { setImmediate } from 'node:timers'
import { expose, transfer } from 'comlink'
import { remapStack } from '../closure/revive.ts'
import type { Task, TaskOutcome } from '../plan/task.ts'
import { decodeProgram, type WireProgram } from '../program/wire.ts'
import { Workspace, type WorkspaceOptions } from '../shuffle/workspace.ts'
import { Broadcasts } from './broadcasts.ts'
import { endedOutcome } from './endings.ts'
import { errorDataOf } from './error-data.ts'
import { type LoadedStage, loadStage, type WorkerHoldings } from './load-stage.ts'
import type { Port } from './port.ts'
import { capturePrints, type PrintMessage } from './prints.ts'

/** All that travels to a worker: one message a task. What a worker needs beside its program and its task is here. */
export interface RunRequest {
  readonly task: Task
  /** The task's program, the first time. */
  readonly program: WireProgram | null
  /** The environment of user code, when it has changed. */
  readonly env: Readonly<Record<string, string>> | null
  /** The working directory of user code, where the worker has its own. */
  readonly cwd: string | null
  /** Programs that will not come again. */
  readonly forget: readonly number[]
  /** What the worker may use to hold rows, the first time. */
  readonly workspace: WorkspaceOptions | null
}

export interface RunReply {
  readonly outcome: TaskOutcome
  /** The task failed while it still ran, and goes on: the worker must be ended before its failure is told. */
  readonly isRunning: boolean
}

export interface WorkerApi {
  run(request: RunRequest): Promise<RunReply>
  dropBroadcast(id: number): Promise<void>
}

/** A worker's first message: it has started, so that what ends it later is no fault of its start. */
export interface ReadyMessage {
  readonly type: 'ready'
}

const stages = new Map<number, Promise<LoadedStage>>()
const broadcasts = new Broadcasts()
let holdings: WorkerHoldings | null = null

/** Set while a task runs: ends it with an error that no promise of its own will report. */
let stray: ((error: unknown) => void) | null = null

/**
 * Makes this thread or process a worker.
 * @param port leads to the driver
 * @param print sends what user code prints, and returns when the terminal is ready for more
 */
export function serveTasks(port: Port, print: (message: PrintMessage) => void): void {
  Reflect.set(globalThis, Symbol.for('kindling.worker'), true)
  const flushPrints = capturePrints(print)
  for (const event of ['unhandledRejection', 'uncaughtException'] as const) {
    process.on(event, (error: unknown) => stray?.(error))
  }
  const api: WorkerApi = {
    async run(request) {
      const reply = await guarded(() => runRequest(request))
      flushPrints()
      const { outcome } = reply
      return outcome.ok
        ? transfer(
            reply,
            outcome.blocks.map((block) => block.buffer as ArrayBuffer),
          )
        : reply
    },
    async dropBroadcast(id) {
      broadcasts.drop(id)
    },
  }
  expose(api, port)
  port.postMessage({ type: 'ready' } satisfies ReadyMessage)
}

async function runRequest({ task, program, env, cwd, forget, workspace }: RunRequest): Promise<TaskOutcome> {
  for (const id of forget) stages.delete(id)
  if (env !== null) replaceEnv(env)
  if (cwd !== null && cwd !== process.cwd()) process.chdir(cwd)
  if (workspace !== null) holdings = { broadcasts, workspace: new Workspace(workspace) }
  if (program !== null) stages.set(task.stage, loadStage(decodeProgram(program), holdingsOf()))
  const stage = await stages.get(task.stage)
  if (stage === undefined) throw new Error(`stage ${task.stage} was not sent`)
  return stage.run(task)
}

function holdingsOf(): WorkerHoldings {
  if (holdings === null) throw new Error('the workspace was not sent')
  return holdings
}

/** The outcome of a task, or of an error that escaped it. */
async function guarded(run: () => Promise<TaskOutcome>): Promise<RunReply> {
  let isRunning = true
  const escaped = new Promise<TaskOutcome>((resolve) => {
    stray = (error) => resolve(endedOutcome('user', errorDataOf(error, remapStack)))
  })
  const finished = run().then((outcome) => {
    isRunning = false
    return outcome
  })
  try {
    const outcome = await Promise.race([finished, escaped])
    // A promise rejected by the task's last lines is reported in the next turn.
    return { outcome: outcome.ok ? await Promise.race([escaped, nextTurn(outcome)]) : outcome, isRunning }
  } finally {
    stray = null
  }
}

function nextTurn<T>(value: T): Promise<T> {
  return new Promise((resolve) => setImmediate(() => resolve(value)))
}

function replaceEnv(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) if (!Object.hasOwn(env, name)) delete process.env[name]
  Object.assign(process.env, env)
}

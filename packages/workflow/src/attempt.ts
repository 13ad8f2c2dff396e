/** One attempt at a task: its `run` is called with all that it may use, within its time, and must leave the targets that it promised. */
import type { Context } from 'kindling'
import { type Session, withinAttempt } from './ambient.ts'
import { contextFor } from './datasets.ts'
import { arrange, type Dependencies } from './dependency.ts'
import { DataError } from './errors.ts'
import { asError } from './graph.ts'
import type { Node } from './node.ts'
import { createShell, type Shell } from './shell.ts'
import type { ErasedContext, Task } from './task.ts'

export interface AttemptOptions {
  readonly node: Node
  readonly number: number
  readonly session: Session
  /** What datasets and `compute` run on; the default context when null. */
  readonly context: Context | null
  readonly controller: AbortController
  readonly timeoutMs: number | null
  readonly outputOf: (task: Task) => unknown
  readonly need: (needs: Dependencies) => Promise<unknown>
  readonly onProgress: (fraction: number, message: string | null) => void
  readonly onLog: (message: string) => void
}

/** How long user code may go on after it was told to stop; then it is left to itself, and can't commit a target any more. */
const GRACE_MS = 2000

/** @throws what `run` throws; why it was aborted; DataError when a target is missing afterwards */
export async function runAttempt(options: AttemptOptions): Promise<void> {
  const { node, controller, timeoutMs } = options
  const { label } = node.task
  const timer =
    timeoutMs === null ? undefined : setTimeout(() => controller.abort(timeoutError(label, timeoutMs)), timeoutMs)
  try {
    await untilAborted(start(options), controller.signal)
  } finally {
    clearTimeout(timer)
  }
  await checkOutputs(node)
}

async function start(options: AttemptOptions): Promise<unknown> {
  const { node, session, controller } = options
  const { label } = node.task
  const { signal } = controller
  const onStray = (error: unknown): void => {
    if (!signal.aborted) controller.abort(asError(error))
    else process.emitWarning(`${label} has ended, but what it left running threw: ${asError(error).message}`)
  }
  const attempt = { label, signal, onStray }
  const contextOfDatasets = await contextFor(node.task.definition, options.context)
  // A `run` that throws at once rejects, as one that throws later.
  return withinAttempt(session, attempt, async () => node.task.definition.run?.(contextOf(options, contextOfDatasets)))
}

function contextOf(options: AttemptOptions, contextOfDatasets: () => Context): ErasedContext {
  const { node, session, controller, number } = options
  const { signal } = controller
  let shell: Shell | null = null
  const run: ErasedContext = {
    params: node.task.params,
    input: arrange(node.needs, options.outputOf),
    output: node.output,
    signal,
    attempt: number,
    need: options.need,
    get ctx() {
      return contextOfDatasets()
    },
    async compute<Result>(fn: () => Result | Promise<Result>): Promise<Result> {
      const [result] = await run.ctx.parallelize([0], 1).mapAsync<Result>(fn).collect({ signal })
      // One row went in, so one came out.
      return result as Result
    },
    get sh() {
      shell ??= createShell({ cwd: session.cwd ?? process.cwd(), signal })
      return shell
    },
    progress: (fraction, message) => options.onProgress(fraction, message ?? null),
    log: options.onLog,
  }
  return run
}

/** Waits for the work; once aborted, only for a moment, and then rejects with the reason. */
function untilAborted(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const giveUp = (): void => {
      timer = setTimeout(() => reject(signal.reason), GRACE_MS)
    }
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    const settle = (act: () => void): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', giveUp)
      if (signal.aborted) reject(signal.reason)
      else act()
    }
    work.then(
      () => settle(resolve),
      (error: unknown) => settle(() => reject(error)),
    )
  })
}

async function checkOutputs({ task, targets, output }: Node): Promise<void> {
  const { complete } = task.definition
  for (const target of targets) {
    if (await target.exists()) continue
    throw new DataError(
      `${task.name}: run ended without making ${target.describe()}. Write it in run, or correct output.`,
    )
  }
  if (complete !== undefined && !(await complete({ params: task.params, output })))
    throw new DataError(`${task.name}: run ended, but complete still says no. Correct one of them.`)
}

function timeoutError(label: string, timeoutMs: number): Error {
  return Object.assign(new Error(`${label}: it took longer than ${timeoutMs} ms. Raise timeout, or make it quicker.`), {
    name: 'TimeoutError',
  })
}

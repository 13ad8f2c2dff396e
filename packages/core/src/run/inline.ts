/**
 * The inline executor: tasks run in this thread, one after another, for tests, debuggers and REPLs. It takes each program
 * through the wire and the strict check, so that an answer never depends on where a task ran, and what runs here can travel.
 * An async function that is stopped goes on unheard: a thread of its own could be ended, this one cannot.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Task, TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import { decodeProgram, encodeProgram } from '../program/wire.ts'
import { Workspace, type WorkspaceOptions } from '../shuffle/workspace.ts'
import { Broadcasts } from './broadcasts.ts'
import { cancelledOutcome, endedOutcome } from './endings.ts'
import { errorDataOf } from './error-data.ts'
import type { Executor } from './executor.ts'
import { abortedOutcome, type Limits, watchLimits } from './limits.ts'
import type { LoadedStage, WorkerHoldings } from './load-stage.ts'

export function openInline(options: WorkspaceOptions): Executor {
  const stages = new Map<number, Promise<LoadedStage>>()
  const holdings = { broadcasts: new Broadcasts(), workspace: new Workspace(options) }
  let last: Promise<unknown> = Promise.resolve()
  const closing = new AbortController()

  const load = (program: StageProgram): Promise<LoadedStage> => {
    let stage = stages.get(program.id)
    if (stage === undefined) {
      stage = loadThroughWire(program, holdings)
      stages.set(program.id, stage)
    }
    return stage
  }
  const attempt = async (program: StageProgram, task: Task, limits: Limits): Promise<TaskOutcome> => {
    // A turn of the event loop between tasks lets an abort be seen.
    await nextTurn()
    if (closing.signal.aborted) return cancelledOutcome('the context was stopped')
    if (limits.signal.aborted) return abortedOutcome(limits.signal)
    return limited(limits, closing.signal, async () => (await load(program)).run(task))
  }

  return {
    slots: 1,
    sharesMemory: true,
    run(program, task, limits) {
      const outcome = last.then(() => attempt(program, task, limits))
      last = outcome
      return outcome
    },
    warm() {},
    release(programId) {
      stages.delete(programId)
    },
    dropBroadcast(id) {
      holdings.broadcasts.drop(id)
    },
    async close() {
      closing.abort(new Error('the context was stopped'))
      await last
    },
  }
}

async function loadThroughWire(program: StageProgram, holdings: WorkerHoldings): Promise<LoadedStage> {
  // What runs tasks is a third of kindling's files, which a script with workers of its own need not load.
  const [{ checkProgram }, { loadStage }] = await Promise.all([
    import('../program/check.ts'),
    import('./load-stage.ts'),
  ])
  return loadStage(checkProgram(decodeProgram(encodeProgram(program))), holdings)
}

/** The outcome of a run, or of the limit that was reached before. */
function limited(limits: Limits, closing: AbortSignal, run: () => Promise<TaskOutcome>): Promise<TaskOutcome> {
  return new Promise((resolve) => {
    const releases = [watchLimits(limits, resolve), watchLimits({ signal: closing, timeoutMs: null }, resolve)]
    void run()
      .catch((error) => endedOutcome('user', errorDataOf(error, String)))
      .then(resolve)
      .finally(() => releases.forEach((release) => release()))
  })
}

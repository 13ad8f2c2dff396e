/**
 * The inline executor: tasks run in this thread, one after another, for tests, debuggers and REPLs. It takes each program
 * through the wire and the strict check, so that an answer never depends on where a task ran, and what runs here can travel.
 */
import type { TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import { decodeProgram, encodeProgram } from '../program/wire.ts'
import { type LoadedStage, loadStage } from './compute.ts'
import { cancelledOutcome, type Executor } from './executor.ts'

export function openInline(): Executor {
  const stages = new Map<number, Promise<LoadedStage>>()
  let last: Promise<unknown> = Promise.resolve()
  let isClosed = false
  const load = (program: StageProgram): Promise<LoadedStage> => {
    let stage = stages.get(program.id)
    if (stage === undefined) {
      const wire = encodeProgram(program)
      stage = import('../program/check.ts').then(({ checkProgram }) => loadStage(checkProgram(decodeProgram(wire))))
      stages.set(program.id, stage)
    }
    return stage
  }
  return {
    slots: 1,
    run(program, task, { signal }) {
      const run = async (): Promise<TaskOutcome> => {
        // A turn of the event loop between tasks lets an abort be seen.
        await new Promise((resolve) => setImmediate(resolve))
        if (isClosed || signal.aborted)
          return cancelledOutcome(isClosed ? 'the context was stopped' : String(signal.reason))
        const stage = await load(program)
        return stage.run(task)
      }
      const outcome = last.then(run)
      last = outcome
      return outcome
    },
    warm() {},
    release(programId) {
      stages.delete(programId)
    },
    async close() {
      isClosed = true
      await last
    },
  }
}

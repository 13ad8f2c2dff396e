/** The pool: an executor over workers, whatever its host makes them: threads or processes. Tasks wait here for a free slot. */
import { setMaxListeners } from 'node:events'
import type { TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import { encodeProgram, type WireProgram } from '../program/wire.ts'
import type { WorkspaceOptions } from '../shuffle/workspace.ts'
import { cancelledOutcome } from './endings.ts'
import type { Executor } from './executor.ts'
import { abortedOutcome } from './limits.ts'
import { Slot, type Starts } from './slot.ts'
import type { WorkerHost } from './worker-host.ts'

export interface PoolOptions {
  readonly slots: number
  readonly host: WorkerHost
  /** Heap limit that the host gives each worker, in MB; null for Node's own. */
  readonly workerMemoryMb: number | null
  /** What each worker may use to hold rows. */
  readonly workspace: WorkspaceOptions
}

export function openPool(options: PoolOptions): Executor {
  const { host, workerMemoryMb, workspace } = options
  const starts: Starts = { failures: 0, lastMs: 0, outcome: null }
  const slots = Array.from(
    { length: options.slots },
    (_, i) => new Slot({ number: i + 1, host, workerMemoryMb, workspace, starts }),
  )
  /** Tasks that wait for a slot, the oldest first. */
  const waiting = new Set<(slot: Slot | null) => void>()
  const wires = new Map<number, WireProgram>()
  let isClosed = false

  /** A slot, free until it is given back; null if the task was cancelled while it waited. */
  const acquire = (signal: AbortSignal): Slot | Promise<Slot | null> => {
    const free = slots.find((slot) => !slot.isTaken && slot.isWarm) ?? slots.find((slot) => !slot.isTaken)
    if (free === undefined) {
      return new Promise((resolve) => {
        const settle = (slot: Slot | null): void => {
          waiting.delete(settle)
          signal.removeEventListener('abort', onAbort)
          resolve(slot)
        }
        const onAbort = (): void => settle(null)
        waiting.add(settle)
        signal.addEventListener('abort', onAbort)
      })
    }
    free.isTaken = true
    return free
  }
  const giveBack = (slot: Slot): void => {
    const [next] = waiting
    if (next === undefined) slot.isTaken = false
    else next(slot)
  }
  const wireOf = (program: StageProgram): WireProgram => {
    let wire = wires.get(program.id)
    if (wire === undefined) {
      wire = encodeProgram(program)
      wires.set(program.id, wire)
    }
    return wire
  }
  const refusal = (signal: AbortSignal): TaskOutcome | null => {
    if (isClosed) return cancelledOutcome('the context was stopped')
    return signal.aborted ? abortedOutcome(signal) : null
  }

  return {
    slots: options.slots,
    sharesMemory: host.sharesMemory,
    async run(program, task, run) {
      // The tasks of a job share its signal: there may be more than the ten listeners that Node warns of as a leak.
      setMaxListeners(0, run.signal)
      const refused = refusal(run.signal)
      if (refused !== null) return refused
      const slot = await acquire(run.signal)
      if (slot === null) return refusal(run.signal) ?? cancelledOutcome('it waited')
      try {
        return refusal(run.signal) ?? (await slot.run(wireOf(program), task, run))
      } finally {
        giveBack(slot)
      }
    },
    warm(taskCount) {
      if (isClosed) return
      for (const slot of slots.slice(0, taskCount)) slot.warm()
    },
    release(programId) {
      wires.delete(programId)
      for (const slot of slots) slot.forget(programId)
    },
    dropBroadcast(id) {
      for (const slot of slots) slot.dropBroadcast(id)
    },
    async close() {
      isClosed = true
      for (const settle of waiting) settle(null)
      await Promise.all(slots.map((slot) => slot.close()))
    },
  }
}

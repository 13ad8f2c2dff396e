/** A crew: runs tasks in so many slots, tries again what failed, and stops as the policy says. */
import type { OnFailure } from './options.ts'

/** How one attempt went. */
export type Attempt<Done> =
  | { readonly ok: true; readonly done: Done }
  | { readonly ok: false; readonly isFinal: boolean; readonly failed: Done }

export interface CrewOptions<Task, Done> {
  readonly slots: number
  readonly retries: number
  readonly onFailure: OnFailure
  /** Ends what runs. */
  readonly signal: AbortSignal
  /** Never rejects but for what ends the whole job. `slot` counts from 1, `number` from 0. */
  readonly attempt: (task: Task, slot: number, number: number, signal: AbortSignal) => Promise<Attempt<Done>>
  /** Takes each task's last attempt. */
  readonly settle: (task: Task, attempt: Attempt<Done>) => Promise<void>
}

/** Whether all tasks were run and none failed. @throws what an attempt rejects with, or the reason of the signal */
export async function runCrew<Task, Done>(
  tasks: Iterable<Task> | AsyncIterable<Task>,
  { slots, retries, onFailure, signal, attempt, settle }: CrewOptions<Task, Done>,
): Promise<boolean> {
  const queue = Symbol.asyncIterator in tasks ? tasks[Symbol.asyncIterator]() : tasks[Symbol.iterator]()
  const killing = new AbortController()
  const onAbort = (): void => killing.abort(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  const state = { isStopped: false, isWell: true }

  const runTask = async (task: Task, slot: number): Promise<void> => {
    for (let number = 0; ; number++) {
      const ended = await attempt(task, slot, number, killing.signal)
      // What was killed because another failed, or from outside, is neither done nor failed.
      if (!ended.ok && killing.signal.aborted) return
      if (!ended.ok && !ended.isFinal && number < retries) continue
      await settle(task, ended)
      if (ended.ok) return
      state.isWell = false
      if (onFailure !== 'continue') state.isStopped = true
      if (onFailure === 'kill') killing.abort(new Error('another program failed'))
      return
    }
  }
  const runSlot = async (slot: number): Promise<void> => {
    while (!state.isStopped && !killing.signal.aborted) {
      const next = await queue.next()
      if (next.done === true) return
      // The queue may have been waited for.
      if (state.isStopped || killing.signal.aborted) return
      await runTask(next.value, slot)
    }
  }
  const running = Array.from({ length: slots }, (_, i) =>
    runSlot(i + 1).catch((error: unknown) => {
      killing.abort(error)
      throw error
    }),
  )
  const results = await Promise.allSettled(running)
  signal.removeEventListener('abort', onAbort)
  // A list needs no telling; standard input would be waited for.
  if (Symbol.asyncIterator in tasks) void Promise.resolve(queue.return?.()).catch(() => undefined)
  for (const result of results) if (result.status === 'rejected') throw result.reason
  signal.throwIfAborted()
  return state.isWell
}

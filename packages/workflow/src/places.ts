/**
 * Places: as many tasks as there are workers have one. A task gives its place up while it waits in `need`, with the resources that it
 * holds, and goes on when there is one again, before others start.
 */
import type { Entry } from './entry.ts'
import { ReadyQueue } from './ready-queue.ts'

export class Places {
  readonly #workers: number
  readonly #ready: ReadyQueue<Entry>
  /** Those whose `need` is fulfilled. */
  readonly #resuming: { readonly entry: Entry; readonly go: () => void }[] = []
  #taken = 0

  constructor(workers: number, resources: Readonly<Record<string, number>>) {
    this.#workers = workers
    this.#ready = new ReadyQueue(resources)
  }

  /** Takes note of one that may start. */
  push(entry: Entry): void {
    this.#ready.push(entry)
  }

  /** Forgets those that may start. */
  clear(): void {
    this.#ready.clear()
  }

  /** Lets those go on that can. */
  goOn(): void {
    while (this.#taken < this.#workers) {
      const next = this.#resuming.find(({ entry }) => this.#ready.acquire(entry))
      if (next === undefined) return
      this.#resuming.splice(this.#resuming.indexOf(next), 1)
      this.#occupy(next.entry)
      next.go()
    }
  }

  /** The next one to start, which has its place then; undefined when there is none or no place. */
  take(): Entry | undefined {
    const entry = this.#taken < this.#workers ? this.#ready.take() : undefined
    if (entry !== undefined) this.#occupy(entry)
    return entry
  }

  /** Gives up the place of one that has it. */
  vacate(entry: Entry): void {
    if (!entry.hasPlace) return
    entry.hasPlace = false
    this.#taken--
    this.#ready.release(entry)
  }

  /** Resolves when there is a place again; once aborted, at once, so that it can clean up. `goOn` has to be called. */
  resume(entry: Entry, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#resuming.splice(this.#resuming.indexOf(waiting), 1)
        resolve()
      }
      const go = (): void => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiting = { entry, go }
      signal.addEventListener('abort', onAbort, { once: true })
      this.#resuming.push(waiting)
    })
  }

  #occupy(entry: Entry): void {
    entry.hasPlace = true
    this.#taken++
  }
}

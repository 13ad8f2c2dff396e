/**
 * A slot: a place for one worker, which is started when a task needs it and again when it has ended. The only file that wraps with comlink,
 * which never settles a call to a worker that died; so every call here races with the worker's end.
 */
import { type Remote, wrap } from 'comlink'
import { nowMs } from '../io/clock.ts'
import type { Task, TaskOutcome } from '../plan/task.ts'
import type { WireProgram } from '../program/wire.ts'
import type { WorkspaceOptions } from '../shuffle/workspace.ts'
import { cancelledOutcome, endedOutcome } from './endings.ts'
import { errorDataOf } from './error-data.ts'
import type { RunOptions } from './executor.ts'
import { watchLimits } from './limits.ts'
import { openPort } from './port.ts'
import type { ReadyMessage, RunRequest, WorkerApi } from './worker.ts'
import { lostOutcome, type WorkerEnd } from './worker-end.ts'
import type { HostedWorker, WorkerHost } from './worker-host.ts'

/** How long a stopped worker may take to end. One inside a system call ends only after it; its task is given up before. */
const PATIENCE_MS = 1000

/** After so many workers in a row that could not start, tasks fail at once, */
const MAX_START_FAILURES = 3
/** until so long after the last of them. */
const START_PAUSE_MS = 1000

/** How starting workers went lately: those that never can, say for want of memory, are not started over and over. */
export interface Starts {
  /** In a row. */
  failures: number
  lastMs: number
  outcome: TaskOutcome | null
}

export interface SlotOptions {
  /** From 1. */
  readonly number: number
  readonly host: WorkerHost
  /** Heap limit of its worker in MB, for errors; null for Node's own. */
  readonly workerMemoryMb: number | null
  readonly workspace: WorkspaceOptions
  /** Shared by the slots of a pool. */
  readonly starts: Starts
}

/** A worker, from its start to its end. */
interface Living {
  readonly worker: HostedWorker
  readonly api: Remote<WorkerApi>
  /** Programs it has. */
  readonly loaded: Set<number>
  /** Broadcasts it has. */
  readonly broadcasts: Set<number>
  /** Programs it has and will not need. */
  readonly forgotten: number[]
  env: RunOptions['env'] | null
  /** It knows its workspace. */
  isEquipped: boolean
  /** What becomes of its task; set when it is stopped. */
  whyStopped: TaskOutcome | null
  /** Resolves when the worker has ended, with what that means for its task. Until then `end` can do so. */
  readonly ended: Promise<TaskOutcome>
  readonly end: (outcome: TaskOutcome) => void
  /** The task that runs wants to know, too. */
  onEnd: ((outcome: TaskOutcome) => void) | null
}

export class Slot {
  isTaken = false
  readonly #options: SlotOptions
  #living: Living | null = null

  constructor(options: SlotOptions) {
    this.#options = options
  }

  get isWarm(): boolean {
    return this.#living !== null
  }

  /** Null, with the reason in `starts`, when no worker can be had. */
  warm(): Living | null {
    const { failures, lastMs } = this.#options.starts
    if (this.#living === null && failures >= MAX_START_FAILURES && nowMs() - lastMs < START_PAUSE_MS) return null
    try {
      this.#living ??= this.#start()
    } catch (error) {
      this.#startFailed(this.#lost(false, { fatal: error, exitCode: 1, signal: null, report: '' }))
    }
    return this.#living
  }

  #startFailed(outcome: TaskOutcome): void {
    const { starts } = this.#options
    starts.failures++
    starts.lastMs = nowMs()
    starts.outcome = outcome
  }

  async run(wire: WireProgram, task: Task, options: RunOptions): Promise<TaskOutcome> {
    const living = this.warm()
    if (living === null) return this.#options.starts.outcome ?? cancelledOutcome('no worker could start')
    living.worker.ref()
    const release = watchLimits(options, (outcome) => this.#stop(living, outcome))
    try {
      // No Promise.race: what it is given keeps every result it ever took part in until it settles, and `ended` may be hours away.
      return await new Promise((resolve) => {
        living.onEnd = resolve
        void this.#ask(living, wire, task, options.env).then(resolve)
      })
    } finally {
      living.onEnd = null
      release()
      living.worker.unref()
    }
  }

  forget(programId: number): void {
    if (this.#living?.loaded.delete(programId)) this.#living.forgotten.push(programId)
  }

  /** At once, not with the next task: it may be most of the worker's memory. */
  dropBroadcast(id: number): void {
    const living = this.#living
    // A call to a worker that ends meanwhile never settles, and need not.
    if (living?.broadcasts.delete(id)) void living.api.dropBroadcast(id)
  }

  async close(): Promise<void> {
    const living = this.#living
    if (living === null) return
    this.#stop(living, cancelledOutcome('the context was stopped'))
    await living.ended
  }

  async #ask(living: Living, wire: WireProgram, task: Task, env: RunOptions['env']): Promise<TaskOutcome> {
    const { api, loaded, broadcasts, forgotten, worker } = living
    const news = loaded.has(task.stage) ? [] : wire.broadcasts.filter(({ id }) => !broadcasts.has(id))
    try {
      const request: RunRequest = {
        task,
        program: loaded.has(task.stage) ? null : { ...wire, broadcasts: news },
        env: living.env === env ? null : env,
        cwd: this.#options.host.sharesMemory ? null : process.cwd(),
        forget: forgotten.splice(0),
        workspace: living.isEquipped ? null : this.#options.workspace,
      }
      living.isEquipped = true
      loaded.add(task.stage)
      for (const { id } of news) broadcasts.add(id)
      living.env = env
      const { outcome, isRunning } = await api.run(request)
      // What the task printed is on the terminal before its action resolves.
      await worker.terminal.drained()
      if (!isRunning) return outcome
      this.#stop(living, outcome)
      return await living.ended
    } catch (error) {
      // A message that could not be cloned, either way, or a working directory that is gone.
      loaded.delete(task.stage)
      for (const { id } of news) broadcasts.delete(id)
      return endedOutcome('data', errorDataOf(error, String))
    }
  }

  /** Ends a worker whatever it does; only that stops code that does not return. */
  #stop(living: Living, outcome: TaskOutcome): void {
    if (this.#living === living) this.#living = null
    living.whyStopped = outcome
    const timer = setTimeout(() => living.end(outcome), PATIENCE_MS)
    void living.worker.terminate().then(() => {
      clearTimeout(timer)
      living.end(outcome)
    })
  }

  #start(): Living {
    const { number, host, starts } = this.#options
    let hasStarted = false
    let settle: Living['end'] = () => {}
    const ended = new Promise<TaskOutcome>((resolve) => {
      settle = resolve
    })
    const { port, receive } = openPort((message, transfer) => worker.send(message, transfer))
    const worker = host.start(number, {
      message: (message) => {
        if (!isReady(message)) return receive(message)
        hasStarted = true
        starts.failures = 0
      },
      end: (end) => {
        if (this.#living === living) this.#living = null
        const lost = this.#lost(hasStarted, end)
        if (!hasStarted && living.whyStopped === null) this.#startFailed(lost)
        living.end(living.whyStopped ?? lost)
      },
    })
    const living: Living = {
      worker,
      api: wrap<WorkerApi>(port),
      loaded: new Set(),
      broadcasts: new Set(),
      forgotten: [],
      env: null,
      isEquipped: false,
      whyStopped: null,
      ended,
      end: (outcome) => {
        living.onEnd?.(outcome)
        settle(outcome)
      },
      onEnd: null,
    }
    return living
  }

  #lost(hasStarted: boolean, end: WorkerEnd): TaskOutcome {
    return lostOutcome({ ...end, hasStarted, memoryMb: this.#options.workerMemoryMb })
  }
}

function isReady(message: unknown): message is ReadyMessage {
  return (message as ReadyMessage).type === 'ready'
}

/**
 * The pool: an executor over worker threads, each behind one comlink endpoint. The only file that wraps. comlink never settles a
 * call to a worker that died, so every call here races with the worker's end.
 */
import { setMaxListeners } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Endpoint, type Remote, wrap } from 'comlink'
import type { Task, TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import { encodeProgram, type WireProgram } from '../program/wire.ts'
import { cancelledOutcome, endedOutcome, lostOutcome } from './endings.ts'
import { errorDataOf } from './error-data.ts'
import type { Executor, RunOptions } from './executor.ts'
import { abortedOutcome, watchLimits } from './limits.ts'
import { openOutstanding, type PrintMessage } from './prints.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import type { ReadyMessage, WorkerApi } from './worker.ts'

export interface PoolOptions {
  readonly slots: number
  /** Heap limit of each worker in MB; null for Node's own. */
  readonly workerMemoryMb: number | null
  /** The workers' entry; kindling's own unless a test gives another. */
  readonly workerUrl?: URL
}

/** Compiled also when these sources run as they are: Node 20 starts no TypeScript worker. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/run/worker.js' : './worker.js',
  import.meta.url,
)

/**
 * V8's space for new objects. Rows that stream die young, and a space that stays in the processor's cache is swept for less: 7 % less CPU
 * in the defining job on Node 24 than with V8's 48 MB, and 60 MB less memory on Node 20; functions that hold rows pay 2 % more.
 */
const YOUNG_MB = 8

/** How long a stopped worker may take to end. One inside a system call ends only after it; its task is given up before. */
const PATIENCE_MS = 1000

/** After so many workers in a row that could not start, tasks fail at once, */
const MAX_START_FAILURES = 3
/** until so long after the last of them. */
const START_PAUSE_MS = 1000

/** How starting workers went lately: those that never can, say for want of memory, are not started over and over. */
interface Starts {
  /** In a row. */
  failures: number
  lastMs: number
  outcome: TaskOutcome | null
}

export function openPool(options: PoolOptions): Executor {
  const starts: Starts = { failures: 0, lastMs: 0, outcome: null }
  const slots = Array.from({ length: options.slots }, (_, i) => new Slot(i + 1, options, starts))
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

/** A worker thread, from its start to its end. */
interface Living {
  readonly worker: Worker
  readonly api: Remote<WorkerApi>
  /** Programs it has. */
  readonly loaded: Set<number>
  /** Broadcasts it has. */
  readonly broadcasts: Set<number>
  /** Programs it has and will not need. */
  readonly forgotten: number[]
  readonly terminal: Terminal
  env: Readonly<Record<string, string>> | null
  /** What becomes of its task; set when it is stopped. */
  whyStopped: TaskOutcome | null
  /** Resolves when the thread has ended, with what that means for its task. Until then `end` can do so. */
  readonly ended: Promise<TaskOutcome>
  readonly end: (outcome: TaskOutcome) => void
  /** The task that runs wants to know, too. */
  onEnd: ((outcome: TaskOutcome) => void) | null
}

/** A place for one worker, which is started when needed and again when it has ended. */
class Slot {
  isTaken = false
  readonly #number: number
  readonly #options: PoolOptions
  readonly #starts: Starts
  #living: Living | null = null

  constructor(number: number, options: PoolOptions, starts: Starts) {
    this.#number = number
    this.#options = options
    this.#starts = starts
  }

  get isWarm(): boolean {
    return this.#living !== null
  }

  /** Null, with the reason in `#starts`, when no worker can be had. */
  warm(): Living | null {
    const { failures, lastMs } = this.#starts
    if (this.#living === null && failures >= MAX_START_FAILURES && performance.now() - lastMs < START_PAUSE_MS)
      return null
    try {
      this.#living ??= this.#start()
    } catch (error) {
      this.#startFailed(lostOutcome({ hasStarted: false, fatal: error, exitCode: 1, memoryMb: null }))
    }
    return this.#living
  }

  #startFailed(outcome: TaskOutcome): void {
    this.#starts.failures++
    this.#starts.lastMs = performance.now()
    this.#starts.outcome = outcome
  }

  async run(wire: WireProgram, task: Task, options: RunOptions): Promise<TaskOutcome> {
    const living = this.warm()
    if (living === null) return this.#starts.outcome ?? cancelledOutcome('no worker could start')
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
    const { api, loaded, broadcasts, forgotten, terminal } = living
    const news = wire.broadcasts.filter(({ id }) => !broadcasts.has(id))
    const request = {
      task,
      program: loaded.has(task.stage) ? null : { ...wire, broadcasts: news },
      env: living.env === env ? null : env,
      forget: forgotten.splice(0),
    }
    loaded.add(task.stage)
    if (request.program !== null) for (const { id } of news) broadcasts.add(id)
    living.env = env
    try {
      const { outcome, isRunning } = await api.run(request)
      // What the task printed is on the terminal before its action resolves.
      await terminal.drained()
      if (!isRunning) return outcome
      this.#stop(living, outcome)
      return await living.ended
    } catch (error) {
      // A message that could not be cloned, either way.
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
    const { workerMemoryMb, workerUrl = WORKER_URL } = this.#options
    const outstanding = openOutstanding()
    const worker = new Worker(workerUrl, {
      argv: process.argv.slice(2),
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
      workerData: { outstanding },
      name: `kindling ${this.#number}`,
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_MB,
        ...(workerMemoryMb !== null && { maxOldGenerationSizeMb: workerMemoryMb }),
      },
    })
    worker.unref()
    const terminal = openTerminal(outstanding)
    let hasStarted = false
    worker.on('message', (message: Partial<PrintMessage | ReadyMessage>) => {
      if (message.type === 'prints') terminal.write(message as PrintMessage)
      else if (message.type === 'ready') {
        hasStarted = true
        this.#starts.failures = 0
      }
    })
    let end: Living['end'] = () => {}
    const ended = new Promise<TaskOutcome>((resolve) => {
      end = resolve
    })
    const living: Living = {
      worker,
      api: wrap<WorkerApi>(endpointOf(worker)),
      loaded: new Set(),
      broadcasts: new Set(),
      forgotten: [],
      terminal,
      env: null,
      whyStopped: null,
      ended,
      end: (outcome) => {
        living.onEnd?.(outcome)
        end(outcome)
      },
      onEnd: null,
    }
    let fatal: unknown
    worker.on('error', (error) => {
      fatal = error ?? new Error('it threw nothing')
    })
    worker.on('exit', (exitCode) => {
      if (this.#living === living) this.#living = null
      const lost = lostOutcome({ hasStarted, fatal, exitCode, memoryMb: workerMemoryMb })
      if (!hasStarted && living.whyStopped === null) this.#startFailed(lost)
      living.end(living.whyStopped ?? lost)
    })
    return living
  }
}

/** A worker as comlink wants its partner: an event target. */
function endpointOf(worker: Worker): Endpoint {
  const handlers = new Map<unknown, (data: unknown) => void>()
  return {
    postMessage: (message, transferList) => worker.postMessage(message, transferList as never),
    addEventListener(_type, listener) {
      const handler = (data: unknown): void => {
        const event = { data } as MessageEvent
        if (typeof listener === 'function') listener(event)
        else listener.handleEvent(event)
      }
      handlers.set(listener, handler)
      worker.on('message', handler)
    },
    removeEventListener(_type, listener) {
      const handler = handlers.get(listener)
      if (handler !== undefined) worker.off('message', handler)
      handlers.delete(listener)
    },
  }
}

/**
 * The pool: an executor over worker threads, each behind one comlink endpoint. The only file that wraps. comlink never settles a
 * call to a worker that died, so every call here races with the worker's end.
 */
import { Worker } from 'node:worker_threads'
import { type Endpoint, type Remote, wrap } from 'comlink'
import type { Task, TaskOutcome } from '../plan/task.ts'
import type { StageProgram } from '../program/program.ts'
import { encodeProgram, type WireProgram } from '../program/wire.ts'
import { errorDataOf } from './error-data.ts'
import { cancelledOutcome, type Executor, endedOutcome, type RunOptions, timeoutOutcome } from './executor.ts'
import { openOutstanding, type PrintMessage } from './prints.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import type { WorkerApi } from './worker.ts'

export interface PoolOptions {
  readonly slots: number
  /** Heap limit of each worker in MB; null for Node's own. */
  readonly workerMemoryMb: number | null
}

/** Compiled also when these sources run as they are: Node 20 starts no TypeScript worker. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/run/worker.js' : './worker.js',
  import.meta.url,
)

export function openPool(options: PoolOptions): Executor {
  const slots = Array.from({ length: options.slots }, (_, i) => new Slot(i + 1, options))
  const waiting: ((slot: Slot) => void)[] = []
  const wires = new Map<number, WireProgram>()
  let isClosed = false

  const acquire = (): Slot | Promise<Slot> => {
    const free = slots.find((slot) => !slot.isTaken && slot.isWarm) ?? slots.find((slot) => !slot.isTaken)
    if (free === undefined) return new Promise((resolve) => waiting.push(resolve))
    free.isTaken = true
    return free
  }
  const giveBack = (slot: Slot): void => {
    const next = waiting.shift()
    if (next !== undefined) next(slot)
    else slot.isTaken = false
  }
  const wireOf = (program: StageProgram): WireProgram => {
    let wire = wires.get(program.id)
    if (wire === undefined) {
      wire = encodeProgram(program)
      wires.set(program.id, wire)
    }
    return wire
  }

  return {
    slots: options.slots,
    async run(program, task, run) {
      const slot = await acquire()
      try {
        if (isClosed) return cancelledOutcome('the context was stopped')
        if (run.signal.aborted) return cancelledOutcome(reasonText(run.signal))
        run.onStart?.(slot.number)
        return await slot.run(wireOf(program), task, run)
      } finally {
        giveBack(slot)
      }
    },
    warm(taskCount) {
      for (const slot of slots.slice(0, taskCount)) slot.warm()
    },
    release(programId) {
      wires.delete(programId)
      for (const slot of slots) slot.forget(programId)
    },
    async close() {
      isClosed = true
      await Promise.all(slots.map((slot) => slot.close()))
    },
  }
}

interface Living {
  readonly worker: Worker
  readonly api: Remote<WorkerApi>
  readonly loaded: Set<number>
  readonly forgotten: number[]
  readonly terminal: Terminal
  env: Readonly<Record<string, string>> | null
  /** Resolves when the thread has ended, with the reason. */
  readonly ended: Promise<TaskOutcome>
}

/** A place for one worker, which is started when needed and again when it died. */
class Slot {
  readonly number: number
  isTaken = false
  readonly #options: PoolOptions
  #living: Living | null = null

  constructor(number: number, options: PoolOptions) {
    this.number = number
    this.#options = options
  }

  get isWarm(): boolean {
    return this.#living !== null
  }

  warm(): Living {
    this.#living ??= this.#start()
    return this.#living
  }

  async run(wire: WireProgram, task: Task, options: RunOptions): Promise<TaskOutcome> {
    const living = this.warm()
    const { worker, api, loaded, ended } = living
    const request = {
      task,
      program: loaded.has(task.stage) ? null : wire,
      env: living.env === options.env ? null : options.env,
      forget: living.forgotten.splice(0),
    }
    loaded.add(task.stage)
    living.env = options.env
    worker.ref()
    const stopped = stopper(worker, options)
    try {
      const outcome = await Promise.race([
        api.run(request).catch((error) => endedOutcome('data', errorDataOf(error, String))),
        ended,
        stopped.outcome,
      ])
      // What the task printed is on the terminal before its action resolves.
      await living.terminal.drained()
      return outcome
    } finally {
      stopped.release()
      worker.unref()
    }
  }

  forget(programId: number): void {
    if (this.#living?.loaded.delete(programId)) this.#living.forgotten.push(programId)
  }

  async close(): Promise<void> {
    await this.#living?.worker.terminate()
  }

  #start(): Living {
    const { workerMemoryMb } = this.#options
    const outstanding = openOutstanding()
    const worker = new Worker(WORKER_URL, {
      execArgv: [],
      env: { ...process.env, NODE_OPTIONS: '' },
      workerData: { outstanding },
      name: `kindling ${this.number}`,
      ...(workerMemoryMb !== null && { resourceLimits: { maxOldGenerationSizeMb: workerMemoryMb } }),
    })
    worker.unref()
    const terminal = openTerminal(outstanding)
    worker.on('message', (message: Partial<PrintMessage>) => {
      if (message.type === 'prints') terminal.write(message as PrintMessage)
    })
    const ended = new Promise<TaskOutcome>((resolve) => {
      let fatal: unknown
      worker.on('error', (error) => {
        fatal = error
      })
      worker.on('exit', (code) => {
        if (this.#living?.worker === worker) this.#living = null
        resolve(this.#lostOutcome(fatal, code))
      })
    })
    return {
      worker,
      api: wrap<WorkerApi>(endpointOf(worker)),
      loaded: new Set(),
      forgotten: [],
      terminal,
      env: null,
      ended,
    }
  }

  #lostOutcome(fatal: unknown, code: number): TaskOutcome {
    if (fatal === undefined) {
      const message = `user code called process.exit(${code}), which ended the worker. Throw an error instead`
      return endedOutcome('lost', { name: 'Error', message, stack: '' })
    }
    const data = errorDataOf(fatal, String)
    if (data.code !== 'ERR_WORKER_OUT_OF_MEMORY') {
      return endedOutcome('lost', { ...data, message: `the worker died: ${data.message}` })
    }
    const limit = this.#options.workerMemoryMb
    const message = `the worker ran out of memory${limit === null ? '' : ` (limit ${limit} MB)`}. Make the partitions smaller, hold fewer rows at once, or raise workerMemoryMb`
    return endedOutcome('lost', { name: 'Error', message, stack: '', code: data.code })
  }
}

/** Ends the worker when the task is cancelled or takes too long; only that stops code that does not return. */
function stopper(
  worker: Worker,
  { signal, timeoutMs }: RunOptions,
): { outcome: Promise<TaskOutcome>; release: () => void } {
  let release = (): void => {}
  const outcome = new Promise<TaskOutcome>((resolve) => {
    const stop = (why: TaskOutcome): void => {
      void worker.terminate().then(() => resolve(why))
    }
    const onAbort = (): void => stop(cancelledOutcome(reasonText(signal)))
    const timer = timeoutMs === null ? undefined : setTimeout(() => stop(timeoutOutcome(timeoutMs)), timeoutMs)
    signal.addEventListener('abort', onAbort, { once: true })
    release = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
  })
  return { outcome, release: () => release() }
}

function reasonText(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : String(signal.reason)
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

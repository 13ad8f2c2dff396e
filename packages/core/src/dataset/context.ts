/** A context: opens sources, holds the engine that runs their datasets, and ends both. */
import { resolve } from 'node:path'
import { PlanError } from '../errors.ts'
import { markDriverOnly } from '../plan/driver-only.ts'
import type { PlanNode } from '../plan/node.ts'
import type { Source } from '../plan/source.ts'
import type { Step, UserFunction } from '../plan/step.ts'
import { type ConfigOptions, readConfig } from '../run/config.ts'
import type { Engine } from '../run/engine.ts'
import { createEvents, type Events } from '../run/events.ts'
import { openLocal } from '../run/local.ts'
import { DEFAULT_MASTER, parseMaster } from '../run/master.ts'
import { type Accumulator, type AccumulatorOptions, openAccumulator, type Primitive, type Zero } from './accumulator.ts'
import { requireOptions, requireWhole } from './arguments.ts'
import { Broadcast, type BroadcastState, endBroadcast, openBroadcast } from './broadcast.ts'
import { callSite } from './call-site.ts'
import { Dataset } from './dataset.ts'
import { nextNodeId } from './grow.ts'
import { placeOf } from './lineage.ts'
import { type Paths, pathList, Sources, type TextFileOptions } from './sources.ts'

export type ContextOptions = ConfigOptions

/** What is said to a function in a worker that would start a job of its own. */
export const INSIDE_A_FUNCTION =
  'a context cannot be made, nor a dataset used, inside a function that runs on a dataset. Join the two datasets instead'

/**
 * Opens an engine, by default on all cores of this machine.
 *
 *     await using ctx = await createContext({ master: 'local[4]' })
 *
 * @throws PlanError if an option or a `KINDLING_*` variable is wrong
 */
export async function createContext(options: ContextOptions = {}): Promise<Context> {
  const context = new Context(options)
  await context.engine()
  return context
}

export class Context extends Sources {
  /** Partitions of `parallelize` and `range` where none are asked for: the number of workers. */
  override readonly defaultParallelism: number
  readonly #options: ContextOptions
  readonly #events: Events = createEvents()
  /** Those that are not destroyed, so that `stop` frees them. */
  readonly #broadcasts = new Set<BroadcastState>()
  /** Frees what a broadcast held in the workers when nobody can read it any more. */
  readonly #unreachable = new FinalizationRegistry<BroadcastState>((state) => this.#endBroadcast(state, 'is gone'))
  #engine: Promise<Engine> | null = null
  #openEngine: Engine | null = null
  #checkpointDir: string | null = null
  #isStopped = false

  /** @internal Use `createContext`. */
  constructor(options: ContextOptions) {
    super()
    if (Reflect.get(globalThis, Symbol.for('kindling.worker')) === true) {
      throw new PlanError(INSIDE_A_FUNCTION)
    }
    if (typeof options !== 'object' || options === null) {
      throw new PlanError(`createContext: expected an object of options, got ${String(options)}`)
    }
    this.#options = options
    this.defaultParallelism = parseMaster(options.master ?? process.env['KINDLING_MASTER'] ?? DEFAULT_MASTER).slots
  }

  /** One row for each line of the files, without its end. Read when an action runs; gzip files are one partition each. */
  textFile(paths: Paths, options: TextFileOptions = {}): Dataset<string> {
    requireOptions('textFile', options, ['minPartitions'])
    const { minPartitions } = options
    if (minPartitions !== undefined) requireWhole('textFile', 'minPartitions', minPartitions)
    return this.open('textFile', { type: 'text', paths: pathList('textFile', paths), minPartitions })
  }

  /** One `[path, content]` pair for each file. */
  wholeTextFiles(paths: Paths): Dataset<[path: string, content: string]> {
    return this.open('wholeTextFiles', { type: 'wholeText', paths: pathList('wholeTextFiles', paths) })
  }

  /** The rows of a collection, in `sliceCount` slices. The collection is copied now, its rows when an action runs. */
  parallelize<K, V>(rows: Iterable<readonly [K, V]>, sliceCount?: number): Dataset<[K, V]>
  parallelize<T>(rows: Iterable<T>, sliceCount?: number): Dataset<T>
  parallelize(rows: Iterable<unknown>, sliceCount: number = this.defaultParallelism): Dataset<unknown> {
    requireWhole('parallelize', 'the number of slices', sliceCount)
    if (typeof rows?.[Symbol.iterator] !== 'function') {
      throw new PlanError(
        `parallelize${placeOf(callSite())}: expected an array or another iterable, got ${typeof rows}`,
      )
    }
    return this.open('parallelize', { type: 'items', items: [...rows], sliceCount })
  }

  /** The numbers from `start` up to, not including, `end`; with one argument from 0 up to it. They are made in the workers. */
  range(start: number, end?: number, step: number = 1, sliceCount: number = this.defaultParallelism): Dataset<number> {
    requireWhole('range', 'the number of slices', sliceCount)
    const [from, to] = end === undefined ? [0, start] : [start, end]
    if (step === 0 || !Number.isFinite(step) || !Number.isFinite(from) || !Number.isFinite(to)) {
      throw new PlanError(
        `range${placeOf(callSite())}: start, end and step must be finite and the step not 0, got ${from}, ${to} and ${step}`,
      )
    }
    const count = Math.max(0, Math.ceil((to - from) / step))
    return this.open('range', { type: 'range', start: from, step, count, sliceCount })
  }

  /** No rows, in no partitions. */
  empty<T = never>(): Dataset<T> {
    return this.open('empty', { type: 'empty' })
  }

  /** The partitions of all datasets, end to end. */
  union<T>(datasets: readonly Dataset<T>[]): Dataset<T> {
    const at = callSite()
    if (datasets.length === 0) return this.empty<T>()
    for (const dataset of datasets) {
      if (!(dataset instanceof Dataset))
        throw new PlanError(`union${placeOf(at)}: expected datasets, got ${typeof dataset}`)
      if (dataset.context !== this) {
        throw new PlanError(`union${placeOf(at)}: a dataset belongs to another context. Make all from the same context`)
      }
    }
    const parents = datasets.map((dataset) => dataset.node)
    return new Dataset<T>(this, { kind: 'union', id: nextNodeId(), verb: 'union', at, parents })
  }

  /**
   * A value for functions to read, such as a lookup table, sent once to each process and not with each function: they capture the
   * broadcast and read its `value`. It is encoded now; later changes to `value` are not seen.
   * @throws PlanError naming the first thing in it that cannot be sent
   */
  broadcast<T>(value: T): Broadcast<T> {
    const at = callSite()
    if (this.#isStopped) throw stoppedError()
    const drop = (id: number): void => void this.#engine?.then((engine) => engine.dropBroadcast(id)).catch(() => {})
    const state = openBroadcast(value, at, drop)
    this.#broadcasts.add(state)
    const broadcast = new Broadcast<T>(state)
    this.#unreachable.register(broadcast, state)
    return broadcast
  }

  /**
   * What functions add to and the driver reads. The zero says how: numbers are summed, or the least or largest is kept
   * (`{ merge: 'max' }`); items are gathered in an array, distinct ones in a Set, counts by key in a Map.
   * A task's additions count once, when it has succeeded; two actions on a dataset add twice.
   */
  accumulator(zero: number, options?: string | AccumulatorOptions): Accumulator
  accumulator<T>(zero: readonly T[], name?: string): Accumulator<readonly T[], [item: T]>
  accumulator<T extends Primitive>(zero: ReadonlySet<T>, name?: string): Accumulator<ReadonlySet<T>, [item: T]>
  accumulator<K extends Primitive>(
    zero: ReadonlyMap<K, number>,
    name?: string,
  ): Accumulator<ReadonlyMap<K, number>, [key: K, n?: number]>
  accumulator(zero: Zero, options: string | AccumulatorOptions = {}): Accumulator<unknown, unknown[]> {
    return openAccumulator(zero, options, callSite())
  }

  /** Calls `listener` with each event of a type, or with all for `'*'`. Returns a function that ends it. */
  on: Events['on'] = (type, listener) => this.#events.on(type, listener)

  /** Cancels what runs, ends the workers. Later actions reject. Calling it again does nothing. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const state of this.#broadcasts) this.#endBroadcast(state, 'belongs to a context that was stopped')
    const engine = this.#engine
    if (engine !== null) await (await engine.catch(() => null))?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** Where checkpoints go, in directories of their own. They stay when the context stops. */
  setCheckpointDir(path: string): void {
    if (typeof path !== 'string' || path === '')
      throw new PlanError(`setCheckpointDir: expected a directory, got ${JSON.stringify(path)}`)
    this.#checkpointDir = resolve(path)
  }

  /** @internal */
  get checkpointDir(): string | null {
    return this.#checkpointDir
  }

  /** The engine, if it is open already. @internal */
  get openEngine(): Engine | null {
    return this.#openEngine
  }

  /** Whether a job that starts now is compiled where it can be. @internal */
  async compiles(): Promise<boolean> {
    return !this.#isStopped && (await this.engine()).compiles()
  }

  /** @internal */
  engine(): Promise<Engine> {
    if (this.#isStopped) return Promise.reject(stoppedError())
    this.#engine ??= readConfig(this.#options, process.env).then((config) => {
      this.#openEngine = openLocal(config, this.#events)
      return this.#openEngine
    })
    return this.#engine
  }

  #endBroadcast(state: BroadcastState, gone: string): void {
    this.#broadcasts.delete(state)
    endBroadcast(state, gone)
  }

  protected override open<T>(verb: string, source: Source, step?: Step<UserFunction>): Dataset<T> {
    const at = callSite()
    const parent: PlanNode = { kind: 'source', id: nextNodeId(), verb, at, source }
    return new Dataset<T>(
      this,
      step === undefined ? parent : { kind: 'pipe', id: nextNodeId(), verb, at, parent, step },
    )
  }
}

markDriverOnly(
  Context.prototype,
  'A context cannot be used inside a function that runs on a dataset. Do it outside, on the driver',
)

for (const fn of [Context, createContext]) markDriverOnly(fn, INSIDE_A_FUNCTION)

function stoppedError(): PlanError {
  return new PlanError('the context is stopped: stop() was called. Create another one')
}

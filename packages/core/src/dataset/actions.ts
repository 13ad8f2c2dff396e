/** Actions: verbs that run a job and give a promise of its answer. */
import { DataError, PlanError } from '../errors.ts'
import { nowMs } from '../io/clock.ts'
import type { CallSite } from '../plan/call-site.ts'
import { compareValues } from '../plan/order.ts'
import type { Sink, UserFunction } from '../plan/step.ts'
import type { TaskMetrics } from '../plan/task.ts'
import type { Blocks, OpenJob, OutputRequest } from '../run/engine.ts'
import { decodeBlocks, encodeValue } from '../run/values.ts'
import { callSite } from './call-site.ts'
import type { Dataset } from './dataset.ts'
import { explainedJob, explainer } from './explaining.ts'
import { nextNodeId } from './grow.ts'
import { placeOf } from './lineage.ts'
import { marksOf, Storage } from './storage.ts'

export interface ActionOptions {
  /** Cancels the job: the action rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

export interface ExplainOptions extends ActionOptions {
  /** Runs the dataset and says what that took. */
  readonly analyze?: boolean
}

/** @internal */
export interface Action {
  readonly verb: string
  readonly sink: Sink<UserFunction>
  readonly merge?: Sink<UserFunction>
  readonly output?: OutputRequest
  readonly options: ActionOptions | undefined
}

export abstract class Actions<T> extends Storage<T> {
  /**
   * `explain()`; with `analyze` it runs the dataset too, throws its rows away and says how many there were, how many bytes were read,
   * how long it took and how many rows compiled steps had to leave to V8.
   */
  override async explain(options: ExplainOptions = {}): Promise<string> {
    const plan = await super.explain()
    if (options.analyze !== true) return plan
    // A built-in as a function that does nothing with a row, and is given it all the same.
    const sink: Sink<UserFunction> = { op: 'forEach', fn: Boolean }
    const startedMs = nowMs()
    const metrics = await this.runAction({ verb: 'explain', sink, options }, async (job) => {
      await runAll(job)
      return job.metrics
    })
    return `${plan}\n${analysis(metrics, nowMs() - startedMs)}`
  }

  /** All rows, in order, in this process's memory. */
  async collect(options?: ActionOptions): Promise<T[]> {
    return this.runAction({ verb: 'collect', sink: { op: 'collect' }, options }, async (job) =>
      rowsOf<T>(await runAll(job)),
    )
  }

  /** How many rows there are. */
  async count(options?: ActionOptions): Promise<number> {
    return this.runAction({ verb: 'count', sink: { op: 'count' }, options }, async (job) => sumOf(await runAll(job)))
  }

  /** The first `n` rows; as few partitions as possible are computed. `n` of 0 or less gives none. */
  async take(n: number, options?: ActionOptions): Promise<T[]> {
    return this.#take('take', n, options)
  }

  /** The first row. @throws DataError if the dataset is empty */
  async first(options?: ActionOptions): Promise<T> {
    const at = callSite()
    const rows = await this.#take('first', 1, options)
    if (rows.length === 0)
      throw new DataError(`first${placeOf(at)}: the dataset is empty. Use take(1) where that may be`)
    return rows[0] as T
  }

  /** Whether there is no row. */
  async isEmpty(options?: ActionOptions): Promise<boolean> {
    return (await this.#take('isEmpty', 1, options)).length === 0
  }

  /** Folds the rows with `fn`, which must be associative. @throws DataError if the dataset is empty */
  async reduce(fn: (a: T, b: T) => T, options?: ActionOptions): Promise<T> {
    const sink: Sink<UserFunction> = { op: 'reduce', fn }
    return this.#one({ verb: 'reduce', sink, merge: sink, options })
  }

  /** Folds the rows from `zero`, which enters once for each partition and once at the end. */
  async fold(zero: T, fn: (a: T, b: T) => T, options?: ActionOptions): Promise<T> {
    const sink: Sink<UserFunction> = { op: 'fold', zero: encodeValue('fold', zero), fn }
    return this.#one({ verb: 'fold', sink, merge: sink, options })
  }

  /** Folds the rows of each partition from `zero` with `seq`, then the results from `zero` with `comb`. */
  async aggregate<U>(zero: U, seq: (a: U, row: T) => U, comb: (a: U, b: U) => U, options?: ActionOptions): Promise<U> {
    const encoded = encodeValue('aggregate', zero)
    const sink: Sink<UserFunction> = { op: 'fold', zero: encoded, fn: seq }
    const merge: Sink<UserFunction> = { op: 'fold', zero: encoded, fn: comb }
    return this.#one({ verb: 'aggregate', sink, merge, options })
  }

  /** Calls `fn` with each row, in the workers. */
  async forEach(fn: (row: T) => void, options?: ActionOptions): Promise<void> {
    await this.runAction({ verb: 'forEach', sink: { op: 'forEach', fn }, options }, runAll)
  }

  /** Calls `fn` with the rows of each partition, in the workers; it may be asynchronous. */
  async forEachPartition(fn: (rows: Iterable<T>) => void | Promise<void>, options?: ActionOptions): Promise<void> {
    await this.runAction({ verb: 'forEachPartition', sink: { op: 'forEachPartition', fn }, options }, runAll)
  }

  /** The smallest row, by the default order or that of its keys. @throws DataError if the dataset is empty */
  async min(key?: (row: T) => unknown, options?: ActionOptions): Promise<T> {
    return this.#extreme('min', key, options)
  }

  /** The largest row, by the default order or that of its keys. @throws DataError if the dataset is empty */
  async max(key?: (row: T) => unknown, options?: ActionOptions): Promise<T> {
    return this.#extreme('max', key, options)
  }

  /** The sum of the rows, which must be numbers; 0 if there are none. */
  async sum(this: Dataset<number>, options?: ActionOptions): Promise<number> {
    return this.runAction({ verb: 'sum', sink: { op: 'sum' }, options }, async (job) => sumOf(await runAll(job)))
  }

  /** The rows, one partition at a time in this process's memory. Leaving the loop stops the work. */
  toLocalIterator(options?: ActionOptions): AsyncIterableIterator<T> {
    const at = callSite()
    const open = (): Promise<OpenJob> => this.#open({ verb: 'toLocalIterator', sink: { op: 'collect' }, options }, at)
    async function* rows(): AsyncGenerator<T> {
      const job = await open()
      try {
        for (let partition = 0; partition < job.partitionCount; partition++)
          yield* rowsOf<T>(await job.run([partition]))
      } catch (error) {
        job.close(error)
        throw located(error, 'toLocalIterator', at)
      } finally {
        job.close()
      }
    }
    return rows()
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this.toLocalIterator()
  }

  /** The first rows, for a verb that is made of them. @internal */
  protected async firstRows(verb: string, n: number, options: ActionOptions | undefined): Promise<T[]> {
    return this.#take(verb, n, options)
  }

  /** Writes the parts of an output. @internal */
  protected async save(
    verb: string,
    sink: Sink<UserFunction>,
    output: OutputRequest,
    options: ActionOptions,
  ): Promise<void> {
    await this.runAction({ verb, sink, output, options }, runAll)
  }

  async #take(verb: string, n: number, options: ActionOptions | undefined): Promise<T[]> {
    const at = callSite()
    if (!Number.isInteger(n)) throw new PlanError(`${verb}${placeOf(at)}: expected a whole number of rows, got ${n}`)
    if (n <= 0) return []
    return this.runAction({ verb, sink: { op: 'take', count: n }, options }, async (job) => {
      const rows: T[] = []
      // Few rows are often in the first partition; each further round looks at four times as many. Source: Spark's take.
      for (let from = 0, width = 1; from < job.partitionCount && rows.length < n; from += width, width *= 4) {
        const partitions = Array.from({ length: Math.min(width, job.partitionCount - from) }, (_, i) => from + i)
        // Not spread into a call: there may be more rows than arguments are allowed.
        for (const row of rowsOf<T>(await job.run(partitions))) if (rows.length < n) rows.push(row)
      }
      return rows
    })
  }

  async #extreme(
    verb: 'min' | 'max',
    key: ((row: T) => unknown) | undefined,
    options: ActionOptions | undefined,
  ): Promise<T> {
    if (key !== undefined) {
      const sink: Sink<UserFunction> = { op: verb, key }
      return this.#one({ verb, sink, merge: sink, options })
    }
    const sign = verb === 'min' ? 1 : -1
    const at = callSite()
    const rows = await this.runAction({ verb, sink: { op: verb, key: null }, options }, async (job) =>
      rowsOf<T>(await runAll(job)),
    )
    if (rows.length === 0) throw emptyError(verb, at)
    return rows.reduce((best, row) => (sign * compareValues(row, best) < 0 ? row : best))
  }

  /** The single row that the job's results merge to. */
  async #one<U>(action: Action): Promise<U> {
    const at = callSite()
    const rows = await this.runAction(action, async (job) => rowsOf<U>([await job.merge(await runAll(job))]))
    if (rows.length === 0) throw emptyError(action.verb, at)
    return rows[0] as U
  }

  /** @internal */
  async runAction<R>(action: Action, use: (job: OpenJob) => Promise<R>): Promise<R> {
    const at = callSite()
    try {
      const job = await this.#open(action, at)
      try {
        const result = await use(job)
        job.commit()
        job.close()
        await this.#finishCheckpoints(action.options?.signal ?? null)
        return result
      } catch (error) {
        job.close(error)
        throw error
      }
    } catch (error) {
      throw located(error, action.verb, at)
    }
  }

  /** Writes what the action left out of datasets that are to be checkpointed. */
  async #finishCheckpoints(signal: AbortSignal | null): Promise<void> {
    // Without a directory there is none: the plan, which may be long, is not walked.
    if (this.context.checkpointDir === null) return
    const engine = await this.context.engine()
    for (const node of marksOf(this.node)) {
      if (node.storage?.checkpoint === null || engine.isStored(node)) continue
      const action = { verb: 'checkpoint', at: node.at, node: nextNodeId() }
      const sink: Sink<UserFunction> = { op: 'count' }
      // Not internal: later actions read what it leaves, so that what it adds to accumulators is added now or never.
      const job = await engine.open({ root: node, action, sink, merge: null, output: null, isInternal: false, signal })
      try {
        await runAll(job)
        job.close()
      } catch (error) {
        job.close(error)
        throw error
      }
    }
  }

  async #open(action: Action, at: CallSite): Promise<OpenJob> {
    for (const fn of [
      ...('fn' in action.sink ? [action.sink.fn] : []),
      ...(action.merge !== undefined && 'fn' in action.merge ? [action.merge.fn] : []),
    ]) {
      if (typeof fn !== 'function')
        throw new PlanError(`${action.verb}${placeOf(at)}: expected a function, got ${typeof fn}`)
    }
    const explain = explainer()
    if (explain !== null) {
      const isWaiting = action.output === undefined && !action.sink.op.startsWith('forEach')
      explain({ verb: action.verb, at: at.text, plan: await this.explain(), isWaiting })
      return explainedJob(isWaiting)
    }
    const engine = await this.context.engine()
    return engine.open({
      root: this.node,
      action: { verb: action.verb, at, node: nextNodeId() },
      sink: action.sink,
      merge: action.merge ?? null,
      output: action.output ?? null,
      isInternal: false,
      signal: action.options?.signal ?? null,
    })
  }
}

export function runAll(job: OpenJob): Promise<readonly Blocks[]> {
  return job.run(Array.from({ length: job.partitionCount }, (_, i) => i))
}

export function rowsOf<T>(results: readonly Blocks[]): T[] {
  // What a stage gives is what its functions return, which the dataset's type says.
  return decodeBlocks(results.flat()) as T[]
}

function sumOf(results: readonly Blocks[]): number {
  return rowsOf<number>(results).reduce((a, b) => a + b, 0)
}

function analysis({ rowsRead, bytesRead, rowsOut, rowsBailed }: TaskMetrics, wallMs: number): string {
  const shown = (n: number): string => n.toLocaleString('en-US')
  const share = rowsRead === 0 ? 0 : (100 * rowsBailed) / rowsRead
  return (
    `ran in ${(wallMs / 1000).toFixed(2)} s: ${shown(rowsRead)} rows read, ${shown(bytesRead)} bytes; ${shown(rowsOut)} rows given; ` +
    `${shown(rowsBailed)} rows (${share.toFixed(1)} %) were left to V8 by compiled steps`
  )
}

function emptyError(verb: string, at: CallSite): DataError {
  return new DataError(`${verb}${placeOf(at)}: the dataset is empty, so there is nothing to give`)
}

/** An error that shows where the action was called, not the engine's own frames. */
function located(error: unknown, verb: string, at: CallSite): unknown {
  if (error instanceof Error && at.text !== '' && /^(Plan|Closure|Data|Task)Error$/.test(error.name)) {
    error.stack = `${error.name}: ${error.message}\n    at ${verb} (${at.text})`
  }
  return error
}

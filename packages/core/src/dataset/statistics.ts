/** Actions that order, sample, count and describe the rows. */
import { DataError } from '../errors.ts'
import type { Sink, UserFunction } from '../plan/step.ts'
import type { Blocks } from '../run/engine.ts'
import type { Moments } from '../run/summaries.ts'
import {
  countsOf,
  customBucket,
  encodeNumbers,
  encodeValue,
  hashPartition,
  keyedMap,
  named,
  randomOf,
} from '../run/values.ts'
import { type ActionOptions, rowsOf, runAll } from './actions.ts'
import { refusal, requireFunctions, requireSeed } from './arguments.ts'
import { callSite } from './call-site.ts'
import type { Dataset } from './dataset.ts'
import { drawPlaces } from './draw-places.ts'
import { placeOf } from './lineage.ts'
import { Outputs } from './outputs.ts'
import type { KeyOf, ValueOf } from './pairs.ts'
import { estimateDistinct, precisionFor } from './sketch.ts'

/** Of no rows: 0 for count and sum, NaN for what divides by them, ∞ and −∞ for min and max. */
export interface Stats {
  readonly count: number
  readonly sum: number
  readonly mean: number
  readonly min: number
  readonly max: number
  /** The mean squared distance from the mean. */
  readonly variance: number
  readonly stdev: number
  /** The same of the population that these rows are a sample of; NaN for one row. */
  readonly sampleVariance: number
  readonly sampleStdev: number
}

export abstract class Statistics<T> extends Outputs<T> {
  /** The `n` largest rows, or those with the largest keys, largest first; those of equal keys in the order of rows. */
  async top(n: number, key?: (row: T) => unknown, options?: ActionOptions): Promise<T[]> {
    return this.#first('top', n, false, key, options)
  }

  /** The `n` smallest rows, or those with the smallest keys, smallest first; those of equal keys in the order of rows. */
  async takeOrdered(n: number, key?: (row: T) => unknown, options?: ActionOptions): Promise<T[]> {
    if (!(n >= 0)) throw refusal('takeOrdered', `expected a number of rows of 0 or more, got ${n}`)
    return this.#first('takeOrdered', n, true, key, options)
  }

  /** Count, sum, mean, extremes and spread of the rows, which must be numbers. */
  async stats(this: Dataset<number>, options?: ActionOptions): Promise<Stats> {
    return describe(await momentsOf(this, 'stats', options))
  }

  /** The mean of the rows, which must be numbers; 0 if there are none, as in Spark. */
  async mean(this: Dataset<number>, options?: ActionOptions): Promise<number> {
    return describe(await momentsOf(this, 'mean', options)).mean
  }

  /** The mean squared distance from the mean; NaN of no rows. */
  async variance(this: Dataset<number>, options?: ActionOptions): Promise<number> {
    return describe(await momentsOf(this, 'variance', options)).variance
  }

  /** The square root of `variance()`. */
  async stdev(this: Dataset<number>, options?: ActionOptions): Promise<number> {
    return describe(await momentsOf(this, 'stdev', options)).stdev
  }

  /** The variance of the population that these rows are a sample of; NaN of fewer than two rows. */
  async sampleVariance(this: Dataset<number>, options?: ActionOptions): Promise<number> {
    return describe(await momentsOf(this, 'sampleVariance', options)).sampleVariance
  }

  /** The square root of `sampleVariance()`. */
  async sampleStdev(this: Dataset<number>, options?: ActionOptions): Promise<number> {
    return describe(await momentsOf(this, 'sampleStdev', options)).sampleStdev
  }

  /**
   * How many rows, which must be numbers, lie between edges: those given, or those of so many buckets of equal width from the smallest to the
   * largest row. A bucket holds its lower edge, the last one its upper edge too; what lies outside, and NaN, counts nowhere.
   * @throws DataError for a number of buckets when there are no rows or one is not finite
   */
  async histogram(
    this: Dataset<number>,
    buckets: number | readonly number[],
    options?: ActionOptions,
  ): Promise<[edges: number[], counts: number[]]> {
    const at = callSite()
    const edges = typeof buckets === 'number' ? await evenEdges(this, buckets, placeOf(at), options) : [...buckets]
    if (edges.length < 2) throw refusal('histogram', `expected two edges or more, got ${edges.length}`)
    for (let i = 1; i < edges.length; i++) {
      if (!((edges[i] as number) > (edges[i - 1] as number)) && !(typeof buckets === 'number' && edges.length === 2))
        throw refusal('histogram', `edges must grow, got ${edges[i - 1]} before ${edges[i]}`)
    }
    const sink: Sink<UserFunction> = { op: 'histogram', edges: encodeNumbers(edges) }
    const results = await this.runAction({ verb: 'histogram', sink, options }, runAll)
    const counts = Array.from({ length: edges.length - 1 }, () => 0)
    for (const list of rowsOf<number[]>(results)) for (const [i, n] of list.entries()) counts[i] = (counts[i] ?? 0) + n
    return [edges, counts]
  }

  /**
   * About how many different rows there are, within `relativeSD` in two of three cases; equal as keys are.
   * Source: Flajolet and others, HyperLogLog, 2007.
   */
  async countApproxDistinct(relativeSD: number = 0.05, options?: ActionOptions): Promise<number> {
    const precision = precisionFor(relativeSD)
    if (precision === null)
      throw refusal('countApproxDistinct', `relativeSD must lie between 0.000017 and 0.5, got ${relativeSD}`)
    const sink: Sink<UserFunction> = { op: 'sketch', precision }
    const results = await this.runAction({ verb: 'countApproxDistinct', sink, options }, runAll)
    return estimateDistinct(rowsOf<Uint8Array>(results), precision)
  }

  /**
   * Exactly `n` random rows in random order, all of them if there are fewer and none is taken twice. The rows are counted first, so that they
   * are computed twice: persist what is expensive.
   */
  async takeSample(
    withReplacement: boolean,
    n: number,
    seed: number = Math.floor(Math.random() * 2 ** 32),
    options?: ActionOptions,
  ): Promise<T[]> {
    if (!Number.isInteger(n) || n < 0)
      throw refusal('takeSample', `expected a whole number of rows of 0 or more, got ${n}`)
    requireSeed('takeSample', seed)
    const counts = await this.runAction({ verb: 'takeSample', sink: { op: 'count' }, options }, async (job) =>
      (await runAll(job)).map((blocks) => rowsOf<number>([blocks])[0] ?? 0),
    )
    const random = randomOf(seed, 0)
    const { places, order } = drawPlaces(counts, withReplacement, n, random)
    const picked = await this.pipeStep<T>('takeSample', { op: 'pick', places }).collect(options)
    return order.map((i) => picked[i] as T)
  }

  /** `reduce`, its results merged in a tree of this depth, which spreads the merging over workers. @throws DataError if there are no rows */
  async treeReduce(fn: (a: T, b: T) => T, depth: number = 2, options?: ActionOptions): Promise<T> {
    requireFunctions('treeReduce', fn)
    requireDepth('treeReduce', depth)
    const at = callSite()
    const sink: Sink<UserFunction> = { op: 'reduce', fn }
    const [row] = await this.#tree('treeReduce', sink, sink, depth, options)
    if (row === undefined)
      throw new DataError(`treeReduce${placeOf(at)}: the dataset is empty, so there is nothing to give`)
    return row.value as T
  }

  /** `aggregate`, its results merged in a tree of this depth; the zero enters once for each partition. */
  async treeAggregate<U>(
    zero: U,
    seq: (a: U, row: T) => U,
    comb: (a: U, b: U) => U,
    depth: number = 2,
    options?: ActionOptions,
  ): Promise<U> {
    requireFunctions('treeAggregate', seq, comb)
    requireDepth('treeAggregate', depth)
    const encoded = encodeValue('treeAggregate', zero)
    const sink: Sink<UserFunction> = { op: 'fold', zero: encoded, fn: seq }
    const [row] = await this.#tree('treeAggregate', sink, { op: 'reduce', fn: comb }, depth, options)
    return (row === undefined ? rowsOf([[encoded]])[0] : row.value) as U
  }

  /** How often each row occurs; equal as keys are. */
  async countByValue(options?: ActionOptions): Promise<Map<T, number>> {
    const counted = this.grown<[T, number]>(
      this.growth('countByValue')
        .step({ op: 'asKeys' })
        .step({ op: 'combine', combiner: { type: 'count' } }),
    )
    return countsOf(await counted.collect(options))
  }

  /** How often each key occurs. */
  async countByKey<K, V>(this: Dataset<[K, V]>, options?: ActionOptions): Promise<Map<K, number>> {
    const counted = this.grown<[K, number]>(
      this.growth('countByKey').step({ op: 'combine', combiner: { type: 'count' } }),
    )
    return countsOf(await counted.collect(options))
  }

  /** The pairs as a `Map`; of several with one key the last one. Keys that are arrays or objects are found by `lookup`, not by `get`. */
  async collectAsMap<K, V>(this: Dataset<[K, V]>, options?: ActionOptions): Promise<Map<K, V>> {
    const at = callSite()
    const rows = await this.collect(options)
    return named(`collectAsMap${placeOf(at)}`, () => keyedMap(rows))
  }

  /** `reduceByKey`, as a `Map` in this process. */
  async reduceByKeyLocally(
    this: Dataset<[KeyOf<T>, ValueOf<T>]>,
    fn: (a: ValueOf<T>, b: ValueOf<T>) => ValueOf<T>,
    options?: ActionOptions,
  ): Promise<Map<KeyOf<T>, ValueOf<T>>> {
    return this.reduceByKey(fn).collectAsMap(options)
  }

  /** The values of a key, in the order of rows. Where pairs lie by key, one partition is computed. */
  async lookup<K, V>(this: Dataset<[K, V]>, key: K, options?: ActionOptions): Promise<V[]> {
    const at = callSite()
    const encoded = encodeValue('lookup', key, 'the key')
    const { by, count } = await this.placement()
    const found = this.grown<V>(this.growth('lookup').step({ op: 'ofKey', key: encoded }))
    if (by === null || count === 0) return found.collect(options)
    const place = by.type === 'hash' ? null : await placeBy(this, by.fn as unknown as (key: K) => unknown, key, options)
    const partition = named(`lookup${placeOf(at)}`, () =>
      by.type === 'hash' ? hashPartition(key, count) : customBucket(place, count),
    )
    return found.runAction({ verb: 'lookup', sink: { op: 'collect' }, options }, async (job) =>
      rowsOf<V>(await job.run([partition])),
    )
  }

  async #first(
    verb: string,
    n: number,
    ascending: boolean,
    key: ((row: T) => unknown) | undefined,
    options: ActionOptions | undefined,
  ): Promise<T[]> {
    if (!Number.isInteger(n)) throw refusal(verb, `expected a whole number of rows, got ${n}`)
    if (key !== undefined) requireFunctions(verb, key)
    if (n <= 0) return []
    const sink: Sink<UserFunction> = { op: 'top', count: n, ascending, key: key ?? null }
    return this.runAction({ verb, sink, merge: sink, options }, async (job) =>
      rowsOf<T>([await job.merge(await runAll(job))]),
    )
  }

  /** The merged result, in a box since it may be undefined; none when there was nothing to merge. */
  async #tree(
    verb: string,
    sink: Sink<UserFunction>,
    merge: Sink<UserFunction>,
    depth: number,
    options: ActionOptions | undefined,
  ): Promise<{ readonly value: unknown }[]> {
    return this.runAction({ verb, sink, merge, options }, async (job) => {
      let results: readonly Blocks[] = (await runAll(job)).filter((blocks) => blocks.length > 0)
      // Source: Spark's treeAggregate: each level merges as many as make the whole tree as deep as asked.
      const width = Math.max(2, Math.ceil(results.length ** (1 / depth)))
      while (results.length > 1) {
        const groups = Array.from({ length: Math.ceil(results.length / width) }, (_, i) =>
          results.slice(i * width, (i + 1) * width),
        )
        results = await Promise.all(groups.map((group) => job.merge(group)))
      }
      return rowsOf<unknown>(results).map((value) => ({ value }))
    })
  }
}

async function momentsOf(rows: Dataset<number>, verb: string, options: ActionOptions | undefined): Promise<Moments> {
  const results = await rows.runAction({ verb, sink: { op: 'stats' }, options }, runAll)
  return rowsOf<Moments>(results).reduce(joinMoments, {
    count: 0,
    sum: 0,
    mean: 0,
    squares: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
  })
}

/** Source: Chan, Golub and LeVeque, Updating formulae and a pairwise algorithm for computing sample variances, 1979. */
function joinMoments(a: Moments, b: Moments): Moments {
  if (a.count === 0) return b
  if (b.count === 0) return a
  const count = a.count + b.count
  const distance = b.mean - a.mean
  return {
    count,
    sum: a.sum + b.sum,
    mean: a.mean + (distance * b.count) / count,
    squares: a.squares + b.squares + (distance * distance * a.count * b.count) / count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  }
}

function describe({ count, sum, mean, squares, min, max }: Moments): Stats {
  const variance = count > 0 ? squares / count : Number.NaN
  const sampleVariance = count > 1 ? squares / (count - 1) : Number.NaN
  return {
    count,
    sum,
    mean,
    min,
    max,
    variance,
    stdev: Math.sqrt(variance),
    sampleVariance,
    sampleStdev: Math.sqrt(sampleVariance),
  }
}

async function evenEdges(
  rows: Dataset<number>,
  buckets: number,
  place: string,
  options: ActionOptions | undefined,
): Promise<number[]> {
  if (!Number.isInteger(buckets) || buckets < 1)
    throw refusal('histogram', `expected a whole number of buckets of 1 or more, got ${buckets}`)
  const { count, min, max, mean } = await momentsOf(rows, 'histogram', options)
  if (count === 0 || !Number.isFinite(min) || !Number.isFinite(max) || Number.isNaN(mean)) {
    const what = count === 0 ? 'there are no rows' : 'a row is not finite'
    throw new DataError(`histogram${place}: ${what}, so there is no width to divide. Give edges instead`)
  }
  if (min === max) return [min, max]
  const width = (max - min) / buckets
  return [...Array.from({ length: buckets }, (_, i) => min + i * width), max]
}

function requireDepth(verb: string, depth: number): void {
  if (!(depth >= 1)) throw refusal(verb, `the depth must be 1 or more, got ${depth}`)
}

/** Runs the user's partitioning function on one key, in a worker. */
async function placeBy<K>(
  rows: Dataset<[K, unknown]>,
  fn: (key: K) => unknown,
  key: K,
  options: ActionOptions | undefined,
): Promise<unknown> {
  return rows.context.parallelize<K>([key], 1).map(fn).first(options)
}

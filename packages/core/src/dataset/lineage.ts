/** The part of a dataset that knows where its rows come from: its plan node, and how to add another. */
import { PlanError } from '../errors.ts'
import { markDriverOnly } from '../plan/driver-only.ts'
import { debugString, explainPlan } from '../plan/explain.ts'
import type { Layout } from '../plan/layout.ts'
import type { PlanNode } from '../plan/node.ts'
import type { Placement } from '../plan/partitioner.ts'
import type { Step, UserFunction } from '../plan/step.ts'
import { compiledSteps } from '../run/compiled-steps.ts'
import { JobSplits, layoutOf } from '../run/prepare.ts'
import { callSite } from './call-site.ts'
import type { Context } from './context.ts'
import type { Dataset } from './dataset.ts'
import { Growth, nextNodeId } from './grow.ts'

export interface KeyPlacement {
  /** By the hash of keys, or by the function given to `partitionBy`. */
  readonly type: 'hash' | 'custom'
  readonly partitionCount: number
}

export abstract class Lineage<T> {
  /** The context whose engine runs this dataset. */
  readonly context: Context
  /** @internal */
  readonly node: PlanNode
  /** Never read: it keeps `Dataset<A>` and `Dataset<B>` apart for the type checker. */
  declare protected readonly row: T

  constructor(context: Context, node: PlanNode) {
    this.context = context
    this.node = node
  }

  /** A dataset of this context that ends in another node. @internal */
  protected abstract derive<U>(node: PlanNode): Dataset<U>

  /** Number of this dataset, counted up within the process; `toDebugString()` shows it. */
  get id(): number {
    return this.node.id
  }

  /** Names this dataset, for `explain()`, `toDebugString()` and events. Returns the same dataset. */
  setName(name: string): this {
    this.node.name = name
    return this
  }

  /** The name given by `setName`. */
  name(): string | undefined {
    return this.node.name
  }

  /**
   * Into how many partitions the rows are cut.
   * @throws DataError if a path of a source is wrong
   */
  getNumPartitions(): number {
    return this.#layout().count(this.node)
  }

  /** The same as `getNumPartitions()`. */
  get numPartitions(): number {
    return this.getNumPartitions()
  }

  /** How pairs are known to be placed by key, so that verbs by key need not move them; null when they are not. */
  get partitioner(): KeyPlacement | null {
    const { by, count } = this.#layout().of(this.node)
    return by === null ? null : { type: by.type, partitionCount: count }
  }

  /** The lineage as text: `(n)`, n partitions, the last verb first. */
  toDebugString(): string {
    return debugString(this.node, this.#layout())
  }

  /** What running this dataset would do: its stages, and in each the steps a row meets, with where you called them. */
  async explain(): Promise<string> {
    const notes = new Map<number, string>()
    if (await this.context.compiles()) {
      for (const [node, why] of await compiledSteps(this.node, this.#layout()))
        notes.set(node, why === null ? 'compiled' : `V8: ${why}`)
    }
    return explainPlan(this.node, this.#layout(), notes)
  }

  /** How the rows lie. @internal */
  protected async placement(): Promise<Placement> {
    await this.context.engine()
    return this.#layout().of(this.node)
  }

  /** As it stands now: what is kept already counts. */
  #layout(): Layout {
    const { openEngine, defaultParallelism } = this.context
    return openEngine?.layout() ?? layoutOf(new JobSplits(defaultParallelism), null)
  }

  /** What a verb of several nodes is added by, after `node`. @internal */
  protected growth(verb: string, node: PlanNode = this.node): Growth {
    return new Growth(verb, callSite(), node)
  }

  /** @internal */
  protected grown<U>({ node }: Growth): Dataset<U> {
    return this.derive(node)
  }

  /** Adds one step. @internal */
  protected pipeStep<U>(verb: string, step: Step<UserFunction>): Dataset<U> {
    const at = callSite()
    if ('fn' in step && typeof step.fn !== 'function') {
      throw new PlanError(
        `${verb}${placeOf(at)}: expected a function, got ${typeof step.fn}. Pass a function of one row`,
      )
    }
    return this.derive({ kind: 'pipe', id: nextNodeId(), verb, at, parent: this.node, step })
  }

  /** @throws PlanError unless `other` is a dataset of the same context. @internal */
  protected requireSibling(verb: string, other: unknown): asserts other is Lineage<unknown> {
    if (!(other instanceof Lineage))
      throw new PlanError(`${verb}${placeOf(callSite())}: expected a dataset, got ${typeof other}`)
    if (other.context !== this.context) {
      throw new PlanError(
        `${verb}${placeOf(callSite())}: the two datasets belong to different contexts. Make both from the same context`,
      )
    }
  }
}

markDriverOnly(
  Lineage.prototype,
  'A dataset cannot be used inside a function that runs on a dataset. Collect it first and capture the rows, or join the two',
)

/** ` (file:line:column)`, or nothing where the place is not known. */
export function placeOf(at: { readonly text: string }): string {
  return at.text === '' ? '' : ` (${at.text})`
}

/**
 * The graph of a run: the tasks asked for, those that they require, and so on, with the reason why each may have to run.
 *
 * What stands below a complete task is looked at only if this task was recorded when it ran: its inputs may have changed since. A
 * target that is missing there is not made again unless a task that reads it runs; what is not recorded counts as complete when it exists.
 */
import { resolve } from 'node:path'
import { type Session, withinSession } from './ambient.ts'
import { PlanError } from './errors.ts'
import type { Fingerprints } from './fingerprints.ts'
import { codeOf, createNode, inputsOf, lookAtOutput, type Node, type Reason, requiredBy } from './node.ts'
import type { Records } from './records.ts'
import type { Target } from './target.ts'
import type { Task } from './task.ts'

/** What makes a complete task run again: `inputs` that changed, its `code` as well, or nothing. */
export type RerunOn = 'inputs' | 'code' | 'none'

export interface GraphOptions {
  readonly session: Session
  readonly records: Records
  readonly fingerprints: Fingerprints
  readonly rerunOn: RerunOn
  /** Whether a task has to run even if it is complete. */
  readonly isForced: (task: Task) => boolean
}

/** Targets looked at at once. */
const LOOKS = 64

export class Graph {
  readonly #options: GraphOptions
  readonly #nodes = new Map<string, Node>()
  /** Which node makes the target of a description. */
  readonly #makers = new Map<string, Node>()
  readonly #planned = new Set<Node>()
  /** Plans are made one after the other, as they share nodes. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: GraphOptions) {
    this.#options = options
  }

  /**
   * Adds tasks and all that they need.
   * @returns the nodes that no plan had before and that are complete or have to become so, dependencies first
   * @throws PlanError when tasks require each other in a circle, or two make one target or bear one name
   */
  plan(tasks: readonly Task[]): Promise<readonly Node[]> {
    const planned = this.#last.then(() => withinSession(this.#options.session, () => this.#plan(tasks)))
    this.#last = planned.catch(() => undefined)
    return planned
  }

  nodeOf(task: Task): Node | undefined {
    return this.#nodes.get(task.id)
  }

  async #plan(tasks: readonly Task[]): Promise<readonly Node[]> {
    const roots = tasks.map((task) => this.#intern(task, true))
    const touched = new Set<Node>()
    let frontier: readonly Node[] = roots.filter((node) => !this.#planned.has(node))
    for (const node of frontier) node.isDemanded = true
    while (frontier.length > 0) {
      await this.#explore(frontier, touched)
      const order = dependenciesFirst(roots, touched)
      for (const node of order) node.reason = await this.#reasonOf(node)
      frontier = demand(order)
    }
    const nodes = dependenciesFirst(roots, touched).filter((node) => node.isDemanded || node.isComplete)
    for (const node of nodes) this.#planned.add(node)
    return nodes
  }

  /** The node of a task, made when it is new. */
  #intern(task: Task, isRoot: boolean): Node {
    const known = this.#nodes.get(task.id)
    if (known === undefined) {
      const node = createNode(task, this.#nodes.size, this.#options.isForced(task))
      this.#nodes.set(task.id, node)
      return node
    }
    if (known.task.definition !== task.definition)
      throw new PlanError(
        `plan: two definitions are named ${task.name}. Define each task once, under a name of its own.`,
      )
    if (!isRoot && task.definition.unkeyed.size > 0) requireSameUnkeyed(known.task, task)
    return known
  }

  /** Looks at nodes and, level by level, at those below them. */
  async #explore(frontier: readonly Node[], touched: Set<Node>): Promise<void> {
    for (let level = frontier; level.length > 0; ) {
      await inParallel(
        level.filter(({ isLooked }) => !isLooked),
        (node) => this.#look(node),
      )
      const next = new Set<Node>()
      for (const node of level) {
        touched.add(node)
        if (!this.#isWorthExpanding(node)) continue
        this.#expand(node)
        const hasWork = node.kind === 'wrapper' || !node.isComplete || node.isForced
        for (const child of node.dependencies ?? []) {
          const isNewlyDemanded = node.isDemanded && hasWork && !child.isDemanded
          if (isNewlyDemanded) child.isDemanded = true
          if (!this.#planned.has(child) && (isNewlyDemanded || !child.isLooked)) next.add(child)
        }
      }
      level = [...next]
    }
  }

  #isWorthExpanding(node: Node): boolean {
    if (node.problem !== null || node.dependencies !== null) return false
    if (node.kind === 'wrapper') return true
    if (node.isComplete && !node.isForced) return node.record !== null && this.#options.rerunOn !== 'none'
    return node.isDemanded
  }

  async #look(node: Node): Promise<void> {
    node.isLooked = true
    const { task } = node
    const { complete } = task.definition
    try {
      lookAtOutput(node)
      node.isComplete =
        complete === undefined
          ? node.targets.length > 0 && (await allExist(node))
          : await complete({ params: task.params, output: node.output })
    } catch (error) {
      node.problem = asError(error)
    }
    for (const target of node.targets) this.#claimTarget(node, target)
    if (node.kind !== 'work' || node.problem !== null) return
    node.record = await this.#options.records.read(task)
    node.isCodeChanged = node.record !== null && node.record.code !== codeOf(task.definition)
  }

  #claimTarget(node: Node, target: Target): void {
    const description = target.describe()
    // One path can be written in several ways; what else a target is called is its own.
    const name = target.path === description ? resolve(description) : description
    const maker = this.#makers.get(name) ?? node
    if (maker !== node) {
      throw new PlanError(
        `plan: ${maker.task.label} and ${node.task.label} both make ${description}. Give each a target of its own.`,
      )
    }
    this.#makers.set(name, node)
  }

  #expand(node: Node): void {
    node.dependencies = []
    let tasks: readonly Task[]
    try {
      const required = requiredBy(node)
      node.needs = required.needs
      tasks = required.tasks
    } catch (error) {
      node.problem = asError(error)
      return
    }
    node.dependencies = [...new Set(tasks.map((task) => this.#intern(task, false)))]
  }

  async #reasonOf(node: Node): Promise<Reason | null> {
    if (node.problem !== null || node.kind === 'external') return null
    const running = node.dependencies?.find(
      ({ reason, isComplete, kind, isDemanded }) => reason !== null && (isComplete || kind === 'wrapper' || isDemanded),
    )
    const because = running === undefined ? null : { text: `${running.task.label} runs first`, isSure: false }
    if (node.kind === 'wrapper') return because
    if (node.isForced) return { text: 'forced', isSure: true }
    if (!node.isComplete) return { text: await missingText(node), isSure: true }
    const { rerunOn } = this.#options
    if (node.record === null || rerunOn === 'none') return null
    if (rerunOn === 'code' && node.isCodeChanged) return { text: 'its code changed', isSure: true }
    const change = await this.changeOf(node)
    return change === null ? because : { text: change, isSure: because === null }
  }

  /** What has changed of the inputs since a recorded task ran; null when nothing has. */
  async changeOf(node: Node): Promise<string | null> {
    const { record, task } = node
    // Who says when it is complete says also when it isn't.
    if (record === null || task.definition.complete !== undefined) return null
    const { fingerprints } = this.#options
    const change = await fingerprints.difference(record.inputs, inputsOf(node))
    return change ?? fingerprints.differenceOfFiles(record.needed)
  }
}

/** Marks what those that may run need. @returns the nodes below which nobody has looked yet */
function demand(order: readonly Node[]): readonly Node[] {
  const unexplored: Node[] = []
  for (const node of order.toReversed()) {
    if (!node.isDemanded || (node.kind !== 'wrapper' && node.reason === null)) continue
    for (const child of node.dependencies ?? []) {
      if (child.isDemanded) continue
      child.isDemanded = true
      const hasWork = !child.isComplete || child.reason !== null
      if (hasWork && child.dependencies === null && child.problem === null) unexplored.push(child)
    }
  }
  return unexplored
}

/**
 * The touched nodes that the roots lead to, each after its dependencies.
 * @throws PlanError naming the tasks of a circle
 */
function dependenciesFirst(roots: readonly Node[], touched: ReadonlySet<Node>): readonly Node[] {
  const order: Node[] = []
  const done = new Set<Node>()
  const open = new Set<Node>()
  // A stack of its own: chains of tasks may be longer than calls can be deep.
  const path: { readonly node: Node; next: number }[] = []
  const enter = (node: Node): void => {
    if (done.has(node) || !touched.has(node)) return
    if (open.has(node)) throw circleError([...open, node], node)
    open.add(node)
    path.push({ node, next: 0 })
  }
  for (const root of roots) {
    enter(root)
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const child = top.node.dependencies?.[top.next++]
      if (child !== undefined) {
        enter(child)
        continue
      }
      path.pop()
      open.delete(top.node)
      done.add(top.node)
      order.push(top.node)
    }
  }
  return order
}

export function circleError(path: readonly Node[], from: Node): PlanError {
  const names = path.slice(path.indexOf(from)).map(({ task }) => task.label)
  return new PlanError(
    `plan: tasks require each other in a circle: ${names.join(' -> ')}. Take out one of these steps.`,
  )
}

async function allExist({ targets }: Node): Promise<boolean> {
  for (const target of targets) if (!(await target.exists())) return false
  return true
}

async function missingText({ targets, task }: Node): Promise<string> {
  if (task.definition.complete !== undefined) return 'it says that it is not complete'
  for (const target of targets) if (!(await target.exists())) return `${target.describe()} is missing`
  return 'it has no output, so it runs every time'
}

function requireSameUnkeyed(known: Task, other: Task): void {
  for (const name of known.definition.unkeyed) {
    if (JSON.stringify(known.params[name]) === JSON.stringify(other.params[name])) continue
    throw new PlanError(
      `plan: ${known.label} and ${other.label} are the same task, as "${name}" is unkeyed, but ask for different values of it. Agree on one.`,
    )
  }
}

async function inParallel<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  let next = 0
  const walk = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await act(item)
  }
  await Promise.all(Array.from({ length: Math.min(LOOKS, items.length) }, walk))
}

export function asError(thrown: unknown): Error {
  return thrown instanceof Error
    ? thrown
    : new Error(`${String(thrown)} was thrown, which is no Error`, { cause: thrown })
}

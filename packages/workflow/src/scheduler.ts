/**
 * The scheduler: starts each task of the graph when those that it requires are complete, as many at once as there are workers, and
 * says what became of each. It waits for events only, and each event costs the same however many tasks there are.
 */
import { setMaxListeners } from 'node:events'
import { arrange, type Dependencies, tasksOf } from './dependency.ts'
import { blankEntry, createEntry, type Entry, isGood, retryDelayMs, rowOf } from './entry.ts'
import { DependencyError } from './errors.ts'
import type { Listener } from './events.ts'
import { asError, circleError, type Graph } from './graph.ts'
import { maskSecrets } from './identity.ts'
import type { Node } from './node.ts'
import { Places } from './places.ts'
import { deadEndError } from './stall.ts'
import type { Row, Status } from './summary.ts'
import type { Task } from './task.ts'
import type { Outcome, TaskRunner } from './task-runner.ts'
import { type Verdict, verdictOf } from './verdict.ts'
import { pathTo, settledOrAborted, type Waiting } from './waiting.ts'

/** What happens to the rest after a task failed: it goes on, nothing new is started, or what runs is ended too. */
export type OnFailure = 'continue' | 'no-new' | 'kill'

export interface SchedulerOptions {
  readonly workers: number
  readonly resources: Readonly<Record<string, number>>
  readonly isDryRun: boolean
  readonly onFailure: OnFailure
  readonly emit: Listener
  readonly graph: Graph
  readonly runner: TaskRunner
}

interface Details {
  readonly reason?: string | null
  readonly error?: Error
}

export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #entries = new Map<Node, Entry>()
  readonly #places: Places
  readonly #delayed = new Map<Entry, NodeJS.Timeout>()
  readonly #running = new Set<Entry>()
  /** What is being settled, in order. */
  readonly #settled: { readonly entry: Entry; readonly status: Status; readonly details: Details }[] = []
  #unsettled = 0
  #cancelled: Error | null = null
  #isStopping = false
  #isAdding = false
  #onDone: () => void = () => undefined

  constructor(options: SchedulerOptions) {
    this.#options = options
    this.#places = new Places(options.workers, options.resources)
  }

  /** Runs what these nodes need; resolves when nothing more will happen. */
  async run(nodes: readonly Node[]): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#onDone = resolve
    })
    this.#add(nodes)
    this.#checkDone()
    await done
  }

  /** Ends what runs and starts nothing more. */
  cancel(reason: Error): void {
    this.#cancelled ??= reason
    this.#stop()
    for (const { controller } of this.#running) controller?.abort(reason)
  }

  /** Nothing can settle any more what runs: it fails, but for what waits for others, which they settle. */
  giveUp(): void {
    const stuck = [...this.#running].filter(({ waitsFor }) => waitsFor.size === 0)
    for (const { controller, node } of stuck) controller?.abort(deadEndError(`${node.task.label}: run`))
    if (stuck.length === 0) this.cancel(deadEndError('what says whether a task is complete'))
  }

  rows(): readonly Row[] {
    return [...this.#entries.values()].map(rowOf)
  }

  /** The labels of the tasks that run at this moment. */
  running(): readonly string[] {
    return [...this.#running].map(({ node }) => node.task.label)
  }

  isComplete(task: Task): boolean {
    const node = this.#options.graph.nodeOf(task)
    const status = node === undefined ? null : (this.#entries.get(node)?.status ?? null)
    return isGood(status)
  }

  /** Adds nodes, dependencies first, and starts what can be started. */
  #add(nodes: readonly Node[]): void {
    const added: Entry[] = []
    for (const node of nodes) {
      const entry = this.#entryOf(node)
      this.#entries.set(node, entry)
      this.#unsettled++
      for (const dependency of node.dependencies ?? []) {
        const other = this.#entries.get(dependency)
        if (other === undefined || other.status !== null) continue
        other.dependents.push(entry)
        entry.prerequisites.push(other)
        entry.pending++
      }
      added.push(entry)
    }
    // Those that can start are all known before the first one does, since priorities decide.
    this.#isAdding = true
    for (const entry of added.filter(({ pending }) => pending === 0)) this.#arrive(entry)
    this.#isAdding = false
    this.#pump()
  }

  #entryOf(node: Node): Entry {
    if (node.kind !== 'work' || node.reason === null || node.problem !== null) return blankEntry(node)
    try {
      return createEntry(node, this.#options.resources)
    } catch (error) {
      node.problem = asError(error)
      return blankEntry(node)
    }
  }

  /** All that it requires has settled. */
  #arrive(entry: Entry): void {
    const { graph, isDryRun } = this.#options
    const dependencies = (entry.node.dependencies ?? []).flatMap((node) => this.#entries.get(node) ?? [])
    const verdict = verdictOf(entry.node, dependencies, { graph, isDryRun, isStopping: this.#isStopping })
    if (verdict instanceof Promise) void verdict.then((later) => this.#obey(entry, later))
    else this.#obey(entry, verdict)
  }

  #obey(entry: Entry, verdict: Verdict): void {
    if (entry.status !== null) return
    if (verdict.type === 'settle') return this.#settle(entry, verdict.status, verdict)
    entry.reason = verdict.reason
    this.#enqueue(entry)
    this.#pump()
  }

  #enqueue(entry: Entry): void {
    if (this.#isStopping) return this.#settle(entry, 'cancelled')
    this.#places.push(entry)
  }

  /** Gives free places to those that go on and then to those that start. */
  #pump(): void {
    if (this.#isAdding) return
    this.#places.goOn()
    while (!this.#isStopping) {
      const entry = this.#places.take()
      if (entry === undefined) return
      void this.#execute(entry)
    }
  }

  async #execute(entry: Entry): Promise<void> {
    const controller = new AbortController()
    // Each `need` of a task listens, and there may be thousands at once.
    setMaxListeners(0, controller.signal)
    const { emit, runner } = this.#options
    const { label: task, definition, params } = entry.node.task
    const masked = (text: string): string => maskSecrets(definition, params, text)
    const waiting: Waiting = { entry, signal: controller.signal, calls: 0 }
    entry.controller = controller
    entry.attempts++
    entry.needed.length = 0
    this.#running.add(entry)
    emit({ type: 'taskStart', task, attempt: entry.attempts, reason: masked(entry.reason ?? '') })
    const outcome = await runner
      .run(entry, controller, {
        outputOf: (other) => this.#outputOf(other),
        need: (needs) => this.#need(waiting, needs),
        onProgress: (fraction, message) => emit({ type: 'taskProgress', task, fraction, message }),
        onLog: (message) => emit({ type: 'taskLog', task, message: masked(message) }),
      })
      .catch((error: unknown): Outcome => ({ type: 'failed', error: asError(error) }))
    // What it left running counts no more: it gets no place again, and no target appears.
    controller.abort(new Error(`${task} has ended`))
    this.#running.delete(entry)
    this.#places.vacate(entry)
    this.#conclude(entry, outcome)
    this.#pump()
  }

  #conclude(entry: Entry, outcome: Outcome): void {
    switch (outcome.type) {
      case 'ran':
        return this.#settle(entry, 'ran', { reason: entry.reason })
      case 'failed':
        return this.#fail(entry, outcome.error)
      case 'upToDate':
      case 'locked':
      case 'blocked':
        return this.#settle(entry, outcome.type, { reason: outcome.reason })
    }
  }

  #fail(entry: Entry, error: Error): void {
    const { task } = entry.node
    if (this.#cancelled !== null && entry.controller?.signal.reason === this.#cancelled)
      return this.#settle(entry, 'cancelled')
    if (entry.attempts <= (task.definition.retries ?? 0) && !this.#isStopping) {
      const delayMs = retryDelayMs(entry)
      const row = rowOf({ ...entry, error })
      this.#options.emit({
        type: 'taskRetry',
        task: task.label,
        attempt: entry.attempts,
        delayMs,
        error: row.error ?? error,
      })
      const timer = setTimeout(() => {
        this.#delayed.delete(entry)
        this.#enqueue(entry)
        this.#pump()
      }, delayMs)
      this.#delayed.set(entry, timer)
      return
    }
    const { onFailure } = this.#options
    this.#isStopping ||= onFailure !== 'continue'
    this.#settle(entry, 'failed', { error })
    if (onFailure === 'no-new') this.#stop()
    if (onFailure === 'kill') this.cancel(new Error(`the run was ended, as ${task.label} failed`))
  }

  /** Starts nothing more: what waits is given up, what runs goes on. */
  #stop(): void {
    this.#isStopping = true
    this.#places.clear()
    for (const timer of this.#delayed.values()) clearTimeout(timer)
    this.#delayed.clear()
    for (const entry of this.#entries.values()) {
      if (entry.status === null && entry.pending === 0 && !this.#running.has(entry)) this.#settle(entry, 'cancelled')
    }
  }

  #settle(entry: Entry, status: Status, details: Details = {}): void {
    // No recursion: a chain of tasks may be longer than calls can be deep.
    const settled = this.#settled
    settled.push({ entry, status, details })
    if (settled.length > 1) return
    for (let index = 0; index < settled.length; index++) {
      const next = settled[index]
      if (next !== undefined && next.entry.status === null) this.#settleOne(next.entry, next.status, next.details)
    }
    settled.length = 0
    this.#checkDone()
  }

  #settleOne(entry: Entry, status: Status, { reason, error }: Details): void {
    entry.status = status
    entry.reason = reason ?? null
    entry.error = error ?? null
    this.#unsettled--
    this.#options.emit({ type: 'taskEnd', task: entry.node.task.label, row: rowOf(entry) })
    for (const dependent of entry.dependents) {
      dependent.pending--
      if (dependent.pending === 0 && dependent.status === null) this.#arrive(dependent)
    }
    for (const call of entry.onSettled) call()
  }

  #checkDone(): void {
    if (this.#unsettled === 0 && this.#running.size === 0) this.#onDone()
    else this.#pump()
  }

  #outputOf(task: Task): unknown {
    return this.#options.graph.nodeOf(task)?.output
  }

  /** Adds tasks to the graph and waits for them; meanwhile another task may have the place. */
  #need(waiting: Waiting, needs: Dependencies): Promise<unknown> {
    const outputs = this.#fulfil(waiting, needs)
    // What became of the others is told in the summary, also when nobody waits for this.
    outputs.catch(() => undefined)
    return outputs
  }

  async #fulfil(waiting: Waiting, needs: Dependencies): Promise<unknown> {
    const { entry, signal } = waiting
    signal.throwIfAborted()
    const tasks = tasksOf(needs)
    if (waiting.calls++ === 0) this.#places.vacate(entry)
    const needed: Entry[] = []
    try {
      this.#pump()
      this.#add(await this.#options.graph.plan(tasks))
      signal.throwIfAborted()
      for (const task of tasks) {
        const other = this.#entryOfTask(task)
        if (other === undefined) throw new DependencyError(`needs ${task.label}`)
        needed.push(other)
        entry.waitsFor.add(other)
      }
      const path = pathTo(needed, entry)
      if (path !== null) throw circleError([entry.node, ...path], entry.node)
      await settledOrAborted(needed, signal)
      const bad = needed.find(({ status }) => !isGood(status))
      if (bad !== undefined) throw new DependencyError(`needs ${bad.node.task.label}`)
      entry.needed.push(...needed.flatMap(({ node }) => node.targets))
      return arrange(needs, (task) => this.#outputOf(task))
    } finally {
      for (const other of needed) entry.waitsFor.delete(other)
      if (--waiting.calls === 0) {
        const resumed = this.#places.resume(entry, signal)
        this.#pump()
        await resumed
      }
    }
  }

  #entryOfTask(task: Task): Entry | undefined {
    const node = this.#options.graph.nodeOf(task)
    return node === undefined ? undefined : this.#entries.get(node)
  }
}

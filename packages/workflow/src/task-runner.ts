/** Runs one task once: under its locks, after a look whether it still has to, with a record of what it read. */
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Context } from 'kindling'
import type { Session } from './ambient.ts'
import { type AttemptOptions, runAttempt } from './attempt.ts'
import type { Entry } from './entry.ts'
import { DependencyError } from './errors.ts'
import type { Fingerprints } from './fingerprints.ts'
import { asError, type Graph } from './graph.ts'
import { type Locked, lockAll } from './locks.ts'
import { codeOf, inputsOf, type Node } from './node.ts'
import type { Inputs, Records } from './records.ts'
import { sweepDirectory } from './staging.ts'

export type Outcome =
  | { readonly type: 'ran' }
  | { readonly type: 'upToDate'; readonly reason: string | null }
  | { readonly type: 'locked'; readonly reason: string }
  | { readonly type: 'blocked'; readonly reason: string }
  | { readonly type: 'failed'; readonly error: Error }

export interface RunnerOptions {
  readonly session: Session
  readonly context: Context | null
  readonly graph: Graph
  readonly records: Records
  readonly fingerprints: Fingerprints
  /** Whether to wait for a lock that another process has. */
  readonly waitForLocks: boolean
}

/** How often a lock is looked at that another process has. */
const LOCK_LOOK_MS = 100

export class TaskRunner {
  readonly #options: RunnerOptions
  readonly #swept = new Set<string>()

  constructor(options: RunnerOptions) {
    this.#options = options
  }

  async run(
    entry: Entry,
    controller: AbortController,
    calls: Pick<AttemptOptions, 'outputOf' | 'need' | 'onProgress' | 'onLog'>,
  ): Promise<Outcome> {
    const paths = entry.node.targets.flatMap(({ path }) => path ?? [])
    let locked: Locked | null = null
    const started = performance.now()
    try {
      locked = await this.#lock(entry.node, paths, controller.signal)
      if (locked === null) return { type: 'upToDate', reason: 'another run has made it' }
      if (locked.type === 'taken') return { type: 'locked', reason: `it is made by ${locked.by}` }
      if (await this.#isDoneMeanwhile(entry.node)) return { type: 'upToDate', reason: 'another run has made it' }
      this.sweep(paths)
      const { session, context, fingerprints } = this.#options
      // Before it runs: what changes while it runs has to be noticed the next time.
      const inputs = await fingerprints.of(inputsOf(entry.node))
      const { node, attempts: number, timeoutMs } = entry
      await runAttempt({ node, number, session, context, controller, timeoutMs, ...calls })
      await this.#record(entry, inputs, performance.now() - started)
      return { type: 'ran' }
    } catch (error) {
      if (error instanceof DependencyError) return { type: 'blocked', reason: error.message }
      return { type: 'failed', error: asError(error) }
    } finally {
      entry.wallMs = performance.now() - started
      if (locked?.type === 'held') locked.release()
    }
  }

  /** Null when there is nothing more to lock, as what had the lock has done the work. */
  async #lock(node: Node, paths: readonly string[], signal: AbortSignal): Promise<Locked | null> {
    for (;;) {
      signal.throwIfAborted()
      const locked = await lockAll(paths)
      if (locked.type === 'held' || !this.#options.waitForLocks) return locked
      if (await this.#isDoneMeanwhile(node)) return null
      await delay(LOCK_LOOK_MS, undefined, { signal })
    }
  }

  /** Another run may have made the targets between the plan and the lock. */
  async #isDoneMeanwhile({ task, targets, isComplete, isForced }: Node): Promise<boolean> {
    if (isComplete || isForced || targets.length === 0 || task.definition.complete !== undefined) return false
    for (const target of targets) if (!(await target.exists())) return false
    return true
  }

  /** Removes what dead runs left beside these paths, once in each directory. */
  sweep(paths: readonly string[]): void {
    for (const path of paths) {
      const directory = dirname(path)
      if (this.#swept.has(directory)) continue
      this.#swept.add(directory)
      sweepDirectory(directory)
    }
  }

  /** A record that cannot be written harms nobody today, so that it cannot fail the task. */
  async #record({ node, needed }: Entry, inputs: Inputs, wallMs: number): Promise<void> {
    if (node.targets.length === 0) return
    const { records, fingerprints } = this.#options
    try {
      await records.write(node.task, {
        inputs,
        needed: await fingerprints.of(needed),
        outputs: node.targets.map((target) => target.describe()),
        code: codeOf(node.task.definition),
        finished: new Date().toISOString(),
        wallMs: Math.round(wallMs),
      })
    } catch (error) {
      process.emitWarning(
        `${node.task.label}: what it read could not be recorded: ${asError(error).message}`,
        'KindlingWarning',
      )
    }
  }
}

/** A run: makes tasks complete, with all that they need, and says what became of each. */
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import type { Context } from 'kindling'
import { suggestion } from 'kindling/files'
import { type Defaults, type Session, withinSession } from './ambient.ts'
import { tasksOf } from './dependency.ts'
import { PlanError } from './errors.ts'
import type { Listener, WorkflowEvent } from './events.ts'
import { Fingerprints } from './fingerprints.ts'
import { Graph, type RerunOn } from './graph.ts'
import { guardProcess } from './guard.ts'
import { onInterrupt } from './interrupt.ts'
import { kindOf, type Node } from './node.ts'
import { type Records, recordsIn } from './records.ts'
import { RunLog } from './run-log.ts'
import { type OnFailure, Scheduler } from './scheduler.ts'
import { deadEndError, watchDeadEnds, watchStalls } from './stall.ts'
import { type Summary, summarize } from './summary.ts'
import { isTask, type Task } from './task.ts'
import { TaskRunner } from './task-runner.ts'

export interface RunOptions {
  /** Tasks at once; by default as many as there are cores. */
  readonly workers?: number
  /** Only says what would run, and why. No file changes. */
  readonly dryRun?: boolean
  /** Runs tasks that are complete: those asked for (`true`), those of these names, or all. */
  readonly force?: boolean | 'all' | readonly string[]
  /** What makes a complete task run again: `inputs` that changed (the default), its `code` as well, or `none`. */
  readonly rerunOn?: RerunOn
  /** After a failure: `continue` with what can go on (the default), start `no-new` task, or `kill` what runs. */
  readonly onFailure?: OnFailure
  /** How much there is of each resource that tasks hold. */
  readonly resources?: Readonly<Record<string, number>>
  /** What relative paths of targets are relative to, and where `sh` runs. */
  readonly cwd?: string
  /** Values for parameters that the tasks required here leave out, by task and parameter. */
  readonly defaults?: Defaults
  /** What datasets and `compute` run on; by default the default context. */
  readonly context?: Context
  /** Ends the run in order when it is aborted. */
  readonly signal?: AbortSignal
  /** On Ctrl-C and the like: end the run and then the process (`end`, the default), only the run (`report`), or nothing (`ignore`). */
  readonly signals?: 'end' | 'report' | 'ignore'
  /** Waits for targets that another process makes, instead of reporting them as locked. */
  readonly wait?: boolean
  /** Called with each event. */
  readonly on?: Listener
}

const OPTIONS: readonly (keyof RunOptions)[] = [
  'workers',
  'dryRun',
  'force',
  'rerunOn',
  'onFailure',
  'resources',
  'cwd',
  'defaults',
  'context',
  'signal',
  'signals',
  'wait',
  'on',
]

/**
 * Makes a task complete, or several, and all that they need.
 *
 *     const summary = await run(Report({ date: '2026-11-25' }), { workers: 4 })
 *     if (!summary.ok) console.error(summaryText(summary))
 *
 * It doesn't reject when tasks fail, nor ends the process: the summary says what happened.
 * @throws PlanError when an option is wrong
 */
export async function run(tasks: Task | readonly Task[], options: RunOptions = {}): Promise<Summary> {
  checkOptions(options)
  const roots = isTask(tasks) ? [tasks] : tasks
  const started = performance.now()
  const workers = options.workers ?? availableParallelism()
  const isDryRun = options.dryRun ?? false
  const interrupted: { by: NodeJS.Signals | null } = { by: null }
  const about = (problem: Error | null, isComplete: boolean) => ({
    problem,
    isComplete,
    interruptedBy: interrupted.by,
    isDryRun,
    workers,
    wallMs: performance.now() - started,
  })
  const { session, graph, records, runner } = parts(roots, options)
  const log = isDryRun ? null : new RunLog(records)
  const emit = emitter(options.on, log)
  let nodes: readonly Node[]
  try {
    nodes = await settled(graph.plan(roots))
  } catch (error) {
    if (error instanceof PlanError) return summarize(about(error, false), [])
    throw error
  }
  const toRun = nodes.filter(({ kind, reason }) => kind === 'work' && reason !== null).length
  emit({ type: 'runStart', tasks: nodes.length, toRun, workers })
  const scheduler = new Scheduler({
    workers,
    resources: options.resources ?? {},
    isDryRun,
    onFailure: options.onFailure ?? 'continue',
    emit,
    graph,
    runner,
  })
  if (!isDryRun) runner.sweep(nodes.flatMap(({ targets }) => targets.flatMap(({ path }) => path ?? [])))
  const release = isDryRun ? () => undefined : watch(options, scheduler, emit, interrupted)
  let summary: Summary
  try {
    await withinSession(session, () => scheduler.run(nodes))
    summary = summarize(
      about(
        null,
        roots.every((task) => scheduler.isComplete(task)),
      ),
      scheduler.rows(),
    )
    await log?.close()
  } finally {
    release()
  }
  emit({ type: 'runEnd', code: summary.code, wallMs: summary.wallMs })
  return summary
}

/** The plan, unless it waits for what never comes: then the process would end without a word. */
async function settled<T>(plan: Promise<T>): Promise<T> {
  let unwatch = (): void => undefined
  const deadEnd = new Promise<never>((_, reject) => {
    const { message } = deadEndError('plan: requires, output, complete or a target')
    unwatch = watchDeadEnds(() => reject(new PlanError(message)))
  })
  try {
    return await Promise.race([plan, deadEnd])
  } finally {
    unwatch()
  }
}

function parts(
  roots: readonly Task[],
  options: RunOptions,
): { session: Session; graph: Graph; records: Records; runner: TaskRunner } {
  const { cwd, defaults = {}, context = null, rerunOn = 'inputs', wait = false } = options
  const session = { cwd: cwd === undefined ? null : resolve(cwd), defaults }
  const records = recordsIn(session)
  const fingerprints = new Fingerprints()
  const isForced = forced(options.force ?? false, () => withinSession(session, () => withoutWrappers(roots)))
  const graph = new Graph({ session, records, fingerprints, rerunOn, isForced })
  return {
    session,
    graph,
    records,
    runner: new TaskRunner({ session, context, graph, records, fingerprints, waitForLocks: wait }),
  }
}

function forced(force: boolean | 'all' | readonly string[], roots: () => readonly Task[]): (task: Task) => boolean {
  if (force === false) return () => false
  if (force === 'all') return () => true
  if (typeof force === 'object') return ({ name }) => force.includes(name)
  const ids = new Set(roots().map(({ id }) => id))
  return ({ id }) => ids.has(id)
}

/** A wrapper has no work of its own: forcing it means what it requires. */
export function withoutWrappers(tasks: readonly Task[]): readonly Task[] {
  const seen = new Map<string, Task>()
  const pending = [...tasks]
  // It grows while it is walked.
  for (const next of pending) {
    if (seen.has(next.id)) continue
    seen.set(next.id, next)
    if (kindOf(next.definition) !== 'wrapper') continue
    try {
      pending.push(...tasksOf(next.definition.requires?.(next.params)))
    } catch {
      // The plan calls it again and says so.
    }
  }
  return [...seen.values()]
}

/** Everything that goes on beside the tasks: signals, stalls, what a task does to the process. @returns what ends it */
function watch(
  { signal, signals = 'end' }: RunOptions,
  scheduler: Scheduler,
  emit: Listener,
  interrupted: { by: NodeJS.Signals | null },
): () => void {
  const unguard = guardProcess()
  const unwatch = watchStalls((blockedMs) => emit({ type: 'stall', blockedMs, running: scheduler.running() }))
  const unwatchEnds = watchDeadEnds(() => scheduler.giveUp())
  const onAbort = (): void => scheduler.cancel(abortError(signal?.reason))
  const interrupts =
    signals === 'ignore'
      ? null
      : onInterrupt((name) => {
          interrupted.by = name
          scheduler.cancel(abortError(name))
        })
  if (signal?.aborted === true) onAbort()
  signal?.addEventListener('abort', onAbort, { once: true })
  return () => {
    signal?.removeEventListener('abort', onAbort)
    interrupts?.stop(signals === 'end')
    unwatch()
    unwatchEnds()
    unguard()
  }
}

function abortError(why: unknown): Error {
  if (why instanceof Error) return why
  return Object.assign(new Error(`the run was ended: ${String(why)}`), { name: 'AbortError' })
}

function emitter(listener: Listener | undefined, log: RunLog | null): Listener {
  let isReported = false
  return (event: WorkflowEvent) => {
    if (event.type === 'taskEnd') log?.add(event.row)
    try {
      listener?.(event)
    } catch (error) {
      // A listener must not harm the run; that it fails is said once.
      if (!isReported) process.emitWarning(`a listener for ${event.type} threw: ${String(error)}`, 'KindlingWarning')
      isReported = true
    }
  }
}

function checkOptions(options: RunOptions): void {
  const unknown = Object.keys(options).find((name) => !OPTIONS.some((known) => known === name))
  if (unknown !== undefined) throw new PlanError(`run: unknown option ${unknown}. ${suggestion(unknown, OPTIONS)}`)
  const { workers = 1, rerunOn = 'none', onFailure = 'continue', signals = 'end' } = options
  if (!Number.isInteger(workers) || workers < 1)
    throw new PlanError(`run: workers must be a whole number of 1 or more, got ${workers}.`)
  requireOneOf('rerunOn', rerunOn, ['inputs', 'code', 'none'])
  requireOneOf('onFailure', onFailure, ['continue', 'no-new', 'kill'])
  requireOneOf('signals', signals, ['end', 'report', 'ignore'])
}

function requireOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw new PlanError(`run: ${name} must be one of ${allowed.join(', ')}, got ${JSON.stringify(value)}.`)
}

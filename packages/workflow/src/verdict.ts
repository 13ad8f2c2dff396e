/** A verdict: what becomes of a task when all that it requires has settled. */
import { type Entry, isGood } from './entry.ts'
import { asError, type Graph } from './graph.ts'
import type { Node } from './node.ts'
import type { Status } from './summary.ts'

export type Verdict =
  | { readonly type: 'settle'; readonly status: Status; readonly reason?: string | null; readonly error?: Error }
  /** It has to run, for this reason. */
  | { readonly type: 'run'; readonly reason: string }

export interface Circumstances {
  readonly graph: Graph
  readonly isDryRun: boolean
  /** Nothing more is to be started. */
  readonly isStopping: boolean
}

/** A promise where something has to be looked at again. @param dependencies those that are part of the run */
export function verdictOf(
  node: Node,
  dependencies: readonly Entry[],
  { graph, isDryRun, isStopping }: Circumstances,
): Verdict | Promise<Verdict> {
  if (node.problem !== null) return { type: 'settle', status: 'invalid', error: node.problem }
  const bad = dependencies.find(({ status }) => !isGood(status))
  if (bad !== undefined && (node.reason !== null || !node.isComplete)) {
    if (bad.status === 'cancelled') return { type: 'settle', status: 'cancelled' }
    return { type: 'settle', status: 'blocked', reason: `needs ${bad.node.task.label}` }
  }
  if (isStopping && node.reason !== null) return { type: 'settle', status: 'cancelled' }
  switch (node.kind) {
    case 'wrapper':
      return { type: 'settle', status: statusOfWrapper(dependencies) }
    case 'external':
      return node.isComplete ? { type: 'settle', status: 'upToDate' } : lookAgain(node)
    case 'work': {
      const { reason } = node
      if (reason === null) return { type: 'settle', status: 'upToDate' }
      if (isDryRun) return { type: 'settle', status: 'wouldRun', reason: reason.text }
      return reason.isSure ? { type: 'run', reason: reason.text } : lookWhetherChanged(node, graph)
    }
  }
}

function statusOfWrapper(dependencies: readonly Entry[]): Status {
  const statuses = new Set(dependencies.map(({ status }) => status))
  if (statuses.has('wouldRun')) return 'wouldRun'
  return statuses.has('ran') ? 'ran' : 'upToDate'
}

/** Something may have put the external target there by now. */
async function lookAgain({ targets }: Node): Promise<Verdict> {
  try {
    for (const target of targets) {
      if (await target.exists()) continue
      const reason = `${target.describe()} is not there, and no task makes it`
      return { type: 'settle', status: 'missing', reason }
    }
  } catch (error) {
    return { type: 'settle', status: 'invalid', error: asError(error) }
  }
  if (targets.length > 0) return { type: 'settle', status: 'upToDate' }
  return { type: 'settle', status: 'missing', reason: 'it says that it is not complete, and has no run' }
}

/** What it requires has run; if that left its inputs as they were, it need not. */
async function lookWhetherChanged(node: Node, graph: Graph): Promise<Verdict> {
  try {
    const change = await graph.changeOf(node)
    if (change !== null) return { type: 'run', reason: change }
    return { type: 'settle', status: 'upToDate', reason: 'its inputs came out the same' }
  } catch (error) {
    return { type: 'settle', status: 'invalid', error: asError(error) }
  }
}

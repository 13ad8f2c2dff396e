/** An entry: a node on its way through the scheduler. */
import { millisecondsOf } from './duration.ts'
import { PlanError } from './errors.ts'
import { maskSecrets } from './identity.ts'
import type { Node } from './node.ts'
import type { Row, Status } from './summary.ts'
import type { Target } from './target.ts'

export interface Entry {
  readonly node: Node
  readonly priority: number
  readonly order: number
  readonly resources: Readonly<Record<string, number>>
  readonly timeoutMs: number | null
  readonly dependents: Entry[]
  /** Those of its dependencies that had not settled when it was added. */
  readonly prerequisites: Entry[]
  /** How many of its dependencies have not settled. */
  pending: number
  /** Null until nothing more will happen to it. */
  status: Status | null
  attempts: number
  wallMs: number
  reason: string | null
  error: Error | null
  /** Set while an attempt runs. */
  controller: AbortController | null
  /** Whether it counts as one of the workers at this moment. */
  hasPlace: boolean
  /** What it waits for in `need`. */
  readonly waitsFor: Set<Entry>
  /** What it came to need in this attempt. */
  readonly needed: Target[]
  /** Called when it settles. */
  readonly onSettled: (() => void)[]
}

const NO_RESOURCES = {}

/** @throws PlanError when the definition's numbers are none, or it asks for what the run doesn't have */
export function createEntry(node: Node, available: Readonly<Record<string, number>>): Entry {
  const { definition, name, params } = node.task
  const priority = typeof definition.priority === 'function' ? definition.priority(params) : (definition.priority ?? 0)
  const resources: Readonly<Record<string, number>> =
    typeof definition.resources === 'function' ? definition.resources(params) : (definition.resources ?? NO_RESOURCES)
  if (!Number.isFinite(priority)) throw new PlanError(`${name}: priority must be a number, got ${String(priority)}.`)
  for (const [resource, amount] of Object.entries(resources)) {
    const limit = available[resource]
    if (limit !== undefined && amount <= limit) continue
    const has = limit === undefined ? 'none' : limit
    throw new PlanError(
      `${name}: it needs ${amount} of the resource "${resource}", but the run has ${has}. Give the run more, as in resources: { ${resource}: ${amount} }.`,
    )
  }
  const { retries = 0, retryDelay = 0 } = definition
  if (!Number.isInteger(retries) || retries < 0)
    throw new PlanError(`${name}: retries must be a whole number of 0 or more, got ${retries}.`)
  if (retryDelay !== 'exp') millisecondsOf(`${name}: retryDelay`, retryDelay)
  return { ...blankEntry(node), priority, resources, timeoutMs: timeoutOf(node) }
}

/** An entry of which nothing is asked: for nodes with nothing to do, or that cannot do it. */
export function blankEntry(node: Node): Entry {
  return {
    node,
    priority: 0,
    order: node.order,
    resources: NO_RESOURCES,
    timeoutMs: null,
    dependents: [],
    prerequisites: [],
    pending: 0,
    status: null,
    attempts: 0,
    wallMs: 0,
    reason: null,
    error: null,
    controller: null,
    hasPlace: false,
    waitsFor: new Set(),
    needed: [],
    onSettled: [],
  }
}

/** Whether what requires it may go on. */
export function isGood(status: Status | null): boolean {
  return status === 'ran' || status === 'upToDate' || status === 'wouldRun'
}

/** How long to wait before the attempt after this one. */
export function retryDelayMs({ node, attempts }: Entry): number {
  const { retryDelay } = node.task.definition
  if (retryDelay === undefined) return 0
  if (retryDelay === 'exp') return Math.min(60_000, 1000 * 2 ** (attempts - 1))
  return millisecondsOf(`${node.task.name}: retryDelay`, retryDelay)
}

export function rowOf(entry: Entry): Row {
  const { node, status, attempts, wallMs, reason, error } = entry
  const { task } = node
  const masked = (text: string): string => maskSecrets(task.definition, task.params, text)
  return {
    task: task.label,
    name: task.name,
    status: status ?? 'cancelled',
    attempts,
    wallMs,
    reason: reason === null ? null : masked(reason),
    error: error === null ? null : maskedError(error, masked),
    outputs: node.targets.map((target) => masked(target.describe())),
    isCodeChanged: node.isCodeChanged && status === 'upToDate',
  }
}

function timeoutOf({ task }: Node): number | null {
  const { timeout } = task.definition
  return timeout === undefined ? null : millisecondsOf(`${task.name}: timeout`, timeout)
}

/** The error itself unless it tells a secret. */
function maskedError(error: Error, masked: (text: string) => string): Error {
  const { message, stack = '' } = error
  if (masked(message) === message && masked(stack) === stack) return error
  const copy = new Error(masked(message))
  copy.name = error.name
  copy.stack = masked(stack)
  return copy
}

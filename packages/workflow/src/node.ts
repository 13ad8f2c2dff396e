/** A node: a task in the graph of one run, with what has been found out about it. */
import { createHash } from 'node:crypto'
import { tasksOf } from './dependency.ts'
import type { TaskRecord } from './records.ts'
import { type Target, targetsOf } from './target.ts'
import type { AnyDefinition, Task } from './task.ts'

/** By what its definition leaves out. */
export type NodeKind = 'work' | 'external' | 'wrapper'

export interface Node {
  readonly task: Task
  readonly kind: NodeKind
  /** The order in which tasks were found, which is the order of those of equal priority. */
  readonly order: number
  readonly isForced: boolean
  /** What `output` gave, and the targets in it. */
  output: unknown
  targets: readonly Target[]
  /** What `requires` gave, and the nodes in it; null while nobody needed to know. */
  needs: unknown
  dependencies: readonly Node[] | null
  /** Whether there was nothing to do when the plan was made. */
  isComplete: boolean
  record: TaskRecord | null
  isCodeChanged: boolean
  /** Why it may have to run; null when nothing speaks for it. */
  reason: Reason | null
  /** What its own functions threw. */
  problem: Error | null
  /** Whether it was looked at, and whether it has to be complete for the run to succeed. */
  isLooked: boolean
  isDemanded: boolean
}

/** `isSure`: it runs whatever its dependencies turn out to be. */
export interface Reason {
  readonly text: string
  readonly isSure: boolean
}

export function createNode(task: Task, order: number, isForced: boolean): Node {
  return {
    task,
    kind: kindOf(task.definition),
    order,
    isForced,
    output: undefined,
    targets: [],
    needs: undefined,
    dependencies: null,
    isComplete: false,
    record: null,
    isCodeChanged: false,
    reason: null,
    problem: null,
    isLooked: false,
    isDemanded: false,
  }
}

export function kindOf(definition: AnyDefinition): NodeKind {
  if (definition.run !== undefined) return 'work'
  return definition.output === undefined && definition.complete === undefined ? 'wrapper' : 'external'
}

/** The targets that a node reads. A wrapper has none of its own, so those behind it count. */
export function inputsOf(node: Node): readonly Target[] {
  const seen = new Set<Node>()
  const targets: Target[] = []
  const pending = [...(node.dependencies ?? [])]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    if (next.kind === 'wrapper') pending.push(...(next.dependencies ?? []))
    else targets.push(...next.targets)
  }
  return targets
}

export function requiredBy(node: Node): { readonly needs: unknown; readonly tasks: readonly Task[] } {
  const { task } = node
  const needs = task.definition.requires?.(task.params)
  return { needs, tasks: tasksOf(needs) }
}

export function lookAtOutput(node: Node): void {
  node.output = node.task.definition.output?.(node.task.params)
  node.targets = targetsOf(node.output)
}

const codes = new WeakMap<AnyDefinition, string>()

/** A hash of the text of a task's functions. */
export function codeOf(definition: AnyDefinition): string {
  const known = codes.get(definition)
  if (known !== undefined) return known
  const { run, output, requires, complete, stream } = definition
  const functions = [run, output, requires, complete, ...(stream === undefined ? [] : [stream])]
  const text = functions.map(String).join('\n')
  const code = createHash('sha256').update(text).digest('hex').slice(0, 16)
  codes.set(definition, code)
  return code
}

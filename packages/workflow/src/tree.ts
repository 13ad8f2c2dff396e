/** The tree of a task: what it requires, what these require, and how each stands, as text. */
import { resolve } from 'node:path'
import { withinSession } from './ambient.ts'
import { tasksOf } from './dependency.ts'
import { Fingerprints } from './fingerprints.ts'
import { Graph } from './graph.ts'
import { maskSecrets } from './identity.ts'
import { kindOf } from './node.ts'
import { recordsIn } from './records.ts'
import type { RunOptions } from './run.ts'
import type { Task } from './task.ts'

/**
 * One line a task, each below the one that requires it. What has been shown is not unfolded again.
 * @throws PlanError when the tasks cannot be planned
 */
export async function tree(
  task: Task,
  options: Pick<RunOptions, 'cwd' | 'defaults' | 'rerunOn'> = {},
): Promise<string> {
  const { cwd, defaults = {}, rerunOn = 'inputs' } = options
  const session = { cwd: cwd === undefined ? null : resolve(cwd), defaults }
  const graph = new Graph({
    session,
    records: recordsIn(session),
    fingerprints: new Fingerprints(),
    rerunOn,
    isForced: () => false,
  })
  await graph.plan([task])
  return withinSession(session, () => treeText(task, (shown) => stateOf(graph, shown)))
}

function treeText(root: Task, stateOf: (task: Task) => string): string {
  const lines: string[] = []
  const seen = new Set<string>()
  // A stack of its own: chains of tasks may be longer than calls can be deep.
  const pending = [{ task: root, branch: '', indent: '' }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { task, branch, indent } = next
    const children = requirementsOf(task)
    const isAgain = seen.has(task.id) && children.length > 0
    lines.push(`${branch}${task.label}  ${stateOf(task)}${isAgain ? '  (shown above)' : ''}`.trimEnd())
    if (isAgain) continue
    seen.add(task.id)
    for (const [index, child] of [...children.entries()].reverse()) {
      const isLast = index === children.length - 1
      pending.push({
        task: child,
        branch: `${indent}${isLast ? '└─ ' : '├─ '}`,
        indent: `${indent}${isLast ? '   ' : '│  '}`,
      })
    }
  }
  return `${lines.join('\n')}\n`
}

function requirementsOf({ definition, params }: Task): readonly Task[] {
  try {
    return tasksOf(definition.requires?.(params))
  } catch {
    // Its state says so.
    return []
  }
}

function stateOf(graph: Graph, task: Task): string {
  const node = graph.nodeOf(task)
  if (node === undefined || !node.isLooked) return 'not looked at, as what requires it is complete'
  if (node.problem !== null) return `invalid: ${maskSecrets(task.definition, task.params, node.problem.message)}`
  switch (kindOf(task.definition)) {
    case 'wrapper':
      return node.reason === null ? 'wrapper, up to date' : 'wrapper'
    case 'external':
      return node.isComplete ? 'external, there' : 'external, missing'
    case 'work': {
      const why = node.reason === null ? null : maskSecrets(task.definition, task.params, node.reason.text)
      return why === null ? 'up to date' : `would run: ${why}`
    }
  }
}

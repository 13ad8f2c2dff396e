/** Dependencies: the tasks that a task requires, in the arrangement that its author gave them and that `input` keeps. */
import { isTask, type Task } from './task.ts'

/** One task, none, a list, an object, or these in one another. */
export type Dependencies = undefined | Task | readonly Dependencies[] | { readonly [name: string]: Dependencies }

/** The outputs of the dependencies, in the same arrangement. */
export type OutputsOf<Needs> =
  Needs extends Task<infer Output>
    ? Output
    : Needs extends readonly unknown[] | { readonly [name: string]: unknown }
      ? { readonly [Key in keyof Needs]: OutputsOf<Needs[Key]> }
      : undefined

/** The tasks in any arrangement, in its order. */
export function tasksOf(needs: unknown): readonly Task[] {
  if (needs === undefined || needs === null) return []
  if (isTask(needs)) return [needs]
  if (typeof needs === 'object') return Object.values(needs).flatMap(tasksOf)
  const what = typeof needs === 'function' ? 'a function; call it with its parameters' : typeof needs
  throw new TypeError(`requires: expected tasks, got ${what}. Return Other({ … }), a list or an object of tasks.`)
}

/** The same arrangement with each task's output in its place. */
export function arrange(needs: unknown, outputOf: (task: Task) => unknown): unknown {
  if (isTask(needs)) return outputOf(needs)
  if (Array.isArray(needs)) return needs.map((item) => arrange(item, outputOf))
  if (typeof needs === 'object' && needs !== null)
    return Object.fromEntries(Object.entries(needs).map(([name, item]) => [name, arrange(item, outputOf)]))
  return undefined
}

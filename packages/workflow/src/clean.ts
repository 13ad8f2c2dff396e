/** Cleaning: removes what a task has made, so that the next run makes it again. */
import { resolve } from 'node:path'
import { withinSession } from './ambient.ts'
import { PlanError } from './errors.ts'
import { lockAll } from './locks.ts'
import { kindOf } from './node.ts'
import { recordsIn } from './records.ts'
import { type RunOptions, withoutWrappers } from './run.ts'
import { targetsOf } from './target.ts'
import type { Task } from './task.ts'

/**
 * Removes the targets of a task; of a wrapper, those of the tasks that it requires. What other things make is never touched.
 * @returns what was removed, or would be, as the targets describe themselves
 * @throws PlanError when a target cannot be removed, or another process makes it at this moment
 */
export async function clean(
  task: Task,
  options: Pick<RunOptions, 'cwd' | 'defaults' | 'dryRun'> = {},
): Promise<readonly string[]> {
  const { cwd, defaults = {}, dryRun = false } = options
  const session = { cwd: cwd === undefined ? null : resolve(cwd), defaults }
  const records = recordsIn(session)
  return withinSession(session, async () => {
    const removed: string[] = []
    for (const made of withoutWrappers([task])) {
      if (kindOf(made.definition) !== 'work') continue
      removed.push(...(await remove(made, dryRun)))
      if (!dryRun) await records.forget(made)
    }
    return removed
  })
}

async function remove(task: Task, isDryRun: boolean): Promise<readonly string[]> {
  const targets = targetsOf(task.output)
  const locked = isDryRun ? null : await lockAll(targets.flatMap(({ path }) => path ?? []))
  if (locked?.type === 'taken') throw new PlanError(`clean: ${task.label} is made by ${locked.by}. Wait for it.`)
  try {
    const removed: string[] = []
    for (const target of targets) {
      if (!(await target.exists())) continue
      if (target.remove === undefined)
        throw new PlanError(`clean: ${target.describe()} has no remove(). Remove it yourself.`)
      if (!isDryRun) await target.remove()
      removed.push(target.describe())
    }
    return removed
  } finally {
    if (locked?.type === 'held') locked.release()
  }
}

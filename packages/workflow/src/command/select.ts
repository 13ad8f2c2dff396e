/** Which task is meant: the factories of a module by name, and one of their tasks from values. */
import { suggestion } from 'kindling/files'
import { PlanError, UsageError } from '../errors.ts'
import { isFactory, type Task, type TaskFactory } from '../task.ts'

/**
 * What a module exports of tasks, by their names.
 * @throws PlanError when two are named alike
 */
export function factoriesOf(exported: Readonly<Record<string, unknown>>): ReadonlyMap<string, TaskFactory> {
  const factories = new Map<string, TaskFactory>()
  for (const value of Object.values(exported)) {
    if (!isFactory(value)) continue
    const { name } = value.definition
    const known = factories.get(name)
    if (known !== undefined && known.definition !== value.definition)
      throw new PlanError(`task: two tasks are named ${name}. Give one of them another name.`)
    factories.set(name, value)
  }
  return factories
}

/** @throws UsageError with the nearest name when there is none of this name */
export function factoryOf(factories: ReadonlyMap<string, TaskFactory>, name: string): TaskFactory {
  const factory = factories.get(name)
  if (factory !== undefined) return factory
  throw new UsageError(`unknown task ${name}. ${suggestion(name, [...factories.keys()])}`)
}

/** @throws UsageError when a parameter is missing or wrong */
export function taskFrom(factory: TaskFactory, values: Readonly<Record<string, unknown>>): Task {
  try {
    // The values come from outside: the factory's schema decides.
    return (factory as (given: unknown) => Task)(values)
  } catch (error) {
    if (!(error instanceof PlanError)) throw error
    throw new UsageError(
      `${error.message}${error.message.endsWith('.') ? '' : '.'} Try ${factory.definition.name} --help.`,
    )
  }
}

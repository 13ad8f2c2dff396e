/** Parameters from the environment: `KINDLING_PARAM_TEST_TASK_BOB` is the parameter `bob` of the task `TestTask`. */
import { suggestion } from 'kindling/files'
import type { Defaults } from '../ambient.ts'
import { UsageError } from '../errors.ts'
import type { TaskFactory } from '../task.ts'
import { parametersOf, valueOf } from './parameters.ts'

const PREFIX = 'KINDLING_PARAM_'

/** @throws UsageError when a variable is that of no parameter, or its text no value of it */
export function readEnvironment(env: NodeJS.ProcessEnv, factories: ReadonlyMap<string, TaskFactory>): Defaults {
  const given = Object.keys(env).filter((name) => name.startsWith(PREFIX))
  if (given.length === 0) return {}
  const known = new Map(
    [...factories].flatMap(([task, factory]) =>
      parametersOf(factory).map((parameter) => [variableOf(task, parameter.name), { task, parameter }] as const),
    ),
  )
  const values: Record<string, Record<string, unknown>> = {}
  for (const variable of given) {
    const found = known.get(variable)
    if (found === undefined)
      throw new UsageError(`unknown variable ${variable}. ${suggestion(variable, [...known.keys()])}`)
    const { task, parameter } = found
    values[task] = { ...values[task], [parameter.name]: valueOf(parameter, variable, [env[variable] ?? '']) }
  }
  return values
}

function variableOf(task: string, parameter: string): string {
  return `${PREFIX}${[task, parameter].map(shouted).join('_')}`
}

/** `LotsOTasks` as `LOTS_O_TASKS`. */
function shouted(name: string): string {
  return name
    .replaceAll(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, '_')
    .replaceAll('-', '_')
    .toUpperCase()
}

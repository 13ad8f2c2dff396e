/** The file of `--params`: parameters by task, as JSON. */
import { suggestion } from 'kindling/files'
import type { Defaults } from '../ambient.ts'
import { UsageError } from '../errors.ts'
import type { TaskFactory } from '../task.ts'
import { parametersOf } from './parameters.ts'

/** @throws UsageError when it cannot be read, or names a task or a parameter that is none */
export function readParamsFile(
  path: string | undefined,
  readFile: (path: string) => string,
  factories: ReadonlyMap<string, TaskFactory>,
): Defaults {
  if (path === undefined) return {}
  let content: unknown
  try {
    content = JSON.parse(readFile(path))
  } catch (error) {
    throw new UsageError(
      `--params: "${path}" cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  if (!isObject(content))
    throw new UsageError(`--params: "${path}" must hold an object like {"Task": {"name": value}}.`)
  for (const [name, values] of Object.entries(content)) {
    const factory = factories.get(name)
    if (factory === undefined)
      throw new UsageError(`--params: "${path}": unknown task ${name}. ${suggestion(name, [...factories.keys()])}`)
    const known = parametersOf(factory).map((parameter) => parameter.name)
    if (!isObject(values)) throw new UsageError(`--params: "${path}": ${name} must be an object of parameters.`)
    const unknown = Object.keys(values).find((key) => !known.includes(key))
    if (unknown !== undefined)
      throw new UsageError(`--params: "${path}": ${name} has no parameter ${unknown}. ${suggestion(unknown, known)}`)
  }
  // Each value was found to be an object.
  return content as Defaults
}

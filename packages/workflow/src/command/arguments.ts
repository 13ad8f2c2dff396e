/** The arguments of `kindling run` after the file: options of the run, the name of a task, its parameters, those of others. */
import { suggestion } from 'kindling/files'
import type { Defaults } from '../ambient.ts'
import { UsageError } from '../errors.ts'
import type { RunOptions } from '../run.ts'
import type { TaskFactory } from '../task.ts'
import { readEnvironment } from './environment.ts'
import { type Parameter, parametersOf, valueOf } from './parameters.ts'
import { readParamsFile } from './params-file.ts'
import { isOption, type Option, optionsOf, RUN_OPTIONS } from './run-options.ts'
import { factoryOf } from './select.ts'

export interface Invocation {
  readonly task: TaskFactory | null
  readonly values: Readonly<Record<string, unknown>>
  readonly options: RunOptions
  readonly output: { readonly isJson: boolean; readonly level: 'quiet' | 'normal' | 'verbose' }
  readonly isHelp: boolean
}

const SHORT: Readonly<Record<string, string>> = {
  '-n': '--dry-run',
  '-h': '--help',
  '-q': '--quiet',
  '-v': '--verbose',
}

/** What Luigi wanted and nothing here needs. */
const IGNORED: ReadonlySet<string> = new Set(['local-scheduler'])

/**
 * Before the name of the task, options are the run's. After it, a name that the task has as a parameter is the task's; other names are
 * the run's. Whatever comes after `--` is the task's.
 * What is given here goes before the environment, the environment before the file of `--params`.
 * @param readFile reads that file
 * @throws UsageError naming what is unknown or wrong
 */
export function parseArguments(
  factories: ReadonlyMap<string, TaskFactory>,
  argv: readonly string[],
  readFile: (path: string) => string,
  env: NodeJS.ProcessEnv,
): Invocation {
  const given = new Map<Option, string[]>()
  const own = new Map<string, string[]>()
  const others = new Map<string, Map<string, string[]>>()
  let task: TaskFactory | null = null
  let isOwnOnly = false
  const rest = [...argv]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      isOwnOnly = true
      continue
    }
    const token = SHORT[word] ?? word
    if (!token.startsWith('--')) {
      if (token.startsWith('-') && token !== '-') throw new UsageError(`unknown option ${token}.`)
      if (task !== null)
        throw new UsageError(
          `${token}: a task is given already, ${task.definition.name}. Parameters are given as --name value.`,
        )
      task = factoryOf(factories, token)
      continue
    }
    const [, name = '', inline] = /^--([^=]+)(?:=(.*))?$/s.exec(token) ?? []
    const dot = name.indexOf('.')
    if (dot > 0) {
      const other = factoryOf(factories, name.slice(0, dot))
      const values = others.get(other.definition.name) ?? new Map<string, string[]>()
      others.set(other.definition.name, values)
      takeParameter(other, name.slice(dot + 1), token, inline, rest, values)
    } else if (task !== null && (isOwnOnly || hasParameter(task, name) || !(name in RUN_OPTIONS || IGNORED.has(name))))
      takeParameter(task, name, token, inline, rest, own)
    else if (!IGNORED.has(name)) takeOption(name, inline, rest, given, factories)
  }
  const file = readParamsFile(given.get('params')?.at(-1), readFile, factories)
  const preset = merged(merged(file, readEnvironment(env, factories)), defaultsOf(factories, others))
  const values = task === null ? {} : { ...preset[task.definition.name], ...valuesOf(task, own) }
  return {
    task,
    values,
    options: optionsOf(given, preset),
    output: {
      isJson: given.has('json'),
      level: given.has('quiet') ? 'quiet' : given.has('verbose') ? 'verbose' : 'normal',
    },
    isHelp: given.has('help'),
  }
}

/** The parameter of a flag, `minScore`, `min-score` or `no-min-score`; whether it is the last of these. */
function parameterOf(
  task: TaskFactory,
  name: string,
): { readonly parameter: Parameter; readonly isNo: boolean } | null {
  const parameters = parametersOf(task)
  for (const isNo of [false, true]) {
    const wanted = isNo ? name.replace(/^no-/, '') : name
    if (isNo && wanted === name) continue
    const parameter = parameters.find((one) => one.name === wanted || one.flag === `--${wanted}`)
    if (parameter !== undefined && (!isNo || parameter.type === 'boolean')) return { parameter, isNo }
  }
  return null
}

function hasParameter(task: TaskFactory, name: string): boolean {
  return parameterOf(task, name) !== null
}

function takeParameter(
  task: TaskFactory,
  name: string,
  token: string,
  inline: string | undefined,
  rest: string[],
  into: Map<string, string[]>,
): void {
  const found = parameterOf(task, name)
  if (found === null) {
    const flags = [
      ...parametersOf(task).map(({ flag }) => flag),
      ...Object.keys(RUN_OPTIONS).map((option) => `--${option}`),
    ]
    throw new UsageError(`${task.definition.name}: unknown parameter --${name}. ${suggestion(`--${name}`, flags)}`)
  }
  const { parameter, isNo } = found
  const texts = into.get(parameter.name) ?? []
  into.set(parameter.name, texts)
  if (parameter.type === 'boolean' && inline === undefined) {
    const isText = !isNo && (rest[0] === 'true' || rest[0] === 'false')
    texts.push(isText ? (rest.shift() ?? '') : String(!isNo))
  } else texts.push(inline ?? nextOf(rest, token))
}

function takeOption(
  name: string,
  inline: string | undefined,
  rest: string[],
  given: Map<Option, string[]>,
  factories: ReadonlyMap<string, TaskFactory>,
): void {
  if (!isOption(name)) {
    const known = Object.keys(RUN_OPTIONS).map((option) => `--${option}`)
    const owner = [...factories.values()].find((factory) => hasParameter(factory, name))
    const hint =
      owner === undefined
        ? suggestion(`--${name}`, known)
        : `Put it after the name of the task: ${owner.definition.name} --${name} …`
    throw new UsageError(`unknown option --${name}. ${hint}`)
  }
  const texts = given.get(name) ?? []
  given.set(name, texts)
  const { kind } = RUN_OPTIONS[name]
  if (kind === 'flag' && inline !== undefined)
    throw new UsageError(`--${name}: it takes no value, got ${JSON.stringify(inline)}.`)
  texts.push(kind === 'value' ? (inline ?? nextOf(rest, `--${name}`)) : (inline ?? ''))
}

function nextOf(rest: string[], token: string): string {
  const next = rest.shift()
  if (next !== undefined && !/^--[a-zA-Z]/.test(next)) return next
  throw new UsageError(
    `${token}: a value is missing. Give ${token} <value>, or ${token}=<value> if it begins with "--".`,
  )
}

function valuesOf(task: TaskFactory, texts: ReadonlyMap<string, readonly string[]>): Record<string, unknown> {
  const parameters = parametersOf(task).filter(({ name }) => texts.has(name))
  return Object.fromEntries(parameters.map((one) => [one.name, valueOf(one, one.flag, texts.get(one.name) ?? [])]))
}

function defaultsOf(
  factories: ReadonlyMap<string, TaskFactory>,
  others: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>,
): Defaults {
  return Object.fromEntries([...others].map(([name, texts]) => [name, valuesOf(factoryOf(factories, name), texts)]))
}

/** Those of both; of a parameter that is in both, the later. */
function merged(earlier: Defaults, later: Defaults): Defaults {
  const names = [...new Set([...Object.keys(earlier), ...Object.keys(later)])]
  return Object.fromEntries(names.map((name) => [name, { ...earlier[name], ...later[name] }]))
}

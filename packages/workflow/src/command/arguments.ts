/** The arguments of `kindling run` after the file: options of the run, the name of a task, its parameters, those of others. */
import { UsageError } from '../errors.ts'
import { suggestion } from '../nearest.ts'
import type { RunOptions } from '../run.ts'
import { type Parameter, parametersOf, valueOf } from './parameters.ts'
import type { TaskFactory } from '../task.ts'

export interface Invocation {
  readonly task: TaskFactory | null
  readonly values: Readonly<Record<string, unknown>>
  readonly options: RunOptions
  readonly output: { readonly isJson: boolean; readonly level: 'quiet' | 'normal' | 'verbose' }
  readonly isHelp: boolean
}

type Kind = 'flag' | 'value' | 'optional value'

type Option =
  | 'workers'
  | 'dry-run'
  | 'force'
  | 'force-all'
  | 'rerun-on'
  | 'on-failure'
  | 'resource'
  | 'params'
  | 'wait'
  | 'json'
  | 'quiet'
  | 'verbose'
  | 'help'

interface OptionHelp {
  readonly kind: Kind
  readonly shows: string
  readonly help: string
}

/** The options of a run: what they take, and one line of help. `--` stands before every name. */
export const RUN_OPTIONS: Readonly<Record<Option, OptionHelp>> = {
  workers: { kind: 'value', shows: '<n>', help: 'tasks at once; by default the number of cores' },
  'dry-run': { kind: 'flag', shows: '', help: 'say what would run, and why; change nothing (-n)' },
  force: {
    kind: 'optional value',
    shows: '[=Task]',
    help: 'run it although it is complete; with a name, all tasks of that name',
  },
  'force-all': { kind: 'flag', shows: '', help: 'run everything' },
  'rerun-on': {
    kind: 'value',
    shows: '<inputs|code|none>',
    help: 'what makes a complete task run again; by default inputs',
  },
  'on-failure': {
    kind: 'value',
    shows: '<continue|no-new|kill>',
    help: 'what becomes of the rest; by default continue',
  },
  resource: { kind: 'value', shows: '<name=n>', help: 'how much there is of a resource; may be repeated' },
  params: { kind: 'value', shows: '<file.json>', help: 'parameters from a file, by task: {"Task": {"name": value}}' },
  wait: { kind: 'flag', shows: '', help: 'wait for targets that another process makes' },
  json: { kind: 'flag', shows: '', help: 'print the summary as JSON on stdout' },
  quiet: { kind: 'flag', shows: '', help: 'print nothing but failures' },
  verbose: { kind: 'flag', shows: '', help: 'print progress and tasks with nothing to do as well' },
  help: { kind: 'flag', shows: '', help: 'show this (-h)' },
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
 * @param readFile reads the file of `--params`
 * @throws UsageError naming what is unknown or wrong
 */
export function parseArguments(
  factories: ReadonlyMap<string, TaskFactory>,
  argv: readonly string[],
  readFile: (path: string) => string,
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
  const file = readParams(given.get('params')?.at(-1), readFile, factories)
  const values = task === null ? {} : { ...file[task.definition.name], ...valuesOf(task, own) }
  return {
    task,
    values,
    options: optionsOf(given, { ...file, ...defaultsOf(factories, others, file) }),
    output: {
      isJson: given.has('json'),
      level: given.has('quiet') ? 'quiet' : given.has('verbose') ? 'verbose' : 'normal',
    },
    isHelp: given.has('help'),
  }
}

function factoryOf(factories: ReadonlyMap<string, TaskFactory>, name: string): TaskFactory {
  const factory = factories.get(name)
  if (factory !== undefined) return factory
  throw new UsageError(`unknown task ${name}. ${suggestion(name, [...factories.keys()])}`)
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

function isOption(name: string): name is Option {
  return Object.hasOwn(RUN_OPTIONS, name)
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

type ByTask = Readonly<Record<string, Readonly<Record<string, unknown>>>>

function defaultsOf(
  factories: ReadonlyMap<string, TaskFactory>,
  others: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>,
  file: ByTask,
): ByTask {
  const entries = [...others].map(([name, texts]) => [
    name,
    { ...file[name], ...valuesOf(factoryOf(factories, name), texts) },
  ])
  return Object.fromEntries(entries)
}

function readParams(
  path: string | undefined,
  readFile: (path: string) => string,
  factories: ReadonlyMap<string, TaskFactory>,
): ByTask {
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
    const known = parametersOf(factoryOf(factories, name)).map((parameter) => parameter.name)
    if (!isObject(values)) throw new UsageError(`--params: "${path}": ${name} must be an object of parameters.`)
    const unknown = Object.keys(values).find((key) => !known.includes(key))
    if (unknown !== undefined)
      throw new UsageError(`--params: "${path}": ${name} has no parameter ${unknown}. ${suggestion(unknown, known)}`)
  }
  // Each value was found to be an object.
  return content as ByTask
}

function optionsOf(given: ReadonlyMap<Option, readonly string[]>, defaults: ByTask): RunOptions {
  const last = (name: Option): string | undefined => given.get(name)?.at(-1)
  const named = (given.get('force') ?? []).filter((name) => name !== '')
  const force = given.has('force-all') ? 'all' : named.length > 0 ? named : given.has('force')
  const workers = last('workers')
  const rerunOn = oneOf('rerun-on', last('rerun-on'), ['inputs', 'code', 'none'] as const)
  const onFailure = oneOf('on-failure', last('on-failure'), ['continue', 'no-new', 'kill'] as const)
  return {
    dryRun: given.has('dry-run'),
    wait: given.has('wait'),
    force,
    resources: Object.fromEntries((given.get('resource') ?? []).map(resourceOf)),
    defaults,
    ...(workers !== undefined && { workers: wholeNumber('--workers', workers) }),
    ...(rerunOn !== undefined && { rerunOn }),
    ...(onFailure !== undefined && { onFailure }),
  }
}

function oneOf<const Allowed extends string>(
  name: string,
  text: string | undefined,
  allowed: readonly Allowed[],
): Allowed | undefined {
  if (text === undefined) return undefined
  const found = allowed.find((value) => value === text)
  if (found !== undefined) return found
  throw new UsageError(`--${name}: expected one of ${allowed.join(', ')}, got ${JSON.stringify(text)}.`)
}

function resourceOf(text: string): [string, number] {
  const [, name, amount] = /^([^=]+)=(.*)$/.exec(text) ?? []
  if (name === undefined || amount === undefined)
    throw new UsageError(`--resource: expected name=number, got ${JSON.stringify(text)}.`)
  return [name, wholeNumber(`--resource ${name}`, amount)]
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(number) && number >= 1) return number
  throw new UsageError(`${flag}: expected a whole number of 1 or more, got ${JSON.stringify(text)}.`)
}

/**
 * Configuration: options in code, then `KINDLING_*` variables, then defaults. Unknown names are refused with the nearest one.
 * zod does the checking and is loaded only when there is something to check: importing it costs 65 ms.
 */
import { tmpdir } from 'node:os'
import { inspect } from 'node:util'
import { PlanError } from '../errors.ts'
import { unknownName } from '../nearest.ts'
import { DEFAULT_MASTER, type Master, parseMaster } from './master.ts'
import { bytesOf, millisecondsOf } from './quantities.ts'

export type Isolation = 'thread' | 'process'

export interface ConfigOptions {
  /** `local[*]` (all cores, the default), `local[n]`, `local` (one worker) or `inline` (this thread). */
  readonly master?: string
  /** What workers are: `thread`s (the default), or a `process` each, so that a crash in user code ends only its worker. */
  readonly isolation?: Isolation
  /** How often a task may lose its worker before the job fails; 4 by default. */
  readonly maxFailures?: number
  /** How often a task whose user code threw is tried again; 0 by default. */
  readonly taskRetries?: number
  /** How long a task may run, in milliseconds or as `'30s'`, `'5m'`; without limit by default. */
  readonly taskTimeout?: number | string
  /** The progress bar, on a terminal; true by default. */
  readonly progress?: boolean
  /** Heap of each worker, in MB (1,048,576 bytes); three times its share of `memory` where that is given, 400 at least, else Node's own limit. */
  readonly workerMemoryMb?: number
  /** Memory for rows that are shuffled, sorted, grouped or kept, in bytes or as `'512MB'`, `'4GB'`; half of what is free by default. */
  readonly memory?: number | string
  /** Where temporary files go when that is not enough; the system's directory for them by default. */
  readonly tmpDir?: string
  /** Whether Ctrl-C and the like cancel running jobs before they end the process; true by default. */
  readonly signals?: boolean
  /** Whether functions that are understood run as compiled code; true by default, and off while a debugger is attached. */
  readonly compile?: boolean
}

export interface Config extends Master {
  readonly isolation: Isolation
  readonly maxFailures: number
  readonly taskRetries: number
  readonly taskTimeoutMs: number | null
  readonly progress: boolean
  readonly workerMemoryMb: number | null
  /** Null for half of what is free. */
  readonly memoryBytes: number | null
  readonly tmpDir: string
  readonly signals: boolean
  readonly compile: boolean
}

/** Each option's variable. */
export const VARIABLES: Readonly<Record<keyof ConfigOptions, string>> = {
  master: 'KINDLING_MASTER',
  isolation: 'KINDLING_ISOLATION',
  maxFailures: 'KINDLING_MAX_FAILURES',
  taskRetries: 'KINDLING_TASK_RETRIES',
  taskTimeout: 'KINDLING_TASK_TIMEOUT',
  progress: 'KINDLING_PROGRESS',
  workerMemoryMb: 'KINDLING_WORKER_MEMORY_MB',
  memory: 'KINDLING_MEMORY',
  tmpDir: 'KINDLING_TMP_DIR',
  signals: 'KINDLING_SIGNALS',
  compile: 'KINDLING_COMPILE',
}

/** Where the prompt of the command keeps its history, and parameters of tasks: variables, but not of a context. */
const NO_OPTION = /^KINDLING_(HISTORY$|PARAM_)/

type Option = keyof ConfigOptions

/** @throws PlanError naming the option or variable that is wrong, what it was and what it may be */
export async function readConfig(options: unknown, env: NodeJS.ProcessEnv): Promise<Config> {
  if (typeof options !== 'object' || options === null)
    throw new PlanError(`createContext: expected an object of options, got ${String(options)}`)
  const given = { ...(await valuesOf(env)), ...(await definedOf(options)) }
  // A master is checked by its own parser.
  const needsCheck = Object.entries(given).some(([name, { value }]) => name !== 'master' || typeof value !== 'string')
  const checked: ConfigOptions = needsCheck
    ? await check(given)
    : { master: (given['master']?.value as string | undefined) ?? DEFAULT_MASTER }
  const { taskTimeout } = checked
  return {
    ...parseMaster(checked.master ?? DEFAULT_MASTER),
    isolation: checked.isolation ?? 'thread',
    maxFailures: checked.maxFailures ?? 4,
    taskRetries: checked.taskRetries ?? 0,
    taskTimeoutMs: taskTimeout === undefined ? null : millisecondsOf(taskTimeout),
    progress: checked.progress ?? true,
    workerMemoryMb: checked.workerMemoryMb ?? null,
    memoryBytes: checked.memory === undefined ? null : bytesOf(checked.memory),
    tmpDir: checked.tmpDir ?? tmpdir(),
    signals: checked.signals ?? true,
    compile: checked.compile ?? true,
  }
}

interface Given {
  /** How the user gave it: `option maxFailures` or `KINDLING_MAX_FAILURES`. */
  readonly source: string
  readonly value: unknown
}

async function definedOf(options: object): Promise<Record<string, Given>> {
  const given: Record<string, Given> = {}
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(VARIABLES, name))
      throw unknownName('createContext: unknown option', name, Object.keys(VARIABLES))
    if (value !== undefined) given[name] = { source: `createContext: option ${name}`, value }
  }
  return given
}

async function valuesOf(env: NodeJS.ProcessEnv): Promise<Record<string, Given>> {
  const given: Record<string, Given> = {}
  for (const variable of Object.keys(env).filter((name) => name.startsWith('KINDLING_') && !NO_OPTION.test(name))) {
    const entry = Object.entries(VARIABLES).find(([, name]) => name === variable)
    if (entry === undefined) throw unknownName('unknown variable', variable, Object.values(VARIABLES))
    given[entry[0]] = { source: variable, value: parsed(entry[0] as Option, env[variable] ?? '') }
  }
  return given
}

/** A variable's text as what the option takes; text that cannot be read so is left for the check to refuse. */
function parsed(option: Option, text: string): unknown {
  switch (option) {
    case 'master':
    case 'isolation':
      return text
    case 'progress':
    case 'signals':
    case 'compile':
      return (
        ({ on: true, true: true, 1: true, off: false, false: false, 0: false } as Record<string, boolean>)[text] ?? text
      )
    default:
      return /^\d+(\.\d+)?$/.test(text) ? Number(text) : text
  }
}

async function check(given: Record<string, Given>): Promise<ConfigOptions> {
  const { contextSchema } = await import('./config-schema.ts')
  const options: Record<string, unknown> = {}
  for (const [name, { source, value }] of Object.entries(given)) {
    const result = contextSchema.shape[name as Option].safeParse(value)
    if (!result.success) {
      const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value)
      throw new PlanError(`${source}: ${result.error.issues[0]?.message}, got ${shown}`)
    }
    options[name] = result.data
  }
  return options
}

/**
 * A task: one piece of work, known by its name and its parameters. `task` defines a family of them and gives a function that makes
 * one from parameters; two made from the same parameters are the same task and run once.
 */
import type { Context } from 'kindling'
import { z } from 'zod'
import { dependencyDefaults } from './ambient.ts'
import type { Dependencies, OutputsOf } from './dependency.ts'
import { PlanError } from './errors.ts'
import { identityOf, labelOf } from './identity.ts'
import type { Shell } from './shell.ts'
import type { Outputs } from './target.ts'

const TASK: unique symbol = Symbol.for('kindling.task')

export type NoParameters = z.ZodObject<Record<string, never>>

/** What makes a family of tasks. What is left out gives it its kind: without `run` and `output` it is a wrapper, without `run` external. */
export interface Definition<
  Schema extends z.ZodObject = z.ZodObject,
  Needs extends Dependencies = Dependencies,
  Output extends Outputs = Outputs,
> {
  /** One line, for help. */
  readonly description?: string
  /** The parameters, with their types, defaults and descriptions. */
  readonly params?: Schema
  /** Parameters that don't make a task another one, such as a number of threads. */
  readonly unkeyed?: readonly (keyof z.output<Schema> & string)[]
  /** Parameters that are never shown nor stored. */
  readonly secret?: readonly (keyof z.output<Schema> & string)[]
  /** The tasks whose outputs this one reads. */
  readonly requires?: (params: z.output<Schema>) => Needs
  /** The targets that this task makes. It is complete when all of them exist. Without any it runs in every run, once. */
  readonly output?: (params: z.output<Schema>) => Output
  /** The work. What it returns is not looked at. */
  readonly run?: (context: RunContext<z.output<Schema>, Needs, Output>) => unknown
  /** Whether there is nothing to do; by default, whether all targets exist. */
  readonly complete?: (context: {
    readonly params: z.output<Schema>
    readonly output: Output
  }) => boolean | Promise<boolean>
  /** How often a failed `run` is tried again; 0 by default. */
  readonly retries?: number
  /** How long to wait before that: milliseconds, a duration like `'30s'`, or `'exp'` for 1 s, 2 s, 4 s … up to a minute. At once by default. */
  readonly retryDelay?: number | string
  /** How long one attempt may take, with what it waits for: milliseconds or a duration like `'10m'`. */
  readonly timeout?: number | string
  /** Of tasks that could start, those of higher priority do first; 0 by default. */
  readonly priority?: number | ((params: z.output<Schema>) => number)
  /** What it holds while it runs, of what the run has: `{ db: 1 }`. */
  readonly resources?:
    | Readonly<Record<string, number>>
    | ((params: z.output<Schema>) => Readonly<Record<string, number>>)
}

/** What `run` gets. */
export interface RunContext<Params, Needs, Output> {
  readonly params: Params
  /** The outputs of what `requires` gave, in the same arrangement. */
  readonly input: OutputsOf<Needs>
  readonly output: Output
  /** Aborted when the attempt takes too long or the whole run is ended. */
  readonly signal: AbortSignal
  /** 1, and one more with each retry. */
  readonly attempt: number
  /**
   * Runs other tasks, found to be needed only now, and gives their outputs. `run` goes on where it was; while it waits, another task
   * may use its place.
   */
  readonly need: <const More extends Dependencies>(needs: More) => Promise<OutputsOf<More>>
  /** The context of datasets, one for the whole run. */
  readonly ctx: Context
  /** Runs a function in the worker threads of `ctx`, with all that it captures, as a dataset's functions are. For what computes long. */
  readonly compute: <Result>(fn: () => Result | Promise<Result>) => Promise<Result>
  /** Runs a line of shell in which values are quoted: `` sh`sort ${input.path} > ${path}` ``. */
  readonly sh: Shell
  /** Says how far it is, from 0 to 1. */
  readonly progress: (fraction: number, message?: string) => void
  /** Says a line about this task. */
  readonly log: (message: string) => void
}

export interface Task<Output = unknown> {
  readonly [TASK]: true
  readonly definition: AnyDefinition
  readonly name: string
  readonly params: Readonly<Record<string, unknown>>
  /** Its name and all parameters that make it another task. */
  readonly id: string
  /** How it is shown: secrets are masked, long values cut. */
  readonly label: string
  readonly output: Output
}

/** A definition whose types are forgotten: the scheduler hands each function what its own types ask for. */
export interface AnyDefinition
  extends Omit<
    Definition,
    'requires' | 'output' | 'run' | 'complete' | 'priority' | 'resources' | 'unkeyed' | 'secret'
  > {
  readonly name: string
  readonly schema: z.ZodObject
  readonly unkeyed: ReadonlySet<string>
  readonly secret: ReadonlySet<string>
  readonly requires?: (params: Readonly<Record<string, unknown>>) => unknown
  readonly output?: (params: Readonly<Record<string, unknown>>) => unknown
  readonly run?: (context: ErasedContext) => unknown
  /** The job of a streaming task, which its `run` calls: a part of its code. */
  readonly stream?: unknown
  readonly complete?: (context: { readonly params: unknown; readonly output: unknown }) => boolean | Promise<boolean>
  readonly priority?: number | ((params: Readonly<Record<string, unknown>>) => number)
  readonly resources?:
    | Readonly<Record<string, number>>
    | ((params: Readonly<Record<string, unknown>>) => Readonly<Record<string, number>>)
}

/** What `run` gets, its types forgotten. */
export interface ErasedContext extends Omit<RunContext<unknown, undefined, unknown>, 'input' | 'need'> {
  readonly input: unknown
  readonly need: (needs: Dependencies) => Promise<unknown>
}

/** Makes the task of these parameters. More than it knows are dropped, so that a task can hand its own parameters on. */
export interface TaskFactory<Schema extends z.ZodObject = z.ZodObject, Output = unknown> {
  (
    ...given: Record<string, never> extends z.input<Schema> ? [params?: z.input<Schema>] : [params: z.input<Schema>]
  ): Task<Output>
  readonly definition: AnyDefinition
  /** The schema of its parameters, to build others on. */
  readonly params: Schema
}

/**
 * Defines a family of tasks.
 *
 *     const Lines = task('Lines', {
 *       params: z.object({ name: z.string() }),
 *       output: ({ name }) => file(`out/${name}.txt`),
 *       run: ({ params, output }) => output.write(`hello ${params.name}\n`),
 *     })
 *
 * @throws PlanError when the definition contradicts itself
 */
export function task<
  Schema extends z.ZodObject = NoParameters,
  Needs extends Dependencies = undefined,
  Output extends Outputs = undefined,
>(name: string, definition: Definition<Schema, Needs, Output>): TaskFactory<Schema, Output> {
  if (!/^[A-Za-z_][\w-]*$/.test(name))
    throw new PlanError(`task: expected a name of letters, digits, "_" and "-", got ${JSON.stringify(name)}.`)
  // Without parameters the schema is empty, which is what the type parameter's default says.
  const schema = (definition.params ?? z.object({})) as Schema
  const erased = {
    ...definition,
    name,
    schema,
    unkeyed: new Set<string>(definition.unkeyed),
    secret: new Set<string>(definition.secret),
    // Each function is called with the parameters, inputs and outputs of its own task only.
  } as unknown as AnyDefinition
  const make = (given: unknown = {}): Task<Output> => instantiate(erased, given) as Task<Output>
  Object.defineProperty(make, 'name', { value: name })
  return Object.assign(make, { definition: erased, params: schema })
}

export function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && TASK in value
}

export function isFactory(value: unknown): value is TaskFactory {
  return typeof value === 'function' && 'definition' in value && 'params' in value
}

/** @throws PlanError naming the parameters that are wrong */
function instantiate(definition: AnyDefinition, given: unknown): Task {
  const { name, schema } = definition
  const parsed = schema.safeParse({ ...dependencyDefaults(name), ...definedOf(given) })
  if (!parsed.success) throw new PlanError(`${name}: ${parsed.error.issues.map(issueText).join('; ')}`)
  const params = Object.freeze(parsed.data)
  return {
    [TASK]: true,
    definition,
    name,
    params,
    id: identityOf(definition, params),
    label: labelOf(definition, params),
    get output() {
      return definition.output?.(params)
    },
  }
}

/** Without what is undefined, which would hide a default of the run. */
function definedOf(given: unknown): Record<string, unknown> {
  if (typeof given !== 'object' || given === null) return {}
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function issueText({ path, message }: z.core.$ZodIssue): string {
  const what = message
    .replace(/^Invalid input: /, '')
    .replace(/^(expected .*), received undefined$/, 'it is missing, $1')
  return path.length === 0 ? what : `parameter ${path.map(String).join('.')}: ${what}`
}

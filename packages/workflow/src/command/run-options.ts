/** The options of a run on a command line: their names, their help, and what they mean to `run`. */
import type { Defaults } from '../ambient.ts'
import { UsageError } from '../errors.ts'
import type { RunOptions } from '../run.ts'

type Kind = 'flag' | 'value' | 'optional value'

export type Option =
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

/** The commands on tasks. Their options are the same words, so that one command line can become another; not each has something to decide. */
export type CommandName = 'run' | 'tree' | 'clean'

interface OptionHelp {
  readonly kind: Kind
  readonly shows: string
  readonly help: string
}

/** The options of a run: what they take, and one line of help. `--` stands before every name. */
export const RUN_OPTIONS: Readonly<Record<Option, OptionHelp>> = {
  workers: { kind: 'value', shows: '<n>', help: 'tasks at once; by default the number of cores' },
  'dry-run': { kind: 'flag', shows: '', help: 'say what would be done, and why; change nothing (-n)' },
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

const TREE: readonly Option[] = ['rerun-on', 'params', 'help']
const CLEAN: readonly Option[] = ['dry-run', 'params', 'quiet', 'help']

/** The options that mean something to a command. */
export function optionsFor(command: CommandName): readonly Option[] {
  if (command === 'tree') return TREE
  return command === 'clean' ? CLEAN : Object.keys(RUN_OPTIONS).filter(isOption)
}

export function isOption(name: string): name is Option {
  return Object.hasOwn(RUN_OPTIONS, name)
}

/** @throws UsageError naming the option whose text is no value of it */
export function optionsOf(given: ReadonlyMap<Option, readonly string[]>, defaults: Defaults): RunOptions {
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

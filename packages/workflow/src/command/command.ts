/**
 * The commands: everything of `kindling run` and `kindling tree` that comes after loading the file. They print, and give the exit code;
 * nothing here ends the process.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { suggestion } from 'kindling/files'
import { withinSession } from '../ambient.ts'
import { clean } from '../clean.ts'
import { PlanError, UsageError } from '../errors.ts'
import { type RunOptions, run } from '../run.ts'
import { EXIT_CODES, type Summary, summaryText } from '../summary.ts'
import type { Task, TaskFactory } from '../task.ts'
import { tree } from '../tree.ts'
import { type Invocation, parseArguments } from './arguments.ts'
import { moduleHelp, taskHelp } from './help.ts'
import { reporter } from './report.ts'
import type { CommandName } from './run-options.ts'
import { factoriesOf, taskFrom } from './select.ts'

export interface Command {
  /** What the file of tasks exports. */
  readonly exported: Readonly<Record<string, unknown>>
  /** What comes after the file on the command line. */
  readonly argv: readonly string[]
  /** What comes before, for help: `kindling run tasks.ts`. */
  readonly name: string
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** As for `run`; a command's process usually ends by itself with the code, after `report`. */
  readonly signals?: 'end' | 'report'
}

/** `kindling run <file> [options] <Task> [parameters] [options]`. @returns the exit code */
export async function runCommand(command: Command): Promise<number> {
  return withTask('run', command, async (task, { options, output }) => {
    const summary = await run(task, {
      ...options,
      signals: command.signals ?? 'report',
      on: reporter(command.stderr, options.dryRun === true ? 'quiet' : output.level),
    })
    for (const name of unmetForces(options.force, summary))
      command.stderr(`--force=${name}: no task of this name came up. ${suggestion(name, namesIn(summary))}\n`)
    if (output.isJson) command.stdout(`${JSON.stringify(jsonOf(summary), null, 2)}\n`)
    else if (output.level !== 'quiet' || !summary.ok)
      (options.dryRun === true ? command.stdout : command.stderr)(summaryText(summary))
    return summary.code
  })
}

/** Names of tasks to run again that no task has. */
function unmetForces(force: RunOptions['force'], { rows, problem }: Summary): readonly string[] {
  if (typeof force !== 'object' || problem !== null) return []
  return force.filter((name) => !rows.some((row) => row.name === name))
}

function namesIn({ rows }: Summary): readonly string[] {
  return [...new Set(rows.map(({ name }) => name))]
}

/**
 * `kindling run` for a script that holds its own tasks: reads the command line, prints, and sets the exit code.
 *
 *     if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main({ Report, Lines })
 */
export async function main(
  tasks: Readonly<Record<string, unknown>>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  process.exitCode = await runCommand({
    exported: tasks,
    argv,
    name: basename(process.argv[1] ?? 'script'),
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    signals: 'end',
  })
}

/** `kindling tree <file> <Task> [parameters]`. @returns the exit code */
export async function treeCommand(command: Command): Promise<number> {
  return withTask('tree', command, async (task, { options }) => {
    const { defaults, rerunOn } = options
    command.stdout(await tree(task, { ...(defaults && { defaults }), ...(rerunOn && { rerunOn }) }))
    return EXIT_CODES.ok
  })
}

/** `kindling clean <file> <Task> [parameters] [--dry-run]`. @returns the exit code */
export async function cleanCommand(command: Command): Promise<number> {
  return withTask('clean', command, async (task, { options, output }) => {
    const { defaults = {}, dryRun = false } = options
    const removed = await clean(task, { defaults, dryRun })
    const verb = dryRun ? 'would remove' : 'removed'
    if (output.level !== 'quiet') for (const target of removed) command.stdout(`${verb} ${target}\n`)
    return EXIT_CODES.ok
  })
}

async function withTask(
  commandName: CommandName,
  command: Command,
  act: (task: Task, invocation: Invocation) => Promise<number>,
): Promise<number> {
  const { exported, argv, name, stdout, stderr } = command
  try {
    const factories = factoriesOf(exported)
    const invocation = parseArguments(factories, argv, (path) => readFileSync(path, 'utf8'), process.env)
    if (invocation.isHelp || (invocation.task === null && argv.length === 0)) {
      stdout(
        invocation.task === null
          ? moduleHelp(commandName, name, factories)
          : taskHelp(commandName, name, invocation.task),
      )
      return invocation.isHelp ? EXIT_CODES.ok : EXIT_CODES.usage
    }
    if (invocation.output.isJson && commandName !== 'run')
      throw new UsageError(`--json: ${commandName} prints text only. run --dry-run --json prints the same as JSON.`)
    if (invocation.task === null) throw new UsageError(`no task is given. ${known(factories)}`)
    const { defaults = {} } = invocation.options
    const { task: factory, values } = invocation
    const task = withinSession({ cwd: null, defaults }, () => taskFrom(factory, values))
    return await act(task, invocation)
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof PlanError)) throw error
    stderr(`${error.message}\n`)
    return error instanceof UsageError ? EXIT_CODES.usage : EXIT_CODES.invalid
  }
}

function known(factories: ReadonlyMap<string, TaskFactory>): string {
  return factories.size === 0
    ? "The file exports none; export what task('Name', { … }) gives."
    : `There are: ${[...factories.keys()].join(', ')}.`
}

/** The summary as plain data. */
function jsonOf({ rows, byStatus, problem, ...summary }: Summary): object {
  const counts = Object.fromEntries(Object.entries(byStatus).map(([status, of]) => [status, of.length]))
  return {
    ...summary,
    problem: problem?.message ?? null,
    counts,
    rows: rows.map(({ error, ...row }) => ({ ...row, error: error === null ? null : errorOf(error) })),
  }
}

function errorOf({ name, message, stack = '' }: Error): object {
  return { name, message, stack }
}

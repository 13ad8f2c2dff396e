/** The commands and what each is for. Only the one that is asked for is loaded. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { UsageError } from './usage-error.ts'

/** Completes a command with its arguments, flags and action. `args` are the words after its name. */
export type Define = (command: Command, args: readonly string[]) => void | Promise<void>

interface Entry {
  readonly summary: string
  /** Not for people. */
  readonly isHidden?: boolean
  readonly load: () => Promise<{ readonly define: Define }>
}

export const COMMANDS: Readonly<Record<string, Entry>> = {
  run: { summary: 'run a task and what it requires', load: () => import('./commands/run.ts') },
  tree: { summary: 'show what a task requires', load: () => import('./commands/tree.ts') },
  clean: { summary: 'remove what a task made', load: () => import('./commands/clean.ts') },
  stream: { summary: 'run unmodified programs over partitioned input', load: () => import('./commands/stream.ts') },
  script: { summary: 'run a TypeScript program', load: () => import('./commands/script.ts') },
  explain: { summary: 'show what a program would do, without doing it', load: () => import('./commands/explain.ts') },
  repl: { summary: 'TypeScript at a prompt, with a context ready', load: () => import('./commands/repl.ts') },
  completion: {
    summary: 'print the completion of this command for a shell',
    load: () => import('./commands/completion.ts'),
  },
  complete: {
    summary: 'print what may stand at the cursor',
    isHidden: true,
    load: () => import('./commands/complete.ts'),
  },
}

const EXIT_CODES = `
Exit codes: 0 done, 1 what was run has failed, 2 the command line is wrong; 130 or 143 ended by Ctrl-C or SIGTERM.
Each command has its own --help.`

export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = prepared(new Command('kindling'))
    .description(
      'Spark’s operations on all cores, tasks, streaming through unmodified programs and a prompt, in TypeScript.',
    )
    .version(version(), '--version', 'print the version')
    .enablePositionalOptions()
    .addHelpText('after', EXIT_CODES)
    // Without a command there is nothing to do; what is no command is refused by name.
    .helpCommand(false)
  for (const [name, { summary, isHidden = false, load }] of Object.entries(COMMANDS)) {
    const command = prepared(program.command(name, { hidden: isHidden }))
      .summary(summary)
      .description(summary)
    if (args[0] === name) await (await load()).define(command, args.slice(1))
  }
  return program
}

/** Errors are one line, and are thrown rather than ending the process. */
function prepared(command: Command): Command {
  return command
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(`kindling: ${oneLine(text)}\n`) })
}

/** `error: unknown option '--mastr'\n(Did you mean --master?)` in one line. */
function oneLine(text: string): string {
  const [what = '', hint] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n')
  return hint === undefined ? what : `${what.replace(/\.$/, '')}. ${hint.replace(/^\((.*)\)$/, '$1')}`
}

function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version?: string
  }
  if (version === undefined) throw new UsageError('this installation has no version. Install @kindling/cli again')
  return version
}

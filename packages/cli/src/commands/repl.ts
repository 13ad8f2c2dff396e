/** `kindling repl`: TypeScript at a prompt. */
import type { Command } from 'commander'
import type * as Kindling from 'kindling'
import { addContextFlags, applyContextFlags } from '../context-flags.ts'
import { runSession } from '../repl/session.ts'
import { registerTypeScript } from '../typescript/register.ts'
import { locate } from '../user-module.ts'

const DESCRIPTION = `TypeScript at a prompt: several lines, imports, await, names declared again. ctx is a context that is ready; \
a dataset is shown as a table of its first rows, a promise is awaited. Ctrl-C cancels what runs, Ctrl-D ends.`

export async function define(command: Command, args: readonly string[]): Promise<void> {
  command
    .description(DESCRIPTION)
    .option('-i, --interactive', 'prompt although the input is no terminal')
    .addHelpText(
      'after',
      '\nLines are remembered in ~/.local/state/kindling/history, or where KINDLING_HISTORY says; empty, nowhere.',
    )
  await addContextFlags(command, args)
  command.action(async () => {
    await applyContextFlags(command)
    registerTypeScript()
    const library = locate('kindling', process.cwd())
    // It is what the specifier names.
    const kindling = (await import(library.href)) as typeof Kindling
    const { interactive = false } = command.opts<{ interactive?: boolean }>()
    const isInteractive = interactive || process.stdin.isTTY
    const context = await kindling.createContext()
    let hasFailed = true
    try {
      hasFailed = await runSession({
        context,
        kindling,
        declarations: new URL('../dataset/', library),
        isInteractive,
        banner: `kindling on Node ${process.version}: ctx is ready, with ${context.defaultParallelism} workers. .help for help, Ctrl-D to end`,
      })
    } finally {
      await context.stop()
    }
    // Timers and servers that were started at the prompt end with it.
    process.exit(hasFailed && !isInteractive ? 1 : 0)
  })
}

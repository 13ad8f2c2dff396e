/** What `kindling run`, `tree` and `clean` have in common: the file is loaded here, all after it is for the package of tasks to read. */
import { dirname } from 'node:path'
import type * as Workflow from '@kindling/workflow'
import type { Command } from 'commander'
import { importFile, locate } from '../user-module.ts'

/** Completes a command that hands its words to a function of the package. */
export function defineOnTasks(
  command: Command,
  choose: (workflow: typeof Workflow) => typeof Workflow.runCommand,
): void {
  const name = command.name()
  command
    .argument('<file>', 'a TypeScript file that exports tasks')
    .argument('[words...]', `a task, its parameters and options: kindling ${name} <file> --help`)
    .usage('<file> <Task> [parameters] [options]')
    .passThroughOptions()
    .action(async (file: string, argv: readonly string[]) => {
      const exported = await importFile(name, file, argv)
      // It is what the specifier names.
      const workflow = (await import(locate('@kindling/workflow', dirname(file)).href)) as typeof Workflow
      const code = await choose(workflow)({
        exported,
        argv,
        name: `kindling ${name} ${file}`,
        stdout: (text) => void process.stdout.write(text),
        stderr: (text) => void process.stderr.write(text),
      })
      // Whatever the file has left open, all that was asked for is done.
      process.exit(code)
    })
}

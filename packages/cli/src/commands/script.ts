/** `kindling script`: runs a TypeScript program. */
import type { Command } from 'commander'
import { addContextFlags, applyContextFlags } from '../context-flags.ts'
import { importFile } from '../user-module.ts'

export async function define(command: Command, args: readonly string[]): Promise<void> {
  command
    .description(
      'Runs a TypeScript program. Flags before the file set up its context; options in its code override them.',
    )
    .argument('<file>', 'the program: .ts, .mts, .cts or JavaScript')
    .argument('[arguments...]', 'what the program finds in process.argv')
    .passThroughOptions()
    .addHelpText('after', '\nExit codes: those of the program; 1 it failed, 2 the command line is wrong.')
  await addContextFlags(command, args)
  command.action(async (file: string, given: readonly string[]) => {
    await applyContextFlags(command)
    await importFile('script', file, given)
  })
}

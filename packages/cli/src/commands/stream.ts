/** `kindling stream`: unmodified programs over partitioned input. All its words are for the streaming job to read, Hadoop's own among them. */
import type { Command } from 'commander'
import { registerTypeScript } from '../typescript/register.ts'

export function define(command: Command): void {
  command
    .argument('[words...]')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (words: readonly string[]) => {
      const { streamMain } = await import('kindling/stream')
      // A function of a module, `file.ts#export`, can stand for a program.
      if (words.some((word) => /\.[cm]?ts#/.test(word))) registerTypeScript()
      process.exitCode = await streamMain(words)
    })
}

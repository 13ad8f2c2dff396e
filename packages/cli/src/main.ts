/** The command `kindling`, from its arguments to its exit code: 0 done, 1 what was run has failed, 2 the command line is wrong. */
import { CommanderError } from 'commander'
import { writeFailure } from './failure.ts'
import { createProgram } from './program.ts'
import { UsageError } from './usage-error.ts'

export async function main(args: readonly string[]): Promise<void> {
  try {
    const program = await createProgram(args)
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    // Commander has said what is wrong already.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? 0 : 2
      return
    }
    process.stderr.write(`${writeFailure(error)}\n`)
    process.exitCode = error instanceof UsageError ? 2 : 1
  }
}

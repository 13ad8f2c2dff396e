/** The command `kindling`, from its arguments to its exit code: 0 done, 1 what was run has failed, 2 the command line is wrong. */
import { CommanderError } from 'commander'
import { tolerateClosedPipes } from './closed-pipe.ts'
import { writeFailure } from './failure.ts'
import { createProgram } from './program.ts'
import { UsageError } from './usage-error.ts'

export async function main(args: readonly string[]): Promise<void> {
  // Tasks are worth finishing, whoever reads about them.
  tolerateClosedPipes(args[0] === 'run')
  try {
    checkWorkingDirectory()
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

/** @throws UsageError when it was removed: everything that names a file would fail over it */
function checkWorkingDirectory(): void {
  try {
    process.cwd()
  } catch {
    throw new UsageError('the working directory is not there any more. Change to one that is')
  }
}

/** A command line that is wrong: said in one line, without a stack, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

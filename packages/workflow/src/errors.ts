/** The errors of workflows. What is wrong with a program or its data is a `PlanError` or `DataError`, as everywhere in kindling. */
// Not from the main door: loading that takes 0.1 s, which tasks without datasets need not wait for.
export { DataError, PlanError } from 'kindling/files'

/** A command line is wrong: an unknown task or parameter, or a value that is none. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What `need` rejects with: a task that another one waits for did not become complete. */
export class DependencyError extends Error {
  override readonly name = 'DependencyError'
}

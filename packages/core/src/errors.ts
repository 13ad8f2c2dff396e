/**
 * Every error class of kindling; nothing else.
 * A message reads `verb (file:line:column): what is wrong, got value. What to do.`
 */

/** The program is wrong: thrown at the verb or at the start of an action, before any task runs. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/** A function cannot travel to a worker: thrown when the action starts, before any task runs. */
export class ClosureError extends Error {
  override readonly name = 'ClosureError'
}

/** An input or a record is wrong: a missing path, a corrupt file, a value that cannot be moved between threads. */
export class DataError extends Error {
  override readonly name = 'DataError'
}

/**
 * Blocks that another task left are gone or damaged. Users never see it: the engine has them made again.
 * @internal
 */
export class MissingBlocksError extends Error {
  override readonly name = 'MissingBlocksError'
  /** Of which shuffle or store, and the task that left them. */
  readonly blocks: {
    readonly of: 'shuffle' | 'store'
    readonly id: number
    readonly origin: number
    readonly file: string
  }

  constructor(message: string, blocks: MissingBlocksError['blocks']) {
    super(message)
    this.blocks = blocks
  }
}

/** A task gave up after its attempts. `cause` is what the user's function threw, or what ended the worker. */
export class TaskError extends Error {
  override readonly name = 'TaskError'
  /** The stage's number within its context. */
  readonly stage: number
  /** The partition that failed, from 0. */
  readonly partition: number
  /** How many times the task was tried. */
  readonly attempts: number

  constructor(message: string, details: { stage: number; partition: number; attempts: number; cause: unknown }) {
    super(message, { cause: details.cause })
    this.stage = details.stage
    this.partition = details.partition
    this.attempts = details.attempts
  }
}

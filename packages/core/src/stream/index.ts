/** The door to programs: what leaves no process behind, for packages that start commands of their own. */
export { exitError, startError } from './child-errors.ts'
export { type Command, commandText, invocationOf } from './command.ts'
export { GRACE_SECONDS, type Leash, leash, signalGroup } from './leash.ts'
export { createStderrTail } from './stderr-tail.ts'

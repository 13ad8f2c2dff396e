/** The door to streaming jobs: unmodified programs over partitioned input. Apart from the main door, so that who doesn't use it loads none of it. */
export { type ParsedArguments, parseStreamArguments } from './arguments.ts'
export { FLAGS, type Flag } from './flags.ts'
export { streamHelp } from './help.ts'
export { streamMain, type StreamTerminal } from './main.ts'
export type { GroupFunction, LineFunction, OnFailure, Program, StreamOptions } from './options.ts'
export { streamOptions } from './schema.ts'
export type { Failure, JobReport, StreamResult } from './result.ts'
export { type StreamHooks, stream, streamLocal } from './stream.ts'

/** kindling: what users import. Re-exports only. */
export type { Accumulator, AccumulatorOptions } from './dataset/accumulator.ts'
export type { ActionOptions, SaveOptions } from './dataset/actions.ts'
export type { Broadcast } from './dataset/broadcast.ts'
export { Context, type ContextOptions, createContext, type Paths, type TextFileOptions } from './dataset/context.ts'
export { Dataset, type MapAsyncOptions, type PipeOptions } from './dataset/dataset.ts'
export { defaultContext, parallelize, range, textFile, wholeTextFiles } from './dataset/default-context.ts'
export { ClosureError, DataError, PlanError, TaskError } from './errors.ts'
export type { EventOf, EventType, KindlingEvent } from './run/events.ts'

/** kindling: what users import. Re-exports only. */
export type { Accumulator, AccumulatorOptions } from './dataset/accumulator.ts'
export type { ActionOptions, ExplainOptions } from './dataset/actions.ts'
export type { Broadcast } from './dataset/broadcast.ts'
export { Context, type ContextOptions, createContext } from './dataset/context.ts'
export { Dataset, type MapAsyncOptions, type PipeJsonOptions, type PipeOptions } from './dataset/dataset.ts'
export {
  csv,
  defaultContext,
  from,
  jsonLines,
  parallelize,
  parquet,
  range,
  textFile,
  wholeTextFiles,
} from './dataset/default-context.ts'
export type { KeyPlacement } from './dataset/lineage.ts'
export type { SaveCsvOptions, SaveOptions, SaveParquetOptions, ShowOptions } from './dataset/outputs.ts'
export type { Fractions } from './dataset/pairs.ts'
export { showTable } from './dataset/show.ts'
export type {
  CsvOptions,
  CsvRow,
  JsonLinesOptions,
  ParquetOptions,
  Paths,
  StandardSchema,
  TextFileOptions,
} from './dataset/sources.ts'
export type { Stats } from './dataset/statistics.ts'
export { ClosureError, DataError, PlanError, TaskError } from './errors.ts'
export type { BadRow, CheckedRow, GoodRow, OnBadRow } from './plan/bad-row.ts'
export type { StorageLevel } from './plan/node.ts'
export type { ParquetCodec, ParquetType } from './plan/parquet-format.ts'
export type { EventOf, EventType, KindlingEvent } from './run/events.ts'

/** Sources without ceremony: they share one context that opens at the first action and never keeps a script alive. */
import { markDriverOnly } from '../plan/driver-only.ts'
import { Context, INSIDE_A_FUNCTION } from './context.ts'
import type { Dataset } from './dataset.ts'
import type { Paths, TextFileOptions } from './sources.ts'

let shared: Context | null = null

/** The context of the module-level sources, on all cores or as `KINDLING_MASTER` says. */
export function defaultContext(): Context {
  shared ??= new Context({})
  return shared
}

/** `Context.textFile` on the default context. */
export function textFile(paths: Paths, options?: TextFileOptions): Dataset<string> {
  return defaultContext().textFile(paths, options)
}

/** `Context.wholeTextFiles` on the default context. */
export function wholeTextFiles(paths: Paths): Dataset<[path: string, content: string]> {
  return defaultContext().wholeTextFiles(paths)
}

/** `Context.parallelize` on the default context. */
export function parallelize<K, V>(rows: Iterable<readonly [K, V]>, sliceCount?: number): Dataset<[K, V]>
export function parallelize<T>(rows: Iterable<T>, sliceCount?: number): Dataset<T>
export function parallelize(rows: Iterable<unknown>, sliceCount?: number): Dataset<unknown> {
  return defaultContext().parallelize(rows, sliceCount)
}

/** `Context.range` on the default context. */
export function range(start: number, end?: number, step?: number, sliceCount?: number): Dataset<number> {
  return defaultContext().range(start, end, step, sliceCount)
}

/** `Context.jsonLines` on the default context. */
export const jsonLines: Context['jsonLines'] = onDefault('jsonLines')

/** `Context.csv` on the default context. */
export const csv: Context['csv'] = onDefault('csv')

/** `Context.parquet` on the default context. */
export const parquet: Context['parquet'] = onDefault('parquet')

/** `Context.from` on the default context. */
export const from: Context['from'] = onDefault('from')

/** A verb whose many signatures are not repeated here. */
function onDefault<Verb extends 'jsonLines' | 'csv' | 'parquet' | 'from'>(verb: Verb): Context[Verb] {
  // It takes what the verb takes and gives what the verb gives.
  return ((...args: unknown[]): unknown =>
    Reflect.apply(defaultContext()[verb], defaultContext(), args)) as Context[Verb]
}

for (const fn of [defaultContext, textFile, wholeTextFiles, parallelize, range, jsonLines, csv, parquet, from])
  markDriverOnly(fn, INSIDE_A_FUNCTION)

/** Sources whose rows have a format: JSON lines, CSV, Parquet, and rows that the program makes as it goes. */
import type { CheckedRow, OnBadRow } from '../plan/bad-row.ts'
import type { Source } from '../plan/source.ts'
import type { Step, UserFunction } from '../plan/step.ts'
import { refusal, requireOptions, requireWhole } from './arguments.ts'
import { requireColumns, requireDelimiter, requireQuote } from './csv-options.ts'
import type { Dataset } from './dataset.ts'

/** A file, a directory, a glob, several separated by commas, or a list of these. */
export type Paths = string | readonly string[]

/** A validator of any library that keeps to Standard Schema, as zod and valibot do. Source: https://standardschema.dev */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => unknown
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
  }
}

/** What rows are after a schema has checked them. */
export type OutputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

export interface TextFileOptions {
  /** At least so many partitions, as far as files can be cut; a hint, as in Hadoop. */
  readonly minPartitions?: number
}

interface RowOptions<Bad extends OnBadRow> extends TextFileOptions {
  /** What a row does that cannot be read or that the schema refuses: fail the job, by default, be dropped and counted, or come out as a `BadRow`. */
  readonly onBadRow?: Bad
}

export type JsonLinesOptions = RowOptions<'error' | 'skip'>

export interface CsvOptions extends RowOptions<OnBadRow> {
  /** Whether the first record of each file names its columns; true by default. */
  readonly header?: boolean
  /** One ASCII character; a comma by default. */
  readonly delimiter?: string
  /** One ASCII character, doubled inside quotes; `"` by default, null where quotes mean nothing. */
  readonly quote?: string | null
  /** Names for the columns, instead of those of the header. */
  readonly columns?: readonly string[]
  /** Checks each row, and makes numbers of texts. */
  readonly schema?: StandardSchema
}

export interface ParquetOptions<Bad extends OnBadRow> {
  /** The columns to read; all by default. */
  readonly columns?: readonly string[]
  /** What a row does that the schema refuses, as for `jsonLines`. */
  readonly onBadRow?: Bad
}

/** The rows that `csv` gives with these options. */
export type CsvRow<Options extends CsvOptions> = Options extends { readonly onBadRow: 'collect' }
  ? CheckedRow<CsvValue<Options>>
  : CsvValue<Options>

type CsvValue<Options extends CsvOptions> = Options extends { readonly schema: infer S extends StandardSchema }
  ? OutputOf<S>
  : Options extends { readonly columns: readonly (infer Name extends string)[] }
    ? Record<Name, string>
    : Options extends { readonly header: false }
      ? string[]
      : Record<string, string>

const CSV_OPTIONS: readonly (keyof CsvOptions)[] = [
  'minPartitions',
  'header',
  'delimiter',
  'quote',
  'columns',
  'schema',
  'onBadRow',
]

export abstract class Sources {
  abstract readonly defaultParallelism: number

  /** A dataset of a source, and of a step on its rows. @internal */
  protected abstract open<T>(verb: string, source: Source, step?: Step<UserFunction>): Dataset<T>

  /**
   * One row for each line of the files that is not blank: what `JSON.parse` makes of it, checked by the schema if there is one.
   * A bad row fails the job, saying where it lies and what is wrong, or does what `onBadRow` says.
   *
   *     ctx.jsonLines('data/*.jsonl', z.object({ id: z.number() }), { onBadRow: 'skip' })
   */
  jsonLines<S extends StandardSchema>(
    paths: Paths,
    schema: S,
    options: RowOptions<'collect'> & { readonly onBadRow: 'collect' },
  ): Dataset<CheckedRow<OutputOf<S>>>
  jsonLines<S extends StandardSchema>(paths: Paths, schema: S, options?: JsonLinesOptions): Dataset<OutputOf<S>>
  jsonLines<T = unknown>(
    paths: Paths,
    options: RowOptions<'collect'> & { readonly onBadRow: 'collect' },
  ): Dataset<CheckedRow<T>>
  jsonLines<T = unknown>(paths: Paths, options?: JsonLinesOptions): Dataset<T>
  jsonLines(
    paths: Paths,
    second: StandardSchema | RowOptions<OnBadRow> = {},
    third?: RowOptions<OnBadRow>,
  ): Dataset<unknown> {
    const schema = '~standard' in second || third !== undefined ? second : null
    const options = schema === null ? (second as RowOptions<OnBadRow>) : (third ?? {})
    requireOptions('jsonLines', options, ['minPartitions', 'onBadRow'])
    const { minPartitions, onBadRow = 'error' } = options
    const source: Source = {
      type: 'text',
      paths: pathList('jsonLines', paths),
      minPartitions: partitionHint('jsonLines', minPartitions),
    }
    const step = { op: 'parseJson', ...checkOptions('jsonLines', schema, onBadRow) } as const
    return this.open('jsonLines', source, step)
  }

  /**
   * One row for each record of the files (RFC 4180): an object with the names of the header as its properties, or, without header and
   * `columns`, an array. Fields are strings; a schema makes other values of them. Lines without a character are skipped.
   * A record with too few or too many fields is a bad row; a quote that is never closed always fails the job.
   *
   *     ctx.csv('people.csv', { schema: z.object({ name: z.string(), age: z.coerce.number() }) })
   */
  csv<const Options extends CsvOptions = object>(paths: Paths, options?: Options): Dataset<CsvRow<Options>>
  csv(paths: Paths, options: CsvOptions = {}): Dataset<unknown> {
    requireOptions('csv', options, CSV_OPTIONS)
    const { header = true, delimiter = ',', quote = '"', columns = null, schema = null, onBadRow = 'error' } = options
    requireDelimiter('csv', delimiter)
    if (quote !== null) requireQuote('csv', quote, delimiter)
    if (columns !== null) requireColumns('csv', columns)
    const source: Source = {
      type: 'csv',
      paths: pathList('csv', paths),
      minPartitions: partitionHint('csv', options.minPartitions),
      dialect: { delimiter, quote, header, columns },
    }
    return this.open('csv', source, { op: 'checkRow', ...checkOptions('csv', schema, onBadRow) })
  }

  /**
   * One row, an object, for each of the files' rows; a partition for each row group. 64-bit integers are bigints, timestamps dates, bytes
   * that are not said to be text `Uint8Array`s. A schema checks the rows.
   *
   *     ctx.parquet('events.parquet', { columns: ['user', 'at'] })
   */
  parquet<S extends StandardSchema>(
    paths: Paths,
    options: ParquetOptions<'collect'> & { readonly schema: S; readonly onBadRow: 'collect' },
  ): Dataset<CheckedRow<OutputOf<S>>>
  parquet<S extends StandardSchema>(
    paths: Paths,
    options: ParquetOptions<'error' | 'skip'> & { readonly schema: S },
  ): Dataset<OutputOf<S>>
  parquet<T = Record<string, unknown>>(paths: Paths, options?: Pick<ParquetOptions<never>, 'columns'>): Dataset<T>
  parquet(
    paths: Paths,
    options: ParquetOptions<OnBadRow> & { readonly schema?: StandardSchema } = {},
  ): Dataset<unknown> {
    requireOptions('parquet', options, ['columns', 'schema', 'onBadRow'])
    const { columns, schema, onBadRow = 'error' } = options
    if (columns !== undefined) requireColumns('parquet', columns)
    const check = checkOptions('parquet', schema ?? null, onBadRow)
    const source: Source = { type: 'parquet', paths: pathList('parquet', paths), columns: columns ?? null }
    return schema === undefined
      ? this.open('parquet', source)
      : this.open('parquet', source, { op: 'checkRow', ...check })
  }

  /**
   * What an iterable gives: a database cursor, a `ReadableStream`, a generator. It is read once, row after row, when the first action runs;
   * the rows are kept, encoded, in this process's memory, and cut into `sliceCount` slices. Its error rejects the action.
   *
   *     ctx.from(client.query(new Cursor('select * from orders')))
   */
  from<K, V>(rows: AsyncIterable<readonly [K, V]> | Iterable<readonly [K, V]>, sliceCount?: number): Dataset<[K, V]>
  from<T>(rows: AsyncIterable<T> | Iterable<T>, sliceCount?: number): Dataset<T>
  from(
    rows: AsyncIterable<unknown> | Iterable<unknown>,
    sliceCount: number = this.defaultParallelism,
  ): Dataset<unknown> {
    requireWhole('from', 'the number of slices', sliceCount)
    if (rows === null || (typeof rows !== 'object' && typeof rows !== 'string') || !isIterable(rows)) {
      const what = rows === null ? 'null' : typeof rows
      throw refusal('from', `expected an iterable or a stream, got ${what}. Call the function that gives one`)
    }
    return this.open('from', { type: 'stream', rows, sliceCount })
  }
}

function isIterable(value: object | string): boolean {
  return Symbol.asyncIterator in Object(value) || Symbol.iterator in Object(value)
}

/** What a checking step holds. */
export function checkOptions(
  verb: string,
  schema: unknown,
  onBadRow: unknown,
): { readonly schema: UserFunction | null; readonly onBadRow: OnBadRow } {
  if (onBadRow !== 'error' && onBadRow !== 'skip' && onBadRow !== 'collect') {
    throw refusal(verb, `onBadRow must be 'error', 'skip' or 'collect', got ${JSON.stringify(onBadRow)}`)
  }
  if (schema !== null && !isStandardSchema(schema)) {
    throw refusal(
      verb,
      `expected a schema, got ${typeof schema}. Give one of zod, valibot or another library of Standard Schema`,
    )
  }
  // A schema is captured as functions are, with all it reaches; most are objects that hold functions.
  return { schema: schema as unknown as UserFunction | null, onBadRow }
}

function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('~standard' in value))
    return false
  const standard: unknown = value['~standard']
  return typeof standard === 'object' && standard !== null && 'validate' in standard
}

export function pathList(verb: string, paths: Paths): readonly string[] {
  const list = typeof paths === 'string' ? [paths] : [...paths]
  for (const path of list) {
    if (typeof path !== 'string' || path === '') {
      throw refusal(verb, `expected a path, got ${JSON.stringify(path)}. Give a file, a directory or a glob`)
    }
  }
  return list
}

function partitionHint(verb: string, minPartitions: number | undefined): number | undefined {
  if (minPartitions !== undefined) requireWhole(verb, 'minPartitions', minPartitions)
  return minPartitions
}

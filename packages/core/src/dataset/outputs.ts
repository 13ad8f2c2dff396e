/** Outputs: actions that put rows somewhere, into files or on the screen. */
import { hasZstd } from '../io/text-part.ts'
import { PARQUET_TYPES, type ParquetCodec, type ParquetType } from '../plan/parquet-format.ts'
import { COMPRESSION_SUFFIX, type PartCompression, type TextFormat } from '../plan/text-format.ts'
import { type ActionOptions, Actions } from './actions.ts'
import { refusal, requireOptions, requireWhole } from './arguments.ts'
import { requireColumns, requireDelimiter } from './csv-options.ts'
import { showTable } from './show.ts'

export interface SaveOptions extends ActionOptions {
  /** Replace an existing directory, at the end, when the new one is complete. */
  readonly overwrite?: boolean
  /** zstd needs Node 22.15. */
  readonly compression?: PartCompression
}

export interface SaveCsvOptions extends SaveOptions {
  /** Whether each part begins with the names of its columns; by default where there are names: rows are objects, or `columns`. */
  readonly header?: boolean
  /** One ASCII character; a comma by default. */
  readonly delimiter?: string
  /** The columns and their order. By default those of the first row of each part. */
  readonly columns?: readonly string[]
}

export interface SaveParquetOptions extends ActionOptions {
  /** Replace an existing directory, at the end, when the new one is complete. */
  readonly overwrite?: boolean
  /** The columns and their types. By default those of the first row group of each part, where each column must hold one type. */
  readonly columns?: Readonly<Record<string, ParquetType>>
  /** Of the pages; snappy by default. zstd needs Node 22.15. */
  readonly compression?: ParquetCodec
  /** Rows of a row group, which are in memory at once; 65,536 by default. */
  readonly rowGroupRows?: number
}

export interface ShowOptions extends ActionOptions {
  /** The widest a column may be, in characters; 40 by default. */
  readonly width?: number
}

const SAVE_OPTIONS: readonly (keyof SaveOptions)[] = ['overwrite', 'compression', 'signal']
const DEFAULT_SHOWN = 20
const DEFAULT_GROUP_ROWS = 65_536

export abstract class Outputs<T> extends Actions<T> {
  /**
   * Writes each partition to `path/part-00000…`, one row a line, then `_SUCCESS`. Strings are written as they are, objects and
   * arrays as JSON. The directory appears only when it is complete.
   * @throws PlanError if `path` exists and `overwrite` is not set
   */
  async saveAsTextFile(path: string, options: SaveOptions = {}): Promise<void> {
    requireOptions('saveAsTextFile', options, SAVE_OPTIONS)
    await this.#saveText('saveAsTextFile', path, '', { type: 'text' }, options)
  }

  /**
   * Writes each partition to `path/part-00000.jsonl…`, each row as JSON on one line, as `saveAsTextFile` does.
   * A row that has no JSON (undefined, a function, a bigint, NaN, a Map) fails the job; inside a row the rules of `JSON.stringify` stand.
   * @throws PlanError if `path` exists and `overwrite` is not set
   */
  async saveAsJsonLines(path: string, options: SaveOptions = {}): Promise<void> {
    requireOptions('saveAsJsonLines', options, SAVE_OPTIONS)
    await this.#saveText('saveAsJsonLines', path, '.jsonl', { type: 'json' }, options)
  }

  /**
   * Writes each partition to `path/part-00000.csv…`, one row a record, as `saveAsTextFile` does. Rows are objects or arrays. Null and
   * undefined become empty fields, dates their ISO text, inner objects JSON.
   * @throws PlanError if `path` exists and `overwrite` is not set
   */
  async saveAsCsv(path: string, options: SaveCsvOptions = {}): Promise<void> {
    requireOptions('saveAsCsv', options, [...SAVE_OPTIONS, 'header', 'delimiter', 'columns'])
    const { header = null, delimiter = ',', columns = null } = options
    requireDelimiter('saveAsCsv', delimiter)
    if (columns !== null) requireColumns('saveAsCsv', columns)
    await this.#saveText('saveAsCsv', path, '.csv', { type: 'csv', header, delimiter, columns }, options)
  }

  /**
   * Writes each partition to `path/part-00000.parquet…`, as `saveAsTextFile` does. Rows are objects. Numbers become doubles, bigints 64-bit
   * integers, dates timestamps, inner objects and arrays JSON; `columns` says otherwise. A partition without rows has a file only where
   * `columns` are given.
   * @throws PlanError if `path` exists and `overwrite` is not set
   */
  async saveAsParquet(path: string, options: SaveParquetOptions = {}): Promise<void> {
    requireOptions('saveAsParquet', options, [...SAVE_OPTIONS, 'columns', 'rowGroupRows'])
    const { overwrite = false, columns = null, compression = 'snappy', rowGroupRows = DEFAULT_GROUP_ROWS } = options
    requireCompression('saveAsParquet', compression, ['none', 'snappy', 'gzip', 'zstd'])
    requireWhole('saveAsParquet', 'rowGroupRows', rowGroupRows)
    if (columns !== null) requireParquetTypes('saveAsParquet', columns)
    const sink = { op: 'parquet', format: { columns, codec: compression, groupRows: rowGroupRows } } as const
    await this.save('saveAsParquet', sink, { path, overwrite, extension: '.parquet' }, options)
  }

  /** Prints the first `n` rows as a table; as few partitions as possible are computed. */
  async show(n: number = DEFAULT_SHOWN, options: ShowOptions = {}): Promise<void> {
    requireOptions('show', options, ['width', 'signal'])
    // One row more says whether there are more.
    const rows = await this.firstRows('show', n + 1, options)
    console.log(showTable(rows.slice(0, Math.max(0, n)), { ...options, hasMore: rows.length > n }))
  }

  async #saveText(
    verb: string,
    path: string,
    extension: string,
    format: TextFormat,
    { overwrite = false, compression = 'none', ...options }: SaveOptions,
  ): Promise<void> {
    requireCompression(verb, compression, ['none', 'gzip', 'zstd'])
    const output = { path, overwrite, extension: `${extension}${COMPRESSION_SUFFIX[compression]}` }
    await this.save(verb, { op: 'text', format, compression }, output, options)
  }
}

/** @throws PlanError unless it is one of the names, and this Node can write it */
function requireCompression(verb: string, compression: string, names: readonly string[]): void {
  const wrong = !names.includes(compression)
    ? `no compression is called ${JSON.stringify(compression)}. Choose one of ${names.join(', ')}`
    : compression === 'zstd' && !hasZstd()
      ? `writing zstd needs Node 22.15 or later, got ${process.version}. Use that, or gzip`
      : null
  if (wrong !== null) throw refusal(verb, wrong)
}

function requireParquetTypes(verb: string, columns: Readonly<Record<string, string>>): void {
  requireColumns(verb, Object.keys(columns))
  for (const [name, type] of Object.entries(columns)) {
    if (PARQUET_TYPES.includes(type as ParquetType)) continue
    throw refusal(
      verb,
      `column ${JSON.stringify(name)} has no type ${JSON.stringify(type)}. Choose one of ${PARQUET_TYPES.join(', ')}`,
    )
  }
}

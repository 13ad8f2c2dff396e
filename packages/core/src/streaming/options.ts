/** The options of a streaming job: what `stream({...})`, `kindling stream` and Hadoop's own command lines all become. */

/** What runs: a line of shell, a list of words that no shell reads, a TypeScript function, or one exported by a module as `file.ts#export`. */
export type Program<Fn> = string | readonly string[] | Fn

/** Lines out of one line in, or one line; nothing when it gives null or undefined. */
export type LineFunction = (line: string) => Given
/** Lines out of a key and the values that came with it, in sorted order. */
export type GroupFunction = (key: string, values: Iterable<string>) => Given
type Given = Lines | Promise<Lines>
type Lines = string | Iterable<string> | null | undefined

export type OnFailure = 'continue' | 'no-new' | 'kill'

/** As a caller gives them; `kindling stream --help` says what each means. Sizes are bytes or like `64MB`, durations seconds or like `5m`. */
export interface StreamOptions {
  readonly input?: string | readonly string[]
  readonly inputsFrom?: string
  readonly nullSeparated?: boolean
  /** `lines`, `keyvalue`, `path` or `nline:n`. */
  readonly inputFormat?: string
  readonly split?: number | string
  readonly recordEnd?: string
  readonly header?: boolean
  readonly pack?: number | string
  readonly filesPerJob?: number
  readonly mapper?: Program<LineFunction>
  readonly combiner?: Program<GroupFunction>
  readonly reducer?: Program<GroupFunction>
  readonly reducers?: number
  readonly keySeparator?: string
  readonly keyFieldSeparator?: string
  readonly keyFields?: number
  readonly reducerSeparator?: string
  readonly partitionKey?: string
  readonly sort?: string
  readonly output?: string
  readonly overwrite?: boolean
  readonly compress?: boolean
  readonly skipEmpty?: boolean
  readonly env?: Readonly<Record<string, string>>
  readonly files?: readonly string[]
  readonly okExit?: readonly number[] | 'any'
  readonly inline?: boolean
  readonly workers?: number | string
  readonly retries?: number
  readonly onFailure?: OnFailure
  readonly timeout?: number | string
  readonly counters?: boolean
  readonly joblog?: string
  readonly dryRun?: boolean
  readonly tag?: boolean
  readonly progress?: boolean
  readonly tmpDir?: string
  readonly jobconf?: Readonly<Record<string, string>>
}

type Defaulted =
  | 'nullSeparated'
  | 'inputFormat'
  | 'recordEnd'
  | 'header'
  | 'keySeparator'
  | 'keyFields'
  | 'overwrite'
  | 'compress'
  | 'skipEmpty'
  | 'env'
  | 'files'
  | 'okExit'
  | 'inline'
  | 'retries'
  | 'counters'
  | 'dryRun'
  | 'tag'
  | 'progress'
  | 'jobconf'

/** As the job reads them: checked, with defaults, sizes in bytes, durations in milliseconds. */
export interface StreamSettings
  extends Required<Pick<StreamOptions, Defaulted>>,
    Omit<StreamOptions, Defaulted | 'input' | 'split' | 'pack' | 'timeout'> {
  readonly input?: readonly string[]
  readonly split?: number
  readonly pack?: number
  /** Milliseconds. */
  readonly timeout?: number
}

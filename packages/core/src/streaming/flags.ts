/** Flags: how each option of a streaming job is spelt on the command line. */
import { PlanError } from '../errors.ts'
import type { StreamOptions, StreamSettings } from './options.ts'

export interface Flag {
  /** Without dashes. */
  readonly name: string
  readonly short?: string
  /** Other spellings, as GNU Parallel and Hadoop have them. */
  readonly aliases?: readonly string[]
  /**
   * How its values become the option's: `switch` takes none, `off` is a switch that says no, `list` may be repeated, `commas` also holds
   * several in one, `pairs` are NAME=value.
   */
  readonly kind: 'text' | 'number' | 'switch' | 'off' | 'list' | 'commas' | 'codes' | 'pairs'
  /** What help shows for the value. */
  readonly value?: string
}

export const FLAGS: Readonly<Record<keyof StreamOptions, Flag>> = {
  input: { name: 'input', short: 'i', kind: 'list', value: 'path' },
  inputsFrom: { name: 'inputs-from', short: 'a', aliases: ['arg-file'], kind: 'text', value: 'file' },
  nullSeparated: { name: 'null', short: '0', kind: 'switch' },
  inputFormat: { name: 'input-format', kind: 'text', value: 'format' },
  split: { name: 'split', aliases: ['block'], kind: 'text', value: 'size' },
  recordEnd: { name: 'record-end', aliases: ['recend'], kind: 'text', value: 'text' },
  header: { name: 'header', kind: 'switch' },
  pack: { name: 'pack', kind: 'text', value: 'size' },
  filesPerJob: { name: 'files-per-job', kind: 'number', value: 'n' },
  mapper: { name: 'mapper', short: 'm', kind: 'text', value: 'command' },
  combiner: { name: 'combiner', kind: 'text', value: 'command' },
  reducer: { name: 'reducer', short: 'r', kind: 'text', value: 'command' },
  reducers: { name: 'reducers', aliases: ['num-reduce-tasks'], kind: 'number', value: 'n' },
  keySeparator: { name: 'key-separator', kind: 'text', value: 'text' },
  keyFieldSeparator: { name: 'key-field-separator', kind: 'text', value: 'text' },
  keyFields: { name: 'key-fields', kind: 'number', value: 'n' },
  reducerSeparator: { name: 'reducer-separator', kind: 'text', value: 'text' },
  partitionKey: { name: 'partition-key', kind: 'text', value: 'fields' },
  sort: { name: 'sort', kind: 'text', value: 'keys' },
  output: { name: 'output', short: 'o', kind: 'text', value: 'path' },
  overwrite: { name: 'overwrite', kind: 'switch' },
  compress: { name: 'compress', kind: 'switch' },
  skipEmpty: { name: 'skip-empty', kind: 'switch' },
  env: { name: 'env', aliases: ['cmdenv'], kind: 'pairs', value: 'NAME=value' },
  files: { name: 'files', kind: 'commas', value: 'paths' },
  okExit: { name: 'ok-exit', kind: 'codes', value: 'codes' },
  inline: { name: 'inline', kind: 'switch' },
  workers: { name: 'workers', short: 'j', aliases: ['jobs'], kind: 'text', value: 'n' },
  retries: { name: 'retries', kind: 'number', value: 'n' },
  onFailure: { name: 'on-failure', aliases: ['halt'], kind: 'text', value: 'policy' },
  timeout: { name: 'timeout', kind: 'text', value: 'duration' },
  counters: { name: 'counters', kind: 'switch' },
  joblog: { name: 'joblog', kind: 'text', value: 'file' },
  dryRun: { name: 'dry-run', kind: 'switch' },
  tag: { name: 'tag', kind: 'switch' },
  progress: { name: 'no-progress', kind: 'off' },
  tmpDir: { name: 'tmp-dir', kind: 'text', value: 'directory' },
  jobconf: { name: 'jobconf', short: 'D', kind: 'pairs', value: 'name=value' },
}

export interface ParsedArguments {
  readonly settings: StreamSettings
  /** What is ignored, and said so. */
  readonly warnings: readonly string[]
}

/** @throws PlanError for a text without a name and = */
export function pairOf(name: string, text: string): Record<string, string> {
  const at = text.indexOf('=')
  if (at < 1) throw new PlanError(`stream: ${name}: expected NAME=value, got "${text}".`)
  return { [text.slice(0, at)]: text.slice(at + 1) }
}

/** The check of a streaming job's options, by zod. Their descriptions are what `--help` prints. */
import { z } from 'zod'
import { PlanError } from '../errors.ts'
import { unknownName } from '../nearest.ts'
import type { GroupFunction, LineFunction, Program, StreamOptions, StreamSettings } from './options.ts'

const whole = (least: number): z.ZodType<number, number> => {
  const message = `expected a whole number of ${least} or more`
  return z.int(message).min(least, message)
}
/** A number, or a text that says how much with a unit. */
const amount = (least: number, text: RegExp, message: string): z.ZodType<number | string, number | string> =>
  z.union([z.number().min(least), z.string().regex(text, message)], message)
const bytes = amount(1, /^[1-9]\d*(\.\d+)?\s*([kKMG]i?)?B?$/, 'expected bytes, or a size like 64MB').transform(
  (given) => (typeof given === 'number' ? given : bytesOf(given)),
)
const seconds = amount(0.001, /^\d+(\.\d+)?(ms|s|m|h)?$/, 'expected seconds, or a duration like 30s').transform(
  (given) => (typeof given === 'number' ? given * 1000 : millisecondsOf(given)),
)
const workers = amount(1, /^[1-9]\d*%?$/, 'expected a number of programs, or a share of the cores like 50%').optional()
const texts = z
  .union([z.string(), z.array(z.string())])
  .transform((given) => (typeof given === 'string' ? [given] : given))

/** A function is checked for being one; what it takes and gives, its type says. */
function program<Fn>(what: string): z.ZodType<Program<Fn>, Program<Fn>> {
  const isProgram = (given: unknown): boolean =>
    typeof given === 'function' ||
    (typeof given === 'string' && given.trim() !== '') ||
    (Array.isArray(given) && given.length > 0 && given.every((word) => typeof word === 'string'))
  return z.custom<Program<Fn>>(isProgram, `expected a ${what}: a command, a list of words, or a function`)
}

const options = z.strictObject({
  input: texts
    .optional()
    .describe('Files, directories or globs; - is standard input, cut by --split. May be repeated.'),
  inputsFrom: z.string().optional().describe('A file that lists inputs, one a line; - is standard input.'),
  nullSeparated: z.boolean().default(false).describe('The names of --inputs-from are separated by NUL.'),
  inputFormat: z
    .string()
    .regex(/^(lines|keyvalue|path|nline:[1-9]\d*)$/, 'expected lines, keyvalue, path or nline:n')
    .default('lines')
    .describe('What a program reads: lines, the path of its input (path), or n lines each (nline:n).'),
  split: bytes.optional().describe('Cut files into pieces of about this size, on line ends: 64MB.'),
  recordEnd: z
    .string()
    .min(1, 'expected at least one character')
    .default('\n')
    .describe('Cut files after this text instead of line ends: a record is never parted.'),
  header: z.boolean().default(false).describe('The first line of a file is a header, which each piece of it gets too.'),
  pack: bytes.optional().describe('Give one program several small files, up to this size in all.'),
  filesPerJob: whole(1).optional().describe('Give one program this many files.'),
  mapper: program<LineFunction>('mapper')
    .optional()
    .describe('The program that each input goes through. Without it: cat.'),
  combiner: program<GroupFunction>('combiner')
    .optional()
    .describe('A reducer for what one mapper wrote, before the shuffle.'),
  reducer: program<GroupFunction>('reducer')
    .optional()
    .describe('The program that reads the lines of all mappers, sorted by key. `aggregate` sums as Hadoop’s does.'),
  reducers: whole(1).optional().describe('How many reducers, and parts of the output. By default as many as workers.'),
  keySeparator: z
    .string()
    .min(1, 'expected at least one character')
    .default('\t')
    .describe('What ends a field of a key. By default a tab.'),
  keyFieldSeparator: z
    .string()
    .min(1, 'expected at least one character')
    .optional()
    .describe('What parts the fields of a key for --sort and --partition-key. By default --key-separator.'),
  keyFields: whole(1).default(1).describe('How many fields of a line are its key.'),
  reducerSeparator: z
    .string()
    .optional()
    .describe('What a reducer reads between key and value. By default what stood there.'),
  partitionKey: z.string().optional().describe('The fields of the key that choose the reducer: 1,2 or sort’s -k1,2.'),
  sort: z.string().optional().describe("The order of keys, in sort's words: '-k1,1 -k2,2nr'. By default bytes."),
  output: z
    .string()
    .min(1, 'expected a path')
    .optional()
    .describe('A directory of parts, or a file for each input: out/{/.}.json. Without it: standard output, in order.'),
  overwrite: z.boolean().default(false).describe('Replace an existing output.'),
  compress: z.boolean().default(false).describe('Compress the output with gzip.'),
  skipEmpty: z.boolean().default(false).describe('Write no part without content.'),
  env: z
    .record(z.string(), z.string())
    .default({})
    .describe('Variables for the programs: NAME=value. May be repeated.'),
  files: z.array(z.string()).default([]).describe('Run programs in a directory that holds these: path or path#name.'),
  okExit: z
    .union([z.array(whole(0)), z.literal('any')], 'expected exit codes from 0, or any')
    .default([0])
    .describe('Exit codes that are no failure: 0,1 for grep.'),
  inline: z
    .boolean()
    .default(false)
    .describe('Call functions in this process, one at a time, so that a debugger stops in them.'),
  workers: workers.describe('How many programs run at once, or a share of the cores. By default one for each core.'),
  retries: whole(0).default(0).describe('How often a failed program is tried again.'),
  onFailure: z
    .enum(['continue', 'no-new', 'kill'] as const, 'expected continue, no-new or kill')
    .optional()
    .describe('After a failure: continue with the rest, start no new ones, or kill those that run.'),
  timeout: seconds.optional().describe('How long a program may run, in seconds or as 30s, 5m, 1h.'),
  counters: z
    .boolean()
    .default(false)
    .describe('Count records too, which reads inputs and outputs once more, and print the job’s own counters.'),
  joblog: z
    .string()
    .min(1, 'expected a path')
    .optional()
    .describe('Append a line for each program, in the columns of GNU Parallel.'),
  dryRun: z.boolean().default(false).describe('Print what would run, and run nothing.'),
  tag: z.boolean().default(false).describe('Begin each line of standard output with its input and a tab.'),
  progress: z.boolean().default(true).describe('A progress line, on a terminal.'),
  tmpDir: z.string().optional().describe('Where to keep what the sort cannot hold in memory.'),
  jobconf: z.record(z.string(), z.string()).default({}).describe('Hadoop’s properties, seen by programs as variables.'),
})

/** An option that is undefined is one that is not given. */
type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined }

export const streamOptions: z.ZodType<Loose<StreamSettings>, Loose<StreamOptions>> = options

export function descriptionOf(key: keyof StreamOptions): string {
  return options.shape[key].description ?? ''
}

/**
 * @param nameOf how the user spelt an option: `option retries` or `--retries`
 * @throws PlanError naming the option that is wrong, what it was and what it may be
 */
export function readOptions(
  given: unknown,
  nameOf: (key: string) => string = (key) => `option ${key}`,
): StreamSettings {
  const result = streamOptions.safeParse(given)
  // Zod keeps keys whose value is undefined, which the settings read as absent.
  if (result.success) return result.data as StreamSettings
  const issue = result.error.issues[0]
  if (issue === undefined || issue.path.length === 0)
    throw issue?.code === 'unrecognized_keys'
      ? unknownName('stream: unknown option', issue.keys[0] ?? '', Object.keys(options.shape))
      : new PlanError(`stream: ${issue?.message}.`)
  const key = String(issue.path[0])
  const value: unknown = (given as Record<string, unknown>)[key]
  throw new PlanError(`stream: ${nameOf(key)}: ${issue.message}, got ${JSON.stringify(value) ?? String(value)}.`)
}

const UNITS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3 }

function bytesOf(text: string): number {
  const [, amount, unit = ''] = /^([\d.]+)\s*([kmg]i?)?b?$/i.exec(text) ?? []
  return Math.round(Number(amount) * (UNITS[unit.toLowerCase()] ?? 1))
}

function millisecondsOf(text: string): number {
  const [, amount, unit = 's'] = /^([\d.]+)(ms|s|m|h)?$/.exec(text) ?? []
  return Number(amount) * ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[unit] ?? 1)
}

/**
 * Hadoop's command line: the options of `hadoop jar hadoop-streaming.jar` with a single dash, with Hadoop's defaults: one reducer, which
 * is the identity where none is given; no shell around a command; four attempts, and the end of the job when the last of them fails.
 * Source: HadoopStreaming.md.vm and StreamJob.java of Apache Hadoop.
 */
import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { PlanError } from '../errors.ts'
import { splitList } from '../io/glob.ts'
import { unknownName } from '../nearest.ts'
import { type ParsedArguments, pairOf } from './flags.ts'
import type { StreamOptions } from './options.ts'
import { readOptions } from './schema.ts'

/** Whether an option is followed by its value. */
const TAKES_VALUE: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(
    [
      [
        'input',
        'output',
        'mapper',
        'reducer',
        'combiner',
        'partitioner',
        'inputformat',
        'outputformat',
        'numReduceTasks',
      ],
      [
        'cmdenv',
        'D',
        'jobconf',
        'file',
        'files',
        'cacheFile',
        'archives',
        'cacheArchive',
        'libjars',
        'io',
        'conf',
        'fs',
        'jt',
      ],
      ['mapdebug', 'reducedebug', 'inputreader'],
    ]
      .flat()
      .map((name) => [name, true]),
  ),
  ...Object.fromEntries(['lazyOutput', 'verbose', 'background', 'info', 'debug'].map((name) => [name, false])),
}

/** Options that mean something only to a cluster or to Java. */
const WITHOUT_MEANING = new Set([
  'libjars',
  'conf',
  'fs',
  'jt',
  'mapdebug',
  'reducedebug',
  'verbose',
  'background',
  'info',
  'debug',
])

/** The end of a Java class's name that stands for what is here too. */
const CLASSES = {
  partitioner: { HashPartitioner: 'hash', KeyFieldBasedPartitioner: 'fields' },
  inputformat: { TextInputFormat: 'lines', KeyValueTextInputFormat: 'keyvalue', NLineInputFormat: 'nline' },
  outputformat: { TextOutputFormat: 'text' },
  comparator: { KeyFieldBasedComparator: 'fields' },
} as const

/** Old names of properties, and theirs now. */
const RENAMED: Readonly<Record<string, string>> = {
  'mapred.reduce.tasks': 'mapreduce.job.reduces',
  'mapred.text.key.partitioner.options': 'mapreduce.partition.keypartitioner.options',
  'mapred.text.key.comparator.options': 'mapreduce.partition.keycomparator.options',
  'map.output.key.field.separator': 'mapreduce.map.output.key.field.separator',
  'mapred.output.key.comparator.class': 'mapreduce.job.output.key.comparator.class',
  'mapred.output.compress': 'mapreduce.output.fileoutputformat.compress',
  'mapred.output.compression.codec': 'mapreduce.output.fileoutputformat.compress.codec',
  'mapred.map.max.attempts': 'mapreduce.map.maxattempts',
  'mapred.line.input.format.linespermap': 'mapreduce.input.lineinputformat.linespermap',
}

/** Properties that are followed, or that every program may see without anything here following them. */
const FOLLOWED = new Set([
  ...Object.values(RENAMED),
  'stream.map.output.field.separator',
  'stream.num.map.output.key.fields',
  'stream.reduce.input.field.separator',
  'stream.non.zero.exit.is.failure',
  'mapreduce.job.name',
  'mapred.job.name',
])

export function isHadoopLine(argv: readonly string[]): boolean {
  return argv.some(
    (word) => word.length > 2 && word.startsWith('-') && !word.startsWith('--') && word.slice(1) in TAKES_VALUE,
  )
}

/** @throws PlanError for what is no option, has no value, or asks for Java */
export function parseHadoopArguments(argv: readonly string[]): ParsedArguments {
  const given = givenOptions(argv)
  const last = (name: string): string | undefined => given.get(name)?.at(-1)
  const warnings = [...given.keys()]
    .filter((name) => WITHOUT_MEANING.has(name))
    .map((name) => `-${name} has no meaning here`)
  const jobconf = properties([...(given.get('D') ?? []), ...(given.get('jobconf') ?? [])])
  warnings.push(
    ...Object.keys(jobconf)
      .filter((name) => !FOLLOWED.has(name))
      .map((name) => `the property ${name} is not followed`),
  )
  for (const name of ['archives', 'cacheArchive', 'inputreader'])
    if (given.has(name))
      throw new PlanError(`stream: -${name} is not supported. Unpack it first, and name its files with -files.`)
  if (![undefined, 'text'].includes(last('io')))
    throw new PlanError(`stream: -io ${last('io')} is not supported, only text.`)
  if (last('outputformat') !== undefined) classOf('outputformat', last('outputformat') ?? '')
  const reducers = Number(last('numReduceTasks') ?? jobconf['mapreduce.job.reduces'] ?? 1)
  const isMapOnly = last('reducer') === 'NONE' || reducers === 0
  const files = ['file', 'files', 'cacheFile']
    .flatMap((name) => given.get(name) ?? [])
    .flatMap((text) => text.split(','))
  const reducer = last('reducer') === 'aggregate' ? 'aggregate' : programOf('reducer', last('reducer') ?? 'cat', files)
  const options: StreamOptions = {
    input: (given.get('input') ?? []).flatMap(splitList).filter((path) => path !== ''),
    ...optional('output', last('output')),
    mapper: programOf('mapper', last('mapper') ?? 'cat', files),
    ...optional(
      'combiner',
      last('combiner') === undefined ? undefined : programOf('combiner', last('combiner') ?? '', files),
    ),
    ...(isMapOnly ? {} : { reducer, reducers }),
    inputFormat: inputFormat(last('inputformat'), jobconf),
    ...keyOptions(last('partitioner'), jobconf),
    compress: jobconf['mapreduce.output.fileoutputformat.compress'] === 'true',
    skipEmpty: given.has('lazyOutput'),
    env: Object.assign({}, ...(given.get('cmdenv') ?? []).map((text) => pairOf('-cmdenv', text))) as Record<
      string,
      string
    >,
    files,
    okExit: jobconf['stream.non.zero.exit.is.failure'] === 'false' ? 'any' : [0],
    retries: Number(jobconf['mapreduce.map.maxattempts'] ?? 4) - 1,
    onFailure: 'kill',
    counters: true,
    jobconf,
  }
  const codec = jobconf['mapreduce.output.fileoutputformat.compress.codec']
  if (options.compress === true && codec !== undefined && !codec.endsWith('.GzipCodec'))
    throw new PlanError(`stream: the codec ${codec} is not supported. Use org.apache.hadoop.io.compress.GzipCodec.`)
  return { settings: readOptions(options, (key) => `-${key}`), warnings }
}

function givenOptions(argv: readonly string[]): Map<string, string[]> {
  const given = new Map<string, string[]>()
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] ?? ''
    // `-Dname=value` is what Hadoop's generic options allow.
    const joint = /^-D(.+=.*)$/s.exec(word)?.[1]
    const name = joint === undefined ? word.replace(/^-/, '') : 'D'
    if (!word.startsWith('-'))
      throw new PlanError(`stream: unexpected "${word}". Give inputs with -input, and quote a command with spaces.`)
    if (!(name in TAKES_VALUE))
      throw unknownName(
        `stream: unknown option`,
        word,
        Object.keys(TAKES_VALUE).map((known) => `-${known}`),
      )
    const value = joint ?? (TAKES_VALUE[name] === true ? argv[++i] : '')
    if (value === undefined) throw new PlanError(`stream: -${name} needs a value.`)
    given.set(name, [...(given.get(name) ?? []), value])
  }
  return given
}

function properties(texts: readonly string[]): Record<string, string> {
  const all = Object.assign({}, ...texts.map((text) => pairOf('-D', text))) as Record<string, string>
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [RENAMED[name] ?? name, value]))
}

function keyOptions(
  partitioner: string | undefined,
  jobconf: Readonly<Record<string, string>>,
): Partial<StreamOptions> {
  const separator = jobconf['stream.map.output.field.separator'] ?? '\t'
  const comparator = jobconf['mapreduce.job.output.key.comparator.class']
  const order = comparator !== undefined && classOf('comparator', comparator) === 'fields'
  const fields = partitioner !== undefined && classOf('partitioner', partitioner) === 'fields'
  return {
    keySeparator: separator,
    keyFieldSeparator: jobconf['mapreduce.map.output.key.field.separator'] ?? '\t',
    keyFields: Number(jobconf['stream.num.map.output.key.fields'] ?? 1),
    // Hadoop cuts key from value and joins them again: a reducer reads a tab between them, whatever stood there.
    reducerSeparator: jobconf['stream.reduce.input.field.separator'] ?? '\t',
    ...(order ? optional('sort', jobconf['mapreduce.partition.keycomparator.options']) : {}),
    ...(fields ? optional('partitionKey', jobconf['mapreduce.partition.keypartitioner.options']) : {}),
  }
}

function inputFormat(given: string | undefined, jobconf: Readonly<Record<string, string>>): string {
  const format = given === undefined ? 'lines' : classOf('inputformat', given)
  return format === 'nline' ? `nline:${jobconf['mapreduce.input.lineinputformat.linespermap'] ?? 1}` : format
}

function classOf(kind: keyof typeof CLASSES, name: string): string {
  const known: Readonly<Record<string, string>> = CLASSES[kind]
  const meaning = known[name.split('.').at(-1) ?? '']
  if (meaning !== undefined) return meaning
  throw new PlanError(
    `stream: the ${kind} ${name} is Java, which does not run here. Known: ${Object.keys(known).join(', ')}.`,
  )
}

/** A command as Hadoop reads it: words, quotes around them, no shell. Its own identity classes are what `cat` does. */
function programOf(kind: string, text: string, files: readonly string[]): readonly string[] {
  if (/^org\.apache\.hadoop\.[\w.]*\.(Identity(Mapper|Reducer)|Mapper|Reducer)$/.test(text)) return ['cat']
  if (/^(org|com|net)(\.\w+){2,}$/.test(text))
    throw new PlanError(`stream: the ${kind} ${text} is a Java class, which does not run here. Give a command.`)
  const [program = '', ...args] = wordsOf(text)
  // Hadoop looks for a program where the files are before it looks on the PATH.
  const names = files.map((file) => file.split('#')[1] ?? basename(file))
  const isHere = files.length === 0 ? existsSync(program) : names.includes(program)
  return [isHere && !program.includes('/') ? `./${program}` : program, ...args]
}

/** Words parted by spaces; single and double quotes hold them together, a backslash is one. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) =>
    word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'),
  )
}

function optional<Key extends keyof StreamOptions>(
  key: Key,
  value: StreamOptions[Key] | undefined,
): Partial<StreamOptions> {
  return value === undefined ? {} : { [key]: value }
}

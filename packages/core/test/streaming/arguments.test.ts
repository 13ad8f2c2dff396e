import { expect, test } from 'vitest'
import { parseStreamArguments } from '../../src/streaming/arguments.ts'
import { FLAGS } from '../../src/streaming/flags.ts'
import { streamHelp } from '../../src/streaming/help.ts'
import { parseKeyParts } from '../../src/streaming/key-parts.ts'
import { readOptions } from '../../src/streaming/schema.ts'

function settings(...argv: string[]): unknown {
  return parseStreamArguments(argv).settings
}

function message(...argv: string[]): string {
  try {
    parseStreamArguments(argv)
    return 'nothing was thrown'
  } catch (error) {
    return String(error)
  }
}

test('options are read in their long, short and joined forms', () => {
  expect(
    settings('-i', 'a', '--input=b', '-j', '2', '--retries', '1', '--env', 'A=1=2', '--env', 'B=', '-0'),
  ).toMatchObject({
    input: ['a', 'b'],
    workers: '2',
    retries: 1,
    env: { A: '1=2', B: '' },
    nullSeparated: true,
  })
})

test('sizes and durations have units', () => {
  expect(settings('--split', '64MB', '--timeout', '1.5m')).toMatchObject({ split: 64e6, timeout: 90_000 })
  expect(settings('--split', '2KiB', '--timeout', '3')).toMatchObject({ split: 2048, timeout: 3000 })
})

test("GNU Parallel's words for what happens after a failure are taken", () => {
  expect(settings('--halt', 'now,fail=1')).toMatchObject({ onFailure: 'kill' })
  expect(settings('--halt', 'soon,fail=1')).toMatchObject({ onFailure: 'no-new' })
  expect(settings('--halt', 'never')).toMatchObject({ onFailure: 'continue' })
})

test.each([
  [['--inptu', 'a'], 'PlanError: stream: unknown option --inptu. Did you mean --input?'],
  [['--retries', 'x'], 'PlanError: stream: --retries: expected a whole number of 0 or more, got "x".'],
  [['--split', '0'], 'PlanError: stream: --split: expected bytes, or a size like 64MB, got "0".'],
  [['--on-failure', 'stop'], 'PlanError: stream: --on-failure: expected continue, no-new or kill, got "stop".'],
  [['--mapper'], 'PlanError: stream: --mapper needs a value: command.'],
  [['--overwrite=yes'], 'PlanError: stream: --overwrite takes no value.'],
  [['data'], 'PlanError: stream: unexpected "data". Give inputs with --input, and quote a command with spaces.'],
  [['--env', 'A'], 'PlanError: stream: --env: expected NAME=value, got "A".'],
  [['-inputs', 'a', '-mapper', 'cat'], 'PlanError: stream: unknown option -inputs. Did you mean -input?'],
  [
    ['-input', 'a', '-mapper', 'python3', 'map.py'],
    'PlanError: stream: unexpected "map.py". Give inputs with -input, and quote a command with spaces.',
  ],
  [['-input', 'a', '-mapper'], 'PlanError: stream: -mapper needs a value.'],
  [['-input', 'a', '-io', 'typedbytes'], 'PlanError: stream: -io typedbytes is not supported, only text.'],
  [
    ['-input', 'a', '-mapper', 'org.example.MyMapper'],
    'PlanError: stream: the mapper org.example.MyMapper is a Java class, which does not run here. Give a command.',
  ],
])('%j is refused', (argv, expected) => {
  expect(message(...argv)).toBe(expected)
})

test("a Hadoop line has Hadoop's defaults: one identity reducer, four attempts, no shell", () => {
  expect(settings('-input', 'a', '-input', 'b', '-output', 'o', '-mapper', `python3 'my map.py' "x y"`)).toMatchObject({
    input: ['a', 'b'],
    output: 'o',
    mapper: ['python3', 'my map.py', 'x y'],
    reducer: ['cat'],
    reducers: 1,
    retries: 3,
    onFailure: 'kill',
    okExit: [0],
  })
})

test('a Hadoop line without reducers is map-only', () => {
  for (const line of [
    ['-reducer', 'NONE'],
    ['-numReduceTasks', '0'],
    ['-D', 'mapred.reduce.tasks=0'],
  ])
    expect(settings('-input', 'a', '-mapper', 'cat', ...line)).not.toHaveProperty('reducer')
})

test("Hadoop's properties for keys are followed, others are named as ignored", () => {
  const { settings, warnings } = parseStreamArguments([
    ...['-D', 'stream.map.output.field.separator=.', '-D', 'stream.num.map.output.key.fields=4'],
    ...['-D', 'mapreduce.map.output.key.field.separator=.', '-Dmapreduce.partition.keypartitioner.options=-k1,2'],
    ...[
      '-D',
      'mapreduce.job.output.key.comparator.class=org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedComparator',
    ],
    ...[
      '-D',
      'mapreduce.partition.keycomparator.options=-k2,2nr',
      '-D',
      'mapreduce.map.memory.mb=1',
      '-numReduceTasks',
      '12',
    ],
    ...['-input', 'a', '-output', 'o', '-mapper', 'cat', '-reducer', 'org.apache.hadoop.mapred.lib.IdentityReducer'],
    ...['-partitioner', 'org.apache.hadoop.mapred.lib.KeyFieldBasedPartitioner', '-verbose'],
  ])
  expect(settings).toMatchObject({
    keySeparator: '.',
    keyFields: 4,
    reducerSeparator: '\t',
    partitionKey: '-k1,2',
    sort: '-k2,2nr',
    reducers: 12,
  })
  expect(warnings).toEqual(['-verbose has no meaning here', 'the property mapreduce.map.memory.mb is not followed'])
})

test('an option of the function is named as there', () => {
  expect(() => readOptions({ input: 'a', mappr: 'cat' })).toThrow('stream: unknown option mappr. Did you mean mapper?')
  expect(() => readOptions({ input: 'a', retries: -1 })).toThrow(
    'stream: option retries: expected a whole number of 0 or more, got -1.',
  )
  expect(() => readOptions({ inptu: 'a' })).toThrow('stream: unknown option inptu.')
  expect(() => readOptions({ mapper: 3 })).toThrow(
    'expected a mapper: a command, a list of words, or a function, got 3',
  )
})

test('help names every option', () => {
  for (const { name } of Object.values(FLAGS)) expect(streamHelp()).toContain(`--${name}`)
})

test("keys are read in sort's words", () => {
  const key = { startField: 1, startChar: 1, endField: 0, endChar: 0, isNumeric: false, isReverse: false }
  expect(parseKeyParts('sort', '-k1,1 -k2,2nr')).toEqual([
    { ...key, endField: 1 },
    { ...key, startField: 2, endField: 2, isNumeric: true, isReverse: true },
  ])
  expect(parseKeyParts('sort', '-n -k 2.3,4.5')).toEqual([
    { startField: 2, startChar: 3, endField: 4, endChar: 5, isNumeric: true, isReverse: false },
  ])
  expect(parseKeyParts('sort', '-r')).toEqual([{ ...key, isReverse: true }])
  expect(parseKeyParts('partition key', '1,2')).toEqual([{ ...key, endField: 2 }])
  expect(() => parseKeyParts('sort', '-k0')).toThrow(
    'stream: sort: expected keys like -k1,1 or -k2,2nr, got "-k0". Fields count from 1.',
  )
})

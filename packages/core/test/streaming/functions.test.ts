import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PlanError, TaskError } from '../../src/errors.ts'
import type { KindlingEvent } from '../../src/run/events.ts'
import { stream, streamLocal } from '../../src/streaming/stream.ts'
import { everything } from './command.ts'

let folder: string
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'kindling-functions-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Takes what is written; its text. */
function sink(): Writable & { text(): string } {
  const pieces: Buffer[] = []
  const writable = new Writable({
    write(bytes: Buffer, _encoding, done) {
      pieces.push(bytes)
      done()
    },
  })
  return Object.assign(writable, { text: () => Buffer.concat(pieces).toString() })
}

const words = (line: string): string[] => line.split(' ').map((word) => `${word}\t1`)
function* sums(key: string, values: Iterable<string>): Generator<string> {
  let sum = 0
  for (const value of values) sum += Number(value)
  yield `${key}\t${sum}`
}

test('functions stand in for commands, with what they captured', async () => {
  const prefix = 'w:'
  const mapper = (line: string): string[] => words(line).map((pair) => prefix + pair)
  expect(await streamLocal({ mapper, reducer: sums, combiner: sums, lines: ['b a', 'b'] })).toEqual([
    'w:a\t1',
    'w:b\t2',
  ])
})

test('functions and commands are mixed', async () => {
  expect(await streamLocal({ mapper: words, reducer: 'cut -f1 | uniq -c | tr -s " "', lines: ['b a', 'b'] })).toEqual([
    ' 1 a',
    ' 2 b',
  ])
  expect(await streamLocal({ mapper: ['tr', 'a-z', 'A-Z'], reducer: (key) => key, lines: ['b', 'a', 'b'] })).toEqual([
    'A',
    'B',
  ])
})

test('rows travel as JSON lines, and as pairs of a key and JSON', async () => {
  const mapper = (line: string): string => {
    const { user, n } = JSON.parse(line) as { user: string; n: number }
    return `${user}\t${JSON.stringify({ n, tab: '\t' })}`
  }
  const reducer = (user: string, rows: Iterable<string>): string =>
    JSON.stringify({ user, n: [...rows].reduce((sum, row) => sum + (JSON.parse(row) as { n: number }).n, 0) })
  const lines = [
    { user: 'ada', n: 1 },
    { user: 'bob', n: 2 },
    { user: 'ada', n: 3 },
  ].map((row) => JSON.stringify(row))
  expect((await streamLocal({ mapper, reducer, lines })).map((line) => JSON.parse(line) as unknown)).toEqual([
    { user: 'ada', n: 4 },
    { user: 'bob', n: 2 },
  ])
})

test('a function may give one line, several, none, or a promise of them', async () => {
  const mapper = async (line: string): Promise<string | string[] | null> =>
    line === '1' ? 'one' : line === '2' ? ['two', 'zwei'] : null
  expect(await streamLocal({ mapper, lines: ['1', '2', '3'] })).toEqual(['one', 'two', 'zwei'])
})

test('a function that leaves values unread gets the next key all the same', async () => {
  const reducer = (key: string, values: Iterable<string>): string => {
    for (const value of values) return `${key}=${value}`
    return ''
  }
  expect(await streamLocal({ reducer, lines: ['a\t1', 'a\t2', 'b\t3', 'c'] })).toEqual(['a=1', 'b=3', 'c='])
})

test('a function that throws fails its program with its own stack; a captured socket is refused before anything runs', async () => {
  const failing = (line: string): string => {
    if (line === 'bad') throw new TypeError('this line is bad')
    return line
  }
  const stderr = sink()
  writeFileSync(join(folder, 'in'), 'good\nbad\n')
  const error = await stream(
    { input: join(folder, 'in'), mapper: failing, progress: false },
    { stdout: sink(), stderr },
  ).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(TaskError)
  expect((error as TaskError).message).toMatch(
    /^stream: .*in: the command ".*" ended with exit code 1\..*TypeError: this line is bad/s,
  )
  expect(stderr.text()).toMatch(/TypeError: this line is bad\n.*functions\.test\.ts/)
  const result = streamLocal({ mapper: () => String(process.stdout.fd) + String(new WeakMap().has({})), lines: ['x'] })
  await expect(result).resolves.toEqual(['1false'])
  const held = new WeakMap()
  await expect(streamLocal({ mapper: (line) => String(held.has({ line })), lines: [] })).rejects.toThrow(
    /free variable "held" is a WeakMap and cannot be sent/,
  )
})

test('a module can export the function', async () => {
  writeFileSync(
    join(folder, 'job.mjs'),
    'const n = 2\nexport function twice(line) { return line.repeat(n) }\nexport const value = 1\n',
  )
  const module = join(folder, 'job.mjs')
  expect(await streamLocal({ mapper: `${module}#twice`, lines: ['ab'] })).toEqual(['abab'])
  await expect(streamLocal({ mapper: `${module}#twicee`, lines: [] })).rejects.toThrow(
    /exports no twicee\. Did you mean twice\?/,
  )
  await expect(streamLocal({ mapper: `${module}#value`, lines: [] })).rejects.toThrow(
    /"value" of ".*" is no function, got number/,
  )
  await expect(streamLocal({ mapper: `${folder}/none.ts#x`, lines: [] })).rejects.toThrow(/there is no module/)
})

test('the result tells of each program, the events of all', async () => {
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), `${name}\n`)
  const events: KindlingEvent[] = []
  const hooks = { onEvent: (event: KindlingEvent) => events.push(event), stderr: sink() }
  const options = {
    input: [join(folder, 'a'), join(folder, 'b')],
    mapper: 'cat; echo reporter:counter:g,n,3 >&2',
    output: join(folder, 'out'),
  }
  const result = await stream(options, hooks)
  expect(result.jobs).toMatchObject([
    { seq: 1, kind: 'mapper', exitCode: 0, signal: null, bytesIn: 2, bytesOut: 2, attempts: 1, isKept: false },
    { seq: 2, output: join(folder, 'out/part-00001') },
  ])
  expect(result.outputs).toEqual([join(folder, 'out/part-00000'), join(folder, 'out/part-00001')])
  expect(result.counters.get('g')?.get('n')).toBe(6)
  expect(result.counters.get('kindling')?.get('map input bytes')).toBe(4)
  expect(events.map(({ type }) => type).toSorted()).toEqual([
    'jobEnd',
    'jobStart',
    'stageEnd',
    'stageStart',
    'taskEnd',
    'taskEnd',
    'taskStart',
    'taskStart',
  ])
  expect(events.at(-1)).toMatchObject({ type: 'jobEnd', bytesRead: 4, bytesWritten: 4, error: null })
})

test('a signal ends the programs, and nothing is left', async () => {
  writeFileSync(join(folder, 'a'), 'x\n')
  const controller = new AbortController()
  const running = stream(
    { input: join(folder, 'a'), mapper: `echo half; touch ${folder}/started; sleep 66`, output: join(folder, 'out') },
    {
      signal: controller.signal,
      onEvent: ({ type }) => void (type === 'taskStart' && controller.abort(new Error('enough'))),
    },
  )
  await expect(running).rejects.toThrow('enough')
  expect(everything(folder).filter((name) => name !== 'started')).toEqual(['a'])
})

test('options of the function are checked', async () => {
  await expect(stream({ input: 'a', retries: -1 })).rejects.toBeInstanceOf(PlanError)
  await expect(stream({ input: [] })).rejects.toThrow('stream: there is no input.')
})

test('functions run in this process when asked to: themselves, with their environment, counters and failures', async () => {
  const here: string[] = []
  const mapper = (line: string): string[] => {
    here.push(line)
    process.stderr.write('reporter:counter:seen,lines,1\n')
    return words(line)
  }
  const reducer = (key: string, values: Iterable<string>): string =>
    `${key} ${[...values].length} ${process.env['mapreduce_task_ismap']}`
  const lines = ['b a', 'b']
  expect(await streamLocal({ mapper, reducer, lines, inline: true })).toEqual(['a 1 false', 'b 2 false'])
  expect(here).toEqual(lines)
  expect(process.env['mapreduce_task_ismap']).toBe(undefined)
  // Commands are processes all the same, and the answer is that of processes.
  for (const inline of [true, false])
    expect(await streamLocal({ mapper: words, combiner: sums, reducer: 'tr a-z A-Z', lines, inline })).toEqual([
      'A\t1',
      'B\t2',
    ])
  writeFileSync(join(folder, 'in'), 'x\nbad\n'.repeat(300))
  const options = { input: join(folder, 'in'), split: 500, workers: 4, inline: true, progress: false }
  const told = await stream({ ...options, mapper }, { stdout: sink(), stderr: sink() })
  expect(told.counters.get('seen')?.get('lines')).toBe(600)
  const failing = (line: string): string => {
    if (line === 'bad') throw new TypeError('this line is bad')
    return line
  }
  const stderr = sink()
  const error = await stream({ ...options, mapper: failing }, { stdout: sink(), stderr }).catch(
    (reason: unknown) => reason,
  )
  expect(String(error)).toContain('TypeError: this line is bad')
  // Its file goes with the job.
  expect(String(error)).not.toContain('Run it again')
  expect(stderr.text()).toMatch(/TypeError: this line is bad\n.*functions\.test\.ts/)
  await expect(stream({ ...options, mapper, timeout: 1 })).rejects.toThrow('Leave out timeout.')
})

test('what a function throws is told with its own line, and of the process that it was nothing', async () => {
  writeFileSync(join(folder, 'in'), 'x\n')
  const boom = (line: string): string => {
    throw new RangeError(`boom ${line}`)
  }
  for (const inline of [false, true]) {
    const stderr = sink()
    const options = { input: join(folder, 'in'), mapper: boom, inline, output: join(folder, `out-${inline}`) }
    const failed = stream(options, { stderr })
    await expect(failed).rejects.toThrow(
      /: the command "function boom" ended with exit code 1\. The end of its stderr:\n/,
    )
    const lines = stderr.text().trim().split('\n')
    expect(lines[0]).toMatch(/: RangeError: boom x$/)
    expect(lines.slice(1).every((line) => /functions\.test\.ts:\d+:\d+\)?$/.test(line))).toBe(true)
    expect(lines.length).toBeGreaterThan(1)
  }
})

test('a value that aggregate cannot put together is named with its key', async () => {
  const wrong = (lines: readonly string[]) => streamLocal({ mapper: 'cat', reducer: 'aggregate', lines })
  await expect(wrong(['LongValueSum:a\tx'])).rejects.toThrow(
    /the command "aggregate" ended with exit code 1\. The end of its stderr:\n {2}Error: aggregate: the key "LongValueSum:a": expected whole numbers, got "x"$/,
  )
  await expect(wrong(['DoubleValueSum:a\t'])).rejects.toThrow('the key "DoubleValueSum:a": expected numbers, got ""')
})

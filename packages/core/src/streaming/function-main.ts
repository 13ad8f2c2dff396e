/**
 * The program that a function becomes: reads lines from its standard input, calls the function for each, or for each group of lines with
 * the same key, and prints what that gives. Synchronous but for functions that return promises: a process of its own has nothing else to do.
 */
import { readFileSync, readSync, writeSync } from 'node:fs'
import { deserialize } from 'node:v8'
import type { Bundle } from '../closure/bundle.ts'
import { remapStack, reviveFunctions } from '../closure/revive.ts'
import { createLineCutter } from '../stream/line-cutter.ts'
import { type AggregateRole, aggregate } from './aggregate.ts'

export type FunctionRole = 'lines' | 'groups' | AggregateRole

export interface FunctionTask {
  readonly role: FunctionRole
  /** The function; null for what is built in. */
  readonly bundle: Bundle | null
  readonly separator: string
  readonly keyFields: number
}

const READ_BYTES = 256 * 1024
const WRITE_CHARACTERS = 64 * 1024

let text = ''

/** Files and blocking pipes are read at once, so that a function that pulls values never waits for an event. */
function* readLines(): Generator<string> {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  let lines: string[] = []
  const cutter = createLineCutter((line) => lines.push(line) > 0)
  for (let got = readSync(0, buffer, 0, READ_BYTES, null); got > 0; got = readSync(0, buffer, 0, READ_BYTES, null)) {
    // Copied: the cutter holds the beginning of a line until its end comes.
    cutter.write(Buffer.from(buffer.subarray(0, got)))
    yield* lines
    lines = []
  }
  cutter.end()
  yield* lines
}

function print(given: unknown): void {
  if (given === null || given === undefined) return
  if (typeof given === 'string') return printLine(given)
  if (typeof given === 'object' && Symbol.iterator in given) {
    for (const line of given as Iterable<unknown>) printLine(line)
    return
  }
  throw new TypeError(`a function of stream() gives lines: a string, several, or nothing, got ${typeof given}`)
}

function printLine(line: unknown): void {
  if (typeof line !== 'string')
    throw new TypeError(`a function of stream() gives lines, which are strings, got ${typeof line}`)
  text += `${line}\n`
  if (text.length >= WRITE_CHARACTERS) flush()
}

function flush(): void {
  const bytes = Buffer.from(text)
  text = ''
  for (let from = 0; from < bytes.length; ) from += writeSync(1, bytes, from)
}

/** Calls `fn` once for each key. What it leaves of the values is skipped. */
async function eachGroup(
  { separator, keyFields }: FunctionTask,
  fn: (key: string, values: Iterable<string>) => unknown,
): Promise<void> {
  const lines = readLines()
  const read = (): readonly [key: string, value: string] | null => {
    const line = lines.next()
    return line.done === true ? null : cut(line.value, separator, keyFields)
  }
  const ahead = { next: read() }
  while (ahead.next !== null) {
    const [key] = ahead.next
    const take = (): string | null => {
      const { next } = ahead
      if (next === null || next[0] !== key) return null
      ahead.next = read()
      return next[1]
    }
    const given = fn(key, valuesFrom(take))
    print(given instanceof Promise ? await given : given)
    while (take() !== null);
  }
}

function* valuesFrom(take: () => string | null): Generator<string> {
  for (let value = take(); value !== null; value = take()) yield value
}

/** Key and value: the value of a line without a separator is empty. */
function cut(line: string, separator: string, keyFields: number): readonly [key: string, value: string] {
  let at = -separator.length
  for (let field = 0; field < keyFields; field++) {
    at = line.indexOf(separator, at + separator.length)
    if (at < 0) return [line, '']
  }
  return [line.slice(0, at), line.slice(at + separator.length)]
}

async function main(task: FunctionTask): Promise<void> {
  if (task.role === 'aggregate-combiner' || task.role === 'aggregate-reducer') {
    await eachGroup(task, aggregate(task.role))
  } else {
    // Typed where it was given to stream().
    const [fn] = (task.bundle === null ? [] : await reviveFunctions(task.bundle)) as readonly ((
      ...args: unknown[]
    ) => unknown)[]
    if (fn === undefined) throw new Error('the task names no function')
    if (task.role === 'groups') await eachGroup(task, fn)
    else {
      for (const line of readLines()) {
        const given: unknown = fn(line)
        print(given instanceof Promise ? await given : given)
      }
    }
  }
  flush()
}

try {
  // Written by the driver, for this process.
  await main(deserialize(readFileSync(process.argv[2] ?? '')) as FunctionTask)
} catch (error) {
  process.exitCode = 1
  process.stderr.write(`${error instanceof Error ? remapStack(error.stack ?? String(error)) : String(error)}\n`)
}

/**
 * What a function does as a program: reads lines, calls the function for each, or for each group of lines with the same key, and writes what
 * that gives. Synchronous but for functions that return promises: files and blocking pipes are read at once, so that a function that pulls
 * values never waits for an event.
 */
import { readSync, writeSync } from 'node:fs'
import { createLineCutter } from '../stream/line-cutter.ts'
import { type AggregateRole, aggregate } from './aggregate.ts'

export type FunctionRole = 'lines' | 'groups' | AggregateRole

export interface FunctionProgram {
  readonly role: FunctionRole
  /** The function; null for what is built in. */
  readonly fn: ((...args: unknown[]) => unknown) | null
  readonly separator: string
  readonly keyFields: number
}

/** Descriptors. */
export interface Streams {
  readonly input: number
  readonly output: number
}

const READ_BYTES = 256 * 1024
const WRITE_CHARACTERS = 64 * 1024

/** @throws what the function throws */
export async function runFunction({ role, fn, ...keys }: FunctionProgram, { input, output }: Streams): Promise<void> {
  const lines = readLines(input)
  const printer = openPrinter(output)
  if (role === 'aggregate-combiner' || role === 'aggregate-reducer')
    await eachGroup(lines, keys, printer, aggregate(role))
  else if (fn === null) throw new Error('the program names no function')
  else if (role === 'groups') await eachGroup(lines, keys, printer, fn)
  else {
    for (const line of lines) {
      const given: unknown = fn(line)
      printer.print(given instanceof Promise ? await given : given)
    }
  }
  printer.flush()
}

function* readLines(input: number): Generator<string> {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  let lines: string[] = []
  const cutter = createLineCutter((line) => lines.push(line) > 0)
  for (
    let got = readSync(input, buffer, 0, READ_BYTES, null);
    got > 0;
    got = readSync(input, buffer, 0, READ_BYTES, null)
  ) {
    // Copied: the cutter holds the beginning of a line until its end comes.
    cutter.write(Buffer.from(buffer.subarray(0, got)))
    yield* lines
    lines = []
  }
  cutter.end()
  yield* lines
}

interface Printer {
  print(given: unknown): void
  flush(): void
}

function openPrinter(output: number): Printer {
  let text = ''
  const flush = (): void => {
    const bytes = Buffer.from(text)
    text = ''
    for (let from = 0; from < bytes.length; ) from += writeSync(output, bytes, from)
  }
  const printLine = (line: unknown): void => {
    if (typeof line !== 'string')
      throw new TypeError(`a function of stream() gives lines, which are strings, got ${typeof line}`)
    text += `${line}\n`
    if (text.length >= WRITE_CHARACTERS) flush()
  }
  return {
    print(given) {
      if (given === null || given === undefined) return
      if (typeof given === 'string') printLine(given)
      else if (typeof given === 'object' && Symbol.iterator in given) {
        for (const line of given as Iterable<unknown>) printLine(line)
      } else
        throw new TypeError(`a function of stream() gives lines: a string, several, or nothing, got ${typeof given}`)
    },
    flush,
  }
}

/** Calls `fn` once for each key. What it leaves of the values is skipped. */
async function eachGroup(
  lines: Generator<string>,
  { separator, keyFields }: Pick<FunctionProgram, 'separator' | 'keyFields'>,
  printer: Printer,
  fn: (key: string, values: Iterable<string>) => unknown,
): Promise<void> {
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
    printer.print(given instanceof Promise ? await given : given)
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

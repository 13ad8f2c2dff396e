/**
 * The contract: what a program answers on every engine there is. A case is a program and what it must give, exactly, or a part
 * of the message it must reject with; each runs on all engines, and each engine serves all cases of a file one after another,
 * so that a case that leaves it broken breaks the next.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { type Context, type ContextOptions, createContext } from 'kindling'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** Where the cases run; `local[1]` has one worker, whose tasks wait for each other. */
export const ENGINES: readonly (readonly [name: string, options: ContextOptions])[] = [
  ['inline', { master: 'inline' }],
  ['local[1]', { master: 'local[1]' }],
  ['local[2]', { master: 'local[2]' }],
  ['local[2] in processes', { master: 'local[2]', isolation: 'process' }],
]

export interface Case {
  readonly name: string
  readonly program: (ctx: Context, directory: string) => Promise<unknown>
  /** The answer, compared strictly; or, made by `failure`, parts of the message. */
  readonly expected: unknown
}

class Failure {
  readonly kind: string
  readonly parts: readonly string[]

  constructor(kind: string, parts: readonly string[]) {
    this.kind = kind
    this.parts = parts
  }
}

/** Expects a rejection with an error of this name whose message holds all parts. */
export function failure(kind: 'PlanError' | 'ClosureError' | 'DataError' | 'TaskError', ...parts: string[]): unknown {
  return new Failure(kind, parts)
}

/** Runs all cases on all engines, each with a directory of its own. */
export function contract(theme: string, cases: readonly Case[]): void {
  describe.each(ENGINES)(`${theme} on %s`, (_name, options) => {
    let ctx: Context
    beforeAll(async () => {
      ctx = await createContext(options)
    })
    afterAll(() => ctx.stop())

    for (const { name, program, expected } of cases) {
      test(name, async () => {
        const directory = mkdtempSync(join(tmpdir(), 'kindling-contract-'))
        try {
          await check(async () => program(ctx, directory), expected)
        } finally {
          rmSync(directory, { recursive: true, force: true })
        }
      })
    }
  })
}

/** Rows whose order is free, in one order: that of their text. */
export function unordered<T>(rows: Iterable<T>): T[] {
  const text = (row: T): string => inspect(row, { depth: Infinity, maxArrayLength: Infinity, sorted: true })
  return Array.from(rows, (row) => ({ row, text: text(row) }))
    .sort((a, b) => (a.text < b.text ? -1 : Number(a.text > b.text)))
    .map(({ row }) => row)
}

/** The tasks of each stage that an action runs, in the order in which stages start. */
export async function stagesOf(ctx: Context, action: () => Promise<unknown>): Promise<number[]> {
  const tasks: number[] = []
  const off = ctx.on('stageStart', ({ taskCount }) => tasks.push(taskCount))
  await action()
  off()
  return tasks
}

/** Writes files into a directory and gives it back. */
export function withFiles(directory: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content)
  return directory
}

async function check(run: () => Promise<unknown>, expected: unknown): Promise<void> {
  if (!(expected instanceof Failure)) {
    expect(await run()).toStrictEqual(expected)
    return
  }
  const error: unknown = await run().then(
    (value) => expect.unreachable(`expected a ${expected.kind}, got ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(Error)
  const { name, message } = error as Error
  for (const part of expected.parts) expect(message).toContain(part)
  expect(name).toBe(expected.kind)
}

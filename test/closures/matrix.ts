/** The tests of one environment: one for each case, and one that none is missing. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FIXTURES } from './environment.ts'
import type { CaseReport } from './fixtures/harness.ts'

/** The least that any environment must be tried with. */
const LEAST_CASES = 60

export interface Matrix {
  readonly environment: string
  /** The names of the fixtures with cases. */
  readonly fixtures: readonly string[]
  /** How the file of a failing function is called in a stack: the source's name, or what the REPL names a line. */
  readonly place: 'source' | 'repl'
}

/**
 * Runs the cases once and makes a test of each.
 * Awaited before the tests are known, so that each case is a test of its own; a run that fails is one failing test.
 */
export async function testMatrix(matrix: Matrix, run: () => Promise<CaseReport[]>): Promise<void> {
  const outcome = await run().then(
    (reports) => ({ reports, error: null }),
    (error: unknown) => ({ reports: [] as CaseReport[], error }),
  )
  describe(matrix.environment, () => {
    test('runs every case of its fixtures', () => {
      if (outcome.error !== null) throw outcome.error
      expect(outcome.reports.map(({ name }) => name)).toEqual(matrix.fixtures.flatMap(namesIn))
      expect(outcome.reports.length).toBeGreaterThanOrEqual(LEAST_CASES)
    })
    test.each(outcome.reports)('$name', (report) => expectCase(report, matrix))
  })
}

function expectCase({ kind, actual, expected, threadId }: CaseReport, matrix: Matrix): void {
  switch (kind) {
    case 'value':
      expect(actual).toBe(expected)
      expect(threadId).toBeGreaterThan(0)
      break
    case 'refusal':
      expect(actual).toMatch(/^ClosureError: map/)
      expect(actual).toContain(expected)
      break
    case 'failure':
      expect(topFrame(actual)).toMatch(
        matrix.place === 'repl' ? /^REPL\d*:\d+:\d+$/ : placeOf(expected, matrix.fixtures),
      )
  }
}

/** The names of the cases in a fixture, in order. */
function namesIn(fixture: string): string[] {
  return [...sourceOf(fixture).matchAll(/^(?:check|checkAsync|refuses|fails)\(\s*'([^']+)'/gm)].map(
    ([, name = '']) => name,
  )
}

/** `file:line:column` of the topmost frame of a stack, without the folder. */
function topFrame(stack: string): string {
  const frame = stack.split('\n').find((line) => line.startsWith('    at ')) ?? stack
  return /([^/\\( ]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? frame
}

/** `file:line:column` of the only place where the sources have `text`. */
function placeOf(text: string, fixtures: readonly string[]): string {
  for (const fixture of fixtures) {
    const before = sourceOf(fixture).split(text)[0] ?? ''
    if (before === sourceOf(fixture)) continue
    const lines = before.split('\n')
    return `${fixture}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`
  }
  throw new Error(`no fixture has ${text}`)
}

function sourceOf(fixture: string): string {
  return readFileSync(join(FIXTURES, fixture), 'utf8')
}

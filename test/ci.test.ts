/** What a step of the checks counts for: a suite by its tests, anything else as one; never nothing. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const COUNT = fileURLToPath(new URL('../.ci/count.mjs', import.meta.url))

/** A file of a report, by the outcomes of its tests. */
const file = (status: string, ...outcomes: string[]): object => ({
  name: 'a.test.ts',
  status,
  assertionResults: outcomes.map((outcome) => ({ status: outcome, fullName: outcome })),
})

/** `passed failed` of a step that ended with `exitCode`, and left a report of these files if there are any. */
function count(exitCode: number, files?: readonly object[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'kindling-ci-'))
  const report = join(folder, 'report.json')
  if (files !== undefined) writeFileSync(report, JSON.stringify({ testResults: files }))
  try {
    return execFileSync(process.execPath, [COUNT, String(exitCode), report], { encoding: 'utf8', stdio: 'pipe' }).trim()
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test.each([
  ['a check that ends with 0 has passed', 0, undefined, '1 0'],
  ['a check that ends otherwise has failed', 2, undefined, '0 1'],
  ['a suite counts its tests, not those it skipped', 0, [file('passed', 'passed', 'passed', 'skipped')], '2 0'],
  ['a suite with failures counts those', 1, [file('failed', 'passed', 'failed'), file('passed', 'passed')], '2 1'],
  ['a file that could not be loaded has failed', 1, [file('failed'), file('passed', 'passed')], '1 1'],
  ['a suite that ends badly though its tests passed has failed', 1, [file('passed', 'passed')], '1 1'],
  ['a suite without a test has failed', 0, [], '0 1'],
])('%s', (_title, exitCode, files, expected) => {
  expect(count(exitCode, files)).toBe(expected)
})

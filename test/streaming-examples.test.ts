/** The examples of streaming jobs run as a stranger runs them, and give what the pipelines give that they stand for. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { COMMAND_PRELUDE } from './prelude.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

/** A folder with the examples and a little data. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'kindling-examples-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  for (const name of ['streaming', 'data'])
    cpSync(join(ROOT, 'examples', name), join(path, 'examples', name), { recursive: true })
  execFileSync(process.execPath, [join(ROOT, 'scripts/sample-data.mjs'), '--rows', '20000', '--files', '4'], {
    cwd: path,
  })
  return path
}

function bash(cwd: string, text: string): string {
  return execFileSync('bash', ['-euo', 'pipefail', '-c', `${COMMAND_PRELUDE}\n${text}`], { cwd, encoding: 'utf8' })
}

test.skipIf(!hasPython)('the unmodified Python mapper over many files [needs python3]', () => {
  const cwd = folder()
  bash(cwd, readFileSync(join(cwd, 'examples/streaming/json-filter.sh'), 'utf8'))
  const outputs = readdirSync(join(cwd, 'out_stream')).filter((name) => !name.startsWith('_'))
  expect(outputs).toEqual(['dat_0.json', 'dat_1.json', 'dat_2.json', 'dat_3.json'])
  for (const name of outputs) {
    const expected = bash(cwd, `python3 examples/streaming/json_mapper.py < data/${name}`)
    expect(readFileSync(join(cwd, 'out_stream', name), 'utf8')).toBe(expected)
  }
})

test.skipIf(!hasPython)('a word count with a Python mapper and reducer [needs python3]', () => {
  const cwd = folder()
  const python = (name: string): string => `python3 examples/streaming/${name}.py`
  const expected = bash(
    cwd,
    `cat examples/data/sea.txt | ${python('word_map')} | LC_ALL=C sort | ${python('word_reduce')}`,
  )
  expect(expected.split('\n').length).toBeGreaterThan(10)
  expect(bash(cwd, readFileSync(join(cwd, 'examples/streaming/word-count.sh'), 'utf8'))).toBe(expected)
})

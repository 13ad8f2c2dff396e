/** `kindling stream`: what the command adds to streaming jobs, all of whose words pass through it. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith, kindling } from './command.ts'
import { hasTerminal, openTerminal } from './terminal.ts'

const DATA = { 'data/a.txt': 'pear\napple\n', 'data/b.txt': 'plum\npear\n' }

test('an unmodified program maps every input, in order', async () => {
  const { code, stdout, stderr } = await kindling(folderWith(DATA), [
    'stream',
    '-i',
    'data/*.txt',
    '--mapper',
    'tr a-z A-Z',
  ])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe('PEAR\nAPPLE\nPLUM\nPEAR\n')
})

test("Hadoop's own words reach it with their single dashes", async () => {
  const folder = folderWith(DATA)
  const args = [
    'stream',
    '-D',
    'mapreduce.job.reduces=1',
    '-input',
    'data',
    '-output',
    'out',
    '-mapper',
    'cat',
    '-reducer',
    'uniq -c',
  ]
  expect((await kindling(folder, args)).code).toBe(0)
  const parts = readdirSync(join(folder, 'out')).filter((name) => name.startsWith('part-'))
  const text = parts.map((name) => readFileSync(join(folder, 'out', name), 'utf8')).join('')
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual(['1 apple', '2 pear', '1 plum'])
})

test('a function of a TypeScript module stands for a program', async () => {
  const folder = folderWith({
    ...DATA,
    'lengths.ts':
      'enum Unit { One = 1 }\nexport const lengths = (line: string): string => String(line.length * Unit.One)\n',
  })
  const { code, stdout, stderr } = await kindling(folder, ['stream', '-i', 'data/a.txt', '-m', 'lengths.ts#lengths'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe('4\n5\n')
})

test('a program that fails gives exit code 1, a wrong word 2, and --help its own help', async () => {
  const folder = folderWith(DATA)
  expect((await kindling(folder, ['stream', '-i', 'data/a.txt', '-m', 'false'])).code).toBe(1)
  const wrong = await kindling(folder, ['stream', '--inptu', 'data'])
  expect([wrong.code, wrong.stdout]).toEqual([2, ''])
  expect(wrong.stderr).toBe('stream: unknown option --inptu. Did you mean --input?\n')
  const help = await kindling(folder, ['stream', '--help'])
  expect([help.code, help.stderr]).toEqual([0, ''])
  expect(help.stdout).toMatch(/^Usage: kindling stream/)
})

test.skipIf(!hasTerminal())(
  'a line on the terminal shows how far it is (made by python3; skipped where there is none)',
  async () => {
    const folder = folderWith({ 'in/a': 'x\n', 'in/b': 'x\n', 'in/c': 'x\n' })
    const mapper = 'case {#} in 3) until [ -e go ]; do sleep 0.02; done;; esac'
    const terminal = openTerminal(folder, ['stream', '-i', 'in', '-m', mapper, '-j', '1'])
    await terminal.sees(/2\/3/)
    writeFileSync(join(folder, 'go'), '')
    expect(await terminal.ended()).toBe('code 0')
  },
)

test.runIf(process.platform === 'linux')(
  'an output where no directory can be made is refused, and nothing hangs',
  async () => {
    const folder = folderWith({ a: '1\n' })
    for (const output of ['/proc/none', '/proc/none/{/}']) {
      const { code, stderr } = await kindling(folder, ['stream', '--input', 'a', '--mapper', 'cat', '--output', output])
      expect([code, stderr]).toEqual([2, `stream: cannot write to "${output}" (ENOENT). Check the directory.\n`])
    }
  },
)

/** Every block of code in the documentation is type-checked and run, and prints what the documentation says. */
import { execFile, execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fits, type Step, stepsOf } from './markdown.ts'
import { COMMAND_PRELUDE } from './prelude.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const execute = promisify(execFile)

/** The pages that hold code, with its steps. */
const PAGES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path}`),
]
  .filter((path) => path.endsWith('.md') && existsSync(join(ROOT, path)))
  .toSorted()
  .map((path) => ({ path, steps: stepsOf(readFileSync(join(ROOT, path), 'utf8')) }))
  .filter(({ steps }) => steps.length > 0)

/** Strict, as a user's own would be. */
const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    module: 'nodenext',
    moduleDetection: 'force',
    types: ['node'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  include: ['checked/*.ts'],
}

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindling-docs-'))
  execFileSync(process.execPath, [join(ROOT, 'scripts/sample-data.mjs'), '--directory', join(folder, 'data')])
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A folder like that of a user: the library installed, the sample data made, the programs of a page in their files. */
function userFolder(name: string, steps: readonly Step[]): string {
  const path = join(folder, name)
  mkdirSync(join(path, 'checked'), { recursive: true })
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(path, 'tsconfig.json'), JSON.stringify(TSCONFIG))
  symlinkSync(join(ROOT, 'test/node_modules'), join(path, 'node_modules'))
  symlinkSync(join(folder, 'data'), join(path, 'data'))
  for (const { type, fileName, text, checked } of steps) {
    if (type !== 'program') continue
    writeFileSync(join(path, fileName), text)
    writeFileSync(join(path, 'checked', fileName), checked)
  }
  return path
}

/** Runs it as a user would, `npx` being what is installed; what it prints. */
async function run(command: string, cwd: string): Promise<string> {
  try {
    return (await execute('bash', ['-euo', 'pipefail', '-c', `${COMMAND_PRELUDE}\n${command}`], { cwd })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} failed:\n${stdout}${stderr}`, { cause: error })
  }
}

describe.each(PAGES)('$path', ({ path, steps }) => {
  let cwd: string
  beforeAll(() => {
    cwd = userFolder(path.replaceAll(/[^\w]/g, '-'), steps)
  })

  test.runIf(steps.some(({ type }) => type === 'program'))('its programs have sound types', async () => {
    await run('tsc -p .', cwd)
  })

  test.each(steps.filter(({ text }) => text !== ''))('line $line runs and prints what it says', async (step) => {
    const printed = await run(step.type === 'program' ? `npx tsx ${step.fileName}` : step.text, cwd)
    if (step.output !== null && !fits(step.output, printed)) expect(printed).toBe(step.output)
  })
})

test('a printed text fits when each line does, and … stands for what changes', () => {
  expect(fits('1,000 rows in … s\n', '1,000 rows in 0.3 s\n')).toBe(true)
  expect(fits('1,000 rows in … s\n', '2,000 rows in 0.3 s\n')).toBe(false)
  expect(fits('a\n…\nz\n', 'a\nb\nc\nz\n')).toBe(true)
  expect(fits('a\n…\nz\n', 'a\nb\nc\n')).toBe(false)
  expect(fits('a\n', 'a\nb\n')).toBe(false)
  expect(fits('[1, 2]\n', '1\n')).toBe(false)
})

test('the blocks of a page become programs and commands', () => {
  const page = [
    '```ts',
    '// job.ts',
    "import { range } from 'kindling'",
    '```',
    '```ts no-run',
    'declare const a: 1',
    '```',
    '```ts',
    'console.log(1)',
    '```',
    '```text',
    '1',
    '```',
    '```sh run',
    'echo 2',
    '```',
    '```sh',
    'npm publish',
    '```',
    '',
  ].join('\n')
  const program = "// job.ts\nimport { range } from 'kindling'\n"
  expect(stepsOf(page)).toEqual([
    {
      type: 'program',
      line: 1,
      fileName: 'job.ts',
      text: `${program}console.log(1)\n`,
      checked: `${program}declare const a: 1\nconsole.log(1)\n`,
      output: '1\n',
    },
    { type: 'shell', line: 14, fileName: '', text: 'echo 2\n', checked: '', output: null },
  ])
})

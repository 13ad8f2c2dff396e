/** The command itself: what it says about itself, and how it refuses. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { folderWith, kindling } from './command.ts'

test('--version prints the version of the package', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(await kindling(folderWith(), ['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test('--help lists every command with what it is for, and the exit codes', async () => {
  const { code, stdout, stderr } = await kindling(folderWith(), ['--help'])
  expect([code, stderr]).toEqual([0, ''])
  for (const name of ['run', 'tree', 'stream', 'script', 'explain', 'repl', 'completion'])
    expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, 'm'))
  expect(stdout).toContain('Exit codes: 0 done, 1 what was run has failed, 2 the command line is wrong')
  expect(stdout).not.toContain('complete ')
})

test('without a command there is the help, and exit code 2', async () => {
  const { code, stdout, stderr } = await kindling(folderWith(), [])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('Usage: kindling')
})

test.each([
  [['scrpt'], "kindling: unknown command 'scrpt'. Did you mean script?"],
  [['--verson'], "kindling: unknown option '--verson'. Did you mean --version?"],
  [['script'], "kindling: missing required argument 'file'"],
  [['script', '--mastr', 'local', 'job.ts'], "kindling: unknown option '--mastr'. Did you mean --master?"],
  [['script', 'jb.ts'], 'kindling: script: there is no file jb.ts. Did you mean job.ts?'],
  [['explain', 'nowhere/job.ts'], 'kindling: explain: there is no directory nowhere'],
  [['script', '.'], 'kindling: script: . is no file. Name a TypeScript or JavaScript file'],
  [
    ['script', '--max-failures', 'x', 'job.ts'],
    'kindling: script: --max-failures: expected a whole number of 1 or more, got "x"',
  ],
  [
    ['script', '--master', 'lokal', 'job.ts'],
    'kindling: script: --master: expected local, local[n], local[*] or inline, got "lokal". Use local[*] for all cores',
  ],
  [
    ['script', '--isolation', 'container', 'job.ts'],
    'kindling: script: --isolation: expected thread or process, got "container"',
  ],
  [
    ['completion', 'tcsh'],
    "kindling: command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.",
  ],
])('kindling %j is refused in one line, with exit code 2', async (args, message) => {
  const folder = folderWith({ 'job.ts': "console.log('it runs')\n" })
  expect(await kindling(folder, args)).toEqual({ code: 2, stdout: '', stderr: `${message}\n` })
})

test('the help of a command is made from the schema of its options', async () => {
  const { code, stdout } = await kindling(folderWith(), ['script', '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('Usage: kindling script [options] <file> [arguments...]')
  expect(stdout).toMatch(/--isolation <thread\|process> +what workers are/)
  expect(stdout).toMatch(/--max-failures <integer> +how often/)
  expect(stdout).toMatch(/--task-timeout <number\|text> +how long/)
  expect(stdout).toMatch(/--\[no-\]progress +the progress bar/)
})

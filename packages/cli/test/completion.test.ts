/** Completion: what shells are told, and bash told by what is printed for it. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { folderWith, KINDLING, kindling, plainEnvironment } from './command.ts'

const TASKS =
  "export const Lines = task('Lines', {})\nexport const Lots = task(`Lots`, {})\nthrow new Error('it ran')\n"

async function candidates(...words: string[]): Promise<string[]> {
  const { stdout } = await kindling(folderWith({ 'tasks.ts': TASKS }), ['complete', '--', ...words])
  return stdout.split('\n').filter((word) => word !== '')
}

test('commands, flags and shells come up where they may stand', async () => {
  expect(await candidates('')).toEqual(expect.arrayContaining(['script', 'explain', 'repl', 'completion', '--help']))
  expect(await candidates('')).not.toContain('complete')
  expect(await candidates('sc')).toEqual(['script'])
  expect(await candidates('script', '--ma')).toEqual(['--master', '--max-failures'])
  expect(await candidates('explain', '--j')).toEqual(['--json'])
  expect(await candidates('run', 'tasks.ts', '--fo')).toEqual(['--force', '--force-all'])
  expect(await candidates('stream', '--ke')).toEqual(['--key-separator', '--key-field-separator', '--key-fields'])
  expect(await candidates('completion', '')).toEqual(['bash', 'fish', 'zsh'])
})

test('the tasks of a file come up without running it', async () => {
  expect(await candidates('run', 'tasks.ts', '')).toEqual(['Lines', 'Lots'])
  expect(await candidates('tree', 'tasks.ts', 'Lo')).toEqual(['Lots'])
  expect(await candidates('run', 'absent.ts', '')).toEqual([])
})

test('where a file is expected nothing comes up, so that the shell offers files', async () => {
  expect(await candidates('script', '')).toEqual([])
})

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0

/** Runs a line in a shell that finds `kindling`. */
async function inShell(shell: string, line: string): Promise<string> {
  const folder = folderWith({ 'job.ts': '' })
  mkdirSync(join(folder, 'bin'))
  symlinkSync(KINDLING, join(folder, 'bin/kindling'))
  const env = plainEnvironment(folder)
  const path = [join(folder, 'bin'), join(process.execPath, '..'), env['PATH']].join(delimiter)
  return (await promisify(execFile)(shell, ['-c', line], { cwd: folder, env: { ...env, PATH: path } })).stdout
}

test.skipIf(!hasShell('bash'))(
  'bash completes by what is printed for it (skipped where there is no bash)',
  async () => {
    const line = `source <(kindling completion bash)
    COMP_WORDS=(kindling script --ma) COMP_CWORD=2
    _kindling
    printf '%s\\n' "\${COMPREPLY[@]}"
    complete -p kindling`
    expect(await inShell('bash', line)).toBe('--master\n--max-failures\ncomplete -o default -F _kindling kindling\n')
  },
)

test.skipIf(!hasShell('zsh'))('zsh accepts what is printed for it (skipped where there is no zsh)', async () => {
  const line = 'autoload -U compinit; compinit -u; source <(kindling completion zsh); print -r -- $_comps[kindling]'
  expect(await inShell('zsh', line)).toBe('_kindling\n')
})

test.skipIf(!hasShell('fish'))(
  'fish completes by what is printed for it (skipped where there is no fish)',
  async () => {
    const line = "kindling completion fish | source; complete -C 'kindling script --ma'"
    expect(
      (await inShell('fish', line))
        .trim()
        .split('\n')
        .map((one) => one.split('\t')[0]),
    ).toEqual(['--master', '--max-failures'])
  },
)

test('tasks that are streaming jobs come up too', async () => {
  const folder = folderWith({ 'words.ts': "export const Words = streamTask('Words', {})\n" })
  expect((await kindling(folder, ['complete', '--', 'run', 'words.ts', ''])).stdout).toBe('Words\n')
})

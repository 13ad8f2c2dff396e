/** The command line of tasks: options, parameters, help, errors and exit codes, as a person sees them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { cleanCommand, existingFile, file, runCommand, task, treeCommand } from '@kindling/workflow'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { filesIn, freshFolder } from './fresh.ts'
import { end, printed, programFolder, start } from './scripts.ts'

const TestTask = task('TestTask', {
  description: 'Ten lines in a file',
  params: z.object({ bob: z.string().describe('name of the file'), lines: z.int().default(10) }),
  output: ({ bob }) => file(`out/${bob}.txt`),
  run: ({ params, output }) => output.write('line\n'.repeat(params.lines)),
})
const LotsOTasks = task('LotsOTasks', {
  params: z.object({ n: z.int().min(0).default(10) }),
  requires: ({ n }) => Array.from({ length: n }, (_, i) => TestTask({ bob: String(i) })),
})
const Show = task('Show', {
  params: z.object({
    text: z.string().optional(),
    ratio: z.number().default(0.5),
    isOn: z.boolean().default(false),
    day: z.iso.date().optional(),
    size: z.enum(['small', 'large']).default('small'),
    list: z.array(z.int()).default([]),
    names: z.array(z.string()).optional(),
    deep: z.object({ a: z.number() }).optional(),
    workers: z.int().optional(),
    maybe: z.string().nullable().default(null),
  }),
  output: () => file('shown.json'),
  run: ({ params, output }) => output.write(JSON.stringify(params)),
})
const Boom = task('Boom', { run: () => Promise.reject(new Error('boom')) })
const EXPORTED = { TestTask, LotsOTasks, Show, Boom, other: 1 }

const cores = availableParallelism()

let folder: string
let before: string
beforeEach(() => {
  folder = freshFolder()
  before = process.cwd()
  process.chdir(folder)
})
afterEach(() => {
  process.chdir(before)
  vi.unstubAllEnvs()
})

async function command(argv: readonly string[], act: typeof runCommand = runCommand) {
  const texts = { stdout: '', stderr: '' }
  const code = await act({
    exported: EXPORTED,
    argv,
    name: 'kindling run tasks.ts',
    stdout: (text) => void (texts.stdout += text),
    stderr: (text) => void (texts.stderr += text),
  })
  return { code, ...texts }
}

async function shown(...argv: string[]): Promise<unknown> {
  const { code, stderr } = await command(['Show', '--force', ...argv])
  expect([code, code === 0 ? '' : stderr]).toEqual([0, ''])
  return JSON.parse(readFileSync('shown.json', 'utf8'))
}

test('a task runs with its parameters, and the lines and the summary say what happened', async () => {
  const first = await command(['LotsOTasks', '--n', '3', '--workers', '1'])
  expect(first.code).toBe(0)
  expect(first.stdout).toBe('')
  expect(first.stderr.replaceAll(/\d+\.\d s/g, '… s')).toBe(`start   TestTask(bob=0, lines=10)  out/0.txt is missing
done    TestTask(bob=0, lines=10)  … s
start   TestTask(bob=1, lines=10)  out/1.txt is missing
done    TestTask(bob=1, lines=10)  … s
start   TestTask(bob=2, lines=10)  out/2.txt is missing
done    TestTask(bob=2, lines=10)  … s
4 tasks: 4 ran   (1 worker, … s)
  ran         TestTask(bob=0, lines=10)  … s  out/0.txt
  ran         TestTask(bob=1, lines=10)  … s  out/1.txt
  ran         TestTask(bob=2, lines=10)  … s  out/2.txt
  ran         LotsOTasks(n=3)            … s
OK
`)
  expect(filesIn(join(folder, 'out'))).toEqual(['0.txt', '1.txt', '2.txt'])
  const second = await command(['LotsOTasks', '--n=3'])
  expect(second.stderr).toContain(`(${cores} worker`)
  expect(second.stderr).toContain('4 tasks: 4 up to date')
})

test('a failure is told with its stack, and the exit code is 1', async () => {
  const { code, stderr } = await command(['Boom'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^failed {2}Boom\(\) {2}Error: boom\n {4}at .*command\.test\.ts/m)
  expect(stderr).toContain('FAILED  (exit 1)   the next run does only the 1 that is left\n')
})

test('a place that cannot be written is named by the target, and a file by its whole name', async () => {
  writeFileSync('plain', '')
  writeFileSync('my tasks.mjs', "export const boom = () => { throw new Error('boom') }\n")
  const { boom } = (await import(join(folder, 'my tasks.mjs'))) as { boom: () => never }
  const exported = {
    Below: task('Below', { output: () => file('plain/below'), run: ({ output }) => output.write('x') }),
    Elsewhere: task('Elsewhere', { run: boom }),
  }
  const failed = async (name: string): Promise<string> =>
    (await command([name], (given) => runCommand({ ...given, exported }))).stderr
  expect(await failed('Below')).toMatch(
    /^failed {2}Below\(\) {2}DataError: write: cannot write ".*plain\/below" \((EEXIST|ENOTDIR)\)\. Something above it is a file\.\n1 task/m,
  )
  expect(await failed('Elsewhere')).toMatch(/^ {2}failed {6}Elsewhere\(\) {2}boom {2}my tasks\.mjs:1$/m)
})

test('two tasks with one target are found whatever they call it', async () => {
  const Plain = task('Plain', { output: () => file('same'), run: () => undefined })
  const Dotted = task('Dotted', { output: () => file('./same'), run: () => undefined })
  const exported = { Both: task('Both', { requires: () => [Plain(), Dotted()] }) }
  const { code, stderr } = await command(['Both'], (given) => runCommand({ ...given, exported }))
  expect([code, stderr]).toEqual([
    4,
    'plan: Plain() and Dotted() both make ./same. Give each a target of its own.\nNOTHING RAN  (exit 4)\n',
  ])
})

test('what kindling itself refuses is told without the lines of kindling', async () => {
  const Idle = task('Idle', { output: () => file('idle'), run: () => undefined })
  const { code, stderr } = await command(['Idle'], (given) => runCommand({ ...given, exported: { Idle } }))
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /^failed {2}Idle\(\) {2}DataError: Idle: run ended without making idle\. .*\n1 task: 1 failed/m,
  )
})

test.each([
  [['--text', 'a b'], { text: 'a b' }],
  [['--text', '7'], { text: '7' }],
  [['--text='], { text: '' }],
  [['--text=--dashes'], { text: '--dashes' }],
  [['--ratio', '-2.5e3'], { ratio: -2500 }],
  [['--is-on'], { isOn: true }],
  [['--isOn'], { isOn: true }],
  [['--is-on', 'false'], { isOn: false }],
  [['--is-on=true'], { isOn: true }],
  [['--no-is-on'], { isOn: false }],
  [['--day', '2026-11-25'], { day: '2026-11-25' }],
  [['--size', 'large'], { size: 'large' }],
  [['--list', '1', '--list', '2'], { list: [1, 2] }],
  [['--list', '[3,4]'], { list: [3, 4] }],
  [['--names', 'x'], { names: ['x'] }],
  [['--deep', '{"a":1}'], { deep: { a: 1 } }],
  [['--workers', '7'], { workers: 7 }],
  [['--', '--workers', '8'], { workers: 8 }],
  [['--maybe', 'null'], { maybe: 'null' }],
])('%j are parameters', async (argv, expected) => {
  expect(await shown(...argv)).toMatchObject(expected)
})

test('before the task, a name is the run’s; after it, a parameter of the task', async () => {
  const { code } = await command(['--workers', '1', 'Show', '--workers', '9'])
  expect(code).toBe(0)
  expect(JSON.parse(readFileSync('shown.json', 'utf8'))).toMatchObject({ workers: 9 })
})

test.each([
  [['LotsOTask'], 'unknown task LotsOTask. Did you mean LotsOTasks?'],
  [[], ''],
  [['--workers', '2'], 'no task is given. There are: TestTask, LotsOTasks, Show, Boom.'],
  [['TestTask'], 'TestTask: parameter bob: it is missing, expected string. Try TestTask --help.'],
  [['TestTask', '--bab', 'x'], 'TestTask: unknown parameter --bab. Did you mean --bob?'],
  [['TestTask', '--bo', 'x'], 'TestTask: unknown parameter --bo. Did you mean --bob?'],
  [['LotsOTasks', '--n', 'ten'], '--n: expected a whole number, got "ten".'],
  [['LotsOTasks', '--n', ''], '--n: expected a whole number, got "".'],
  [['LotsOTasks', '--n', '1.5'], '--n: expected a whole number, got "1.5".'],
  [['LotsOTasks', '--n', '1', '--n', '2'], '--n: it was given 2 times. Give it once.'],
  [['LotsOTasks', '--n'], '--n: a value is missing. Give --n <value>, or --n=<value> if it begins with "--".'],
  [
    ['LotsOTasks', '--n', '-1'],
    'LotsOTasks: parameter n: Too small: expected number to be >=0. Try LotsOTasks --help.',
  ],
  [['LotsOTasks', '7'], '7: a task is given already, LotsOTasks. Parameters are given as --name value.'],
  [['LotsOTasks', '--worker', '2'], 'LotsOTasks: unknown parameter --worker. Did you mean --workers?'],
  [['--n', '3', 'LotsOTasks'], 'unknown option --n. Put it after the name of the task: LotsOTasks --n …'],
  [['Show', '--size', 'medium'], '--size: expected one of small, large, got "medium".'],
  [['Show', '--is-on=maybe'], '--is-on: expected true or false, got "maybe". --is-on and --no-is-on need no value.'],
  [['Show', '--deep', 'a=1'], `--deep: expected JSON, got "a=1". Quote it for the shell, as in --deep '{"a":1}'.`],
  [['Show', '--rerun-on', 'x'], '--rerun-on: expected one of inputs, code, none, got "x".'],
  [['--workers', '0', 'Show'], '--workers: expected a whole number of 1 or more, got "0".'],
  [['Show', '--resource', 'db'], '--resource: expected name=number, got "db".'],
  [['LotsOTasks', '--TestTask.bib', '1'], 'TestTask: unknown parameter --bib. Did you mean --bob?'],
  [['LotsOTasks', '--TesTask.bob', '1'], 'unknown task TesTask. Did you mean TestTask?'],
])('%j is wrong usage: one line, exit code 2, nothing runs', async (argv, message) => {
  const { code, stderr } = await command(argv)
  expect([code, stderr]).toEqual([2, message === '' ? '' : `${message}\n`])
  expect(filesIn(folder)).toEqual([])
})

test('parameters of the tasks that are required are given by name, where they are left out', async () => {
  await command(['LotsOTasks', '--n', '1', '--TestTask.lines', '2', '--TestTask.bob', 'unused'])
  expect(readFileSync('out/0.txt', 'utf8')).toBe('line\nline\n')
})

test('parameters come from a file too; the command line goes before it, and unknown ones are refused', async () => {
  writeFileSync('params.json', JSON.stringify({ LotsOTasks: { n: 2 }, TestTask: { lines: 1 } }))
  expect((await command(['LotsOTasks', '--params', 'params.json'])).code).toBe(0)
  expect(readFileSync('out/1.txt', 'utf8')).toBe('line\n')
  expect((await command(['LotsOTasks', '--params', 'params.json', '--n', '3'])).code).toBe(0)
  expect(existsSync('out/2.txt')).toBe(true)
  writeFileSync('wrong.json', JSON.stringify({ LotsOTasks: { m: 2 } }))
  const { code, stderr } = await command(['LotsOTasks', '--params', 'wrong.json'])
  expect([code, stderr]).toEqual([2, '--params: "wrong.json": LotsOTasks has no parameter m. Known: n.\n'])
  writeFileSync('wrong.json', JSON.stringify({ TestTsk: {} }))
  const unknown = await command(['LotsOTasks', '--params', 'wrong.json'])
  expect([unknown.code, unknown.stderr]).toEqual([
    2,
    '--params: "wrong.json": unknown task TestTsk. Did you mean TestTask?\n',
  ])
})

test('parameters come from the environment too: the command line goes before it, and it before a file', async () => {
  writeFileSync('params.json', JSON.stringify({ LotsOTasks: { n: 4 }, TestTask: { lines: 4 } }))
  vi.stubEnv('KINDLING_PARAM_TEST_TASK_LINES', '2')
  vi.stubEnv('KINDLING_PARAM_LOTS_O_TASKS_N', '1')
  expect((await command(['LotsOTasks', '--params', 'params.json'])).code).toBe(0)
  expect(filesIn(join(folder, 'out'))).toEqual(['0.txt'])
  expect(readFileSync('out/0.txt', 'utf8')).toBe('line\nline\n')
  expect((await command(['LotsOTasks', '--n', '2', '--TestTask.lines', '3'])).code).toBe(0)
  expect(readFileSync('out/1.txt', 'utf8')).toBe('line\nline\nline\n')
  vi.stubEnv('KINDLING_PARAM_SHOW_IS_ON', 'true')
  expect(await shown()).toMatchObject({ isOn: true })
  vi.stubEnv('KINDLING_PARAM_LOTS_O_TASKS_N', 'ten')
  expect(await command(['LotsOTasks'])).toMatchObject({
    code: 2,
    stderr: 'KINDLING_PARAM_LOTS_O_TASKS_N: expected a whole number, got "ten".\n',
  })
  vi.stubEnv('KINDLING_PARAM_LOTS_O_TASKS_N', undefined)
  vi.stubEnv('KINDLING_PARAM_TEST_TASK_BOBB', 'x')
  expect(await command(['TestTask'])).toMatchObject({
    code: 2,
    stderr: 'unknown variable KINDLING_PARAM_TEST_TASK_BOBB. Did you mean KINDLING_PARAM_TEST_TASK_BOB?\n',
  })
})

test('a parameter that names a file is refused where there is none', async () => {
  const Count = task('Count', {
    params: z.object({ path: existingFile().describe('what is counted') }),
    output: () => file('count'),
    run: ({ params, output }) => output.write(String(readFileSync(params.path, 'utf8').length)),
  })
  const act = async (path: string) => {
    let stderr = ''
    const write = (text: string): void => void (stderr += text)
    const argv = ['Count', '--path', path, '--quiet']
    return [await runCommand({ exported: { Count }, argv, name: 'x', stdout: write, stderr: write }), stderr]
  }
  expect(await act('absent')).toEqual([2, 'Count: parameter path: there is no file "absent". Try Count --help.\n'])
  writeFileSync('there', 'four')
  expect(await act('there')).toEqual([0, ''])
  expect(readFileSync('count', 'utf8')).toBe('4')
})

test('a dry run prints reasons on stdout and changes no file', async () => {
  const { code, stdout } = await command(['LotsOTasks', '--n', '1', '--dry-run'])
  expect(code).toBe(0)
  expect(stdout).toBe(`2 tasks: 2 would run
  would run   TestTask(bob=0, lines=10)  out/0.txt is missing
  would run   LotsOTasks(n=1)
DRY RUN: nothing ran, no file changed
`)
  expect(filesIn(folder)).toEqual([])
})

test('the summary as JSON is one object on stdout', async () => {
  const { code, stdout } = await command(['Boom', '--json', '--quiet'])
  const summary = JSON.parse(stdout) as Record<string, unknown>
  expect(code).toBe(1)
  expect(summary).toMatchObject({ code: 1, ok: false, counts: { failed: 1, ran: 0 }, problem: null })
  expect(summary['rows']).toMatchObject([
    { task: 'Boom()', status: 'failed', error: { name: 'Error', message: 'boom' } },
  ])
})

test('verbose tells of tasks with nothing to do, and of progress', async () => {
  const Steps = task('Steps', { run: ({ progress }) => progress(0.5, 'half way') })
  const All = task('All', { requires: () => [TestTask({ bob: '0' }), Steps()] })
  await command(['TestTask', '--bob', '0'])
  let stderr = ''
  const write = (text: string): void => void (stderr += text)
  await runCommand({ exported: { All }, argv: ['All', '--verbose'], name: 'x', stdout: write, stderr: write })
  expect(stderr).toMatch(/^current TestTask\(bob=0, lines=10\)$/m)
  expect(stderr).toMatch(/50 ?%.*half way/)
})

test('quiet says nothing when all is well', async () => {
  expect(await command(['TestTask', '--bob', 'x', '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' })
})

test('help lists the tasks, and the parameters of one with types, choices, defaults and descriptions', async () => {
  const all = await command(['--help'])
  expect(all.code).toBe(0)
  expect(all.stdout).toContain('TestTask    Ten lines in a file')
  const one = await command(['Show', '-h'])
  expect(one.stdout).toMatch(/^Usage: kindling run tasks\.ts Show \[parameters\] \[options\]$/m)
  for (const line of [
    /^ {2}--text <string> +$/m,
    /^ {2}--ratio <number> +default 0\.5$/m,
    /^ {2}--is-on +default false$/m,
    /^ {2}--size <small\|large> +default small$/m,
    /^ {2}--list <integer> … +default \[\]; may be repeated$/m,
    /^ {2}--deep <json>$/m,
  ])
    expect(one.stdout.replaceAll(/(<\w+>)$/gm, '$1 ').replaceAll('<json> ', '<json>')).toMatch(line)
  expect((await command(['TestTask', '--help'])).stdout).toMatch(/--bob <string> +name of the file; required/)
})

test('force runs again what is complete', async () => {
  await command(['LotsOTasks', '--n', '2'])
  expect((await command(['LotsOTasks', '--n', '2', '--force'])).stderr).toContain('3 tasks: 3 ran')
  expect((await command(['LotsOTasks', '--n', '2', '--force=TestTask'])).stderr).toContain('3 tasks: 3 ran')
  expect((await command(['LotsOTasks', '--n', '2', '--force-all'])).stderr).toContain('3 tasks: 3 ran')
  const { stderr } = await command(['LotsOTasks', '--n', '2', '--force=TestTsk'])
  expect(stderr).toContain('--force=TestTsk: no task of this name came up. Did you mean TestTask?\n')
  expect(stderr).toContain('3 tasks: 3 up to date')
})

test('what Luigi wanted is accepted', async () => {
  expect((await command(['TestTask', '--bob', 'x', '--local-scheduler'])).code).toBe(0)
})

test('the tree shows what requires what, and how it stands', async () => {
  await command(['TestTask', '--bob', '0'])
  const { code, stdout } = await command(['LotsOTasks', '--n', '3'], treeCommand)
  expect(code).toBe(0)
  expect(stdout).toBe(`LotsOTasks(n=3)  wrapper
├─ TestTask(bob=0, lines=10)  up to date
├─ TestTask(bob=1, lines=10)  would run: out/1.txt is missing
└─ TestTask(bob=2, lines=10)  would run: out/2.txt is missing
`)
})

test('the help of tree and clean shows the options that they follow, and there is no JSON of them', async () => {
  const optionsIn = ({ stdout }: { stdout: string }): readonly string[] => stdout.match(/(?<=^ {2})--[a-z-]+/gm) ?? []
  expect(optionsIn(await command(['Boom', '--help'], treeCommand))).toEqual(['--rerun-on', '--params', '--help'])
  const ofClean = ['--dry-run', '--params', '--quiet', '--help']
  expect(optionsIn(await command(['Boom', '--help'], cleanCommand))).toEqual(ofClean)
  for (const [name, with_] of [
    ['tree', treeCommand],
    ['clean', cleanCommand],
  ] as const) {
    const { code, stdout, stderr } = await command(['Boom', '--json'], with_)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`--json: ${name} prints text only. run --dry-run --json prints the same as JSON.\n`)
  }
})

test('clean removes what a task made, of a wrapper what it requires, and nothing that others made', async () => {
  writeFileSync('raw', 'x')
  const Raw = task('Raw', { output: () => file('raw') })
  const All = task('All', { requires: () => [Raw(), TestTask({ bob: '0' }), TestTask({ bob: '1' })] })
  const act = async (argv: string[], with_: typeof runCommand) => {
    let stdout = ''
    const stdoutOf = (text: string): void => void (stdout += text)
    const code = await with_({ exported: { All }, argv, name: 'x', stdout: stdoutOf, stderr: () => undefined })
    return [code, stdout]
  }
  await act(['All'], runCommand)
  expect(await act(['All', '--dry-run'], cleanCommand)).toEqual([0, 'would remove out/0.txt\nwould remove out/1.txt\n'])
  expect(filesIn(folder)).toEqual(['out/0.txt', 'out/1.txt', 'raw'])
  expect(await act(['All'], cleanCommand)).toEqual([0, 'removed out/0.txt\nremoved out/1.txt\n'])
  expect(filesIn(folder)).toEqual(['raw'])
  expect(await act(['All'], cleanCommand)).toEqual([0, ''])
  expect((await act(['All'], runCommand))[0]).toBe(0)
  expect(filesIn(folder)).toEqual(['out/0.txt', 'out/1.txt', 'raw'])
})

test('two exported tasks of one name are an error of the file: exit code 4', async () => {
  const exported = { A: task('Same', { run: () => 1 }), B: task('Same', { run: () => 2 }) }
  let stderr = ''
  const write = (text: string): void => void (stderr += text)
  const code = await runCommand({ exported, argv: ['Same'], name: 'x', stdout: write, stderr: write })
  expect([code, stderr]).toEqual([4, 'task: two tasks are named Same. Give one of them another name.\n'])
})

test('main reads the command line of its process and sets its exit code', async () => {
  const program = `
    import { main, task } from '@kindling/workflow'
    const Boom = task('Boom', { run: () => { throw new Error('boom') } })
    await main({ Boom })
    console.log('after')`
  const ended = await end(start(programFolder(program), ['Boom']))
  expect(ended).toMatchObject({ code: 1, stdout: 'after\n' })
  expect(ended.stderr).toContain('FAILED  (exit 1)')
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('a command that %s ends gives its code, after the summary, and leaves nothing', async (signal, code) => {
  const program = `
    import { file, runCommand, task } from '@kindling/workflow'
    const Slow = task('Slow', {
      output: () => file('slow'),
      run: ({ output, log, sh }) => output.tempPath((path) => (log('I am at it'), sh\`echo half > \${path}; sleep 1000\`)),
    })
    const [stdout, stderr] = [process.stdout, process.stderr].map((stream) => (text) => void stream.write(text))
    process.exitCode = await runCommand({ exported: { Slow }, argv: ['Slow'], name: 'x', stdout, stderr })`
  const folder = programFolder(program)
  const child = start(folder)
  const ended = end(child)
  await printed(child, 'I am at it')
  child.kill(signal)
  const { stderr, ...rest } = await ended
  expect(rest).toMatchObject({ code, signal: null })
  expect(stderr).toContain(`INTERRUPTED by ${signal}  (exit ${code})   the next run does the rest`)
  expect(filesIn(folder).filter((path) => !path.startsWith('node_modules'))).toEqual(['tasks.mjs'])
})

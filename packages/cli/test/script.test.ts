/** `kindling script`: TypeScript as it is written, with the context set up by flags. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith, KINDLING, kindling } from './command.ts'

const CONFIGURED = `
import { createContext } from 'kindling'
await using context = await createContext()
console.log(context.defaultParallelism, process.argv.slice(2))
`

test('a program finds its arguments, and the flags before the file set up its context', async () => {
  const folder = folderWith({ 'job.ts': CONFIGURED })
  const { code, stdout, stderr } = await kindling(folder, [
    'script',
    '--master',
    'local[3]',
    'job.ts',
    '--master',
    'x',
    '-h',
  ])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe("3 [ '--master', 'x', '-h' ]\n")
})

test('a flag has precedence over the environment', async () => {
  const folder = folderWith({ 'job.ts': CONFIGURED })
  const env = { KINDLING_MASTER: 'local[5]' }
  expect((await kindling(folder, ['script', 'job.ts'], { env })).stdout).toBe('5 []\n')
  expect((await kindling(folder, ['script', '--master', 'local', 'job.ts'], { env })).stdout).toBe('1 []\n')
})

test('syntax that is more than types works: enums, parameter properties, namespaces, using', async () => {
  const { code, stdout, stderr } = await kindling(
    folderWith({
      'job.ts': `
        enum Colour { Red, Green = 5 }
        namespace Sizes { export const large = 9 }
        class Point { constructor(readonly x: number, private y = 2) {} sum() { return this.x + this.y } }
        const gone: string[] = []
        { using held = { [Symbol.dispose]() { gone.push('held') } } }
        console.log(Colour.Green, Sizes.large, new Point(1).sum(), gone)`,
    }),
    ['script', 'job.ts'],
  )
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toBe("5 9 3 [ 'held' ]\n")
})

test('modules are found as they are written: by .ts, by the .js that they compile to, without an ending', async () => {
  const { stdout, stderr } = await kindling(
    folderWith({
      'job.ts': `
        import { a } from './a.ts'
        import { b } from './b.js'
        import { c, type C } from './c'
        import { Shape } from './shape.ts'
        const { d } = await import('./folder')
        const shape: Shape = { size: 1 }
        const known: C = c
        console.log(a, b, known, d, shape)`,
      'a.ts': 'export const a: number = 1\n',
      'b.ts': 'export const b: number = 2\n',
      'c.mts': 'export const wrong = 0\n',
      'c.ts': 'export type C = number\nexport const c: C = 3\n',
      'shape.ts': 'export interface Shape { size: number }\n',
      'folder/index.ts': 'export const d = 4\n',
    }),
    ['script', 'job.ts'],
  )
  expect(stderr).toBe('')
  expect(stdout).toBe('1 2 3 4 { size: 1 }\n')
})

test('CommonJS and JavaScript are run as what they are', async () => {
  const folder = folderWith({
    'job.cts': "const path: typeof import('node:path') = require('node:path')\nconsole.log(path.sep)\n",
    'job.mjs': "console.log(import.meta.url.endsWith('job.mjs'))\n",
  })
  expect((await kindling(folder, ['script', 'job.cts'])).stdout).toBe('/\n')
  expect((await kindling(folder, ['script', 'job.mjs'])).stdout).toBe('true\n')
})

test('functions travel to workers, and an error there shows the place in the TypeScript', async () => {
  const { code, stdout, stderr } = await kindling(
    folderWith({
      'job.ts': `import { createContext } from 'kindling'
interface Row {
  readonly n: number
}
const context = await createContext({ master: 'local[2]' })
enum Factor { Two = 2 }
const double = (row: Row): number => row.n * Factor.Two
console.log(await context.range(3).map((n): Row => ({ n })).map(double).collect())
await context.range(1).map((n: number): number => { throw new RangeError('no ' + n) }).collect()
`,
    }),
    ['script', 'job.ts'],
  )
  expect(code).toBe(1)
  expect(stdout).toBe('[ 0, 2, 4 ]\n')
  expect(stderr).toMatch(
    /^TaskError: map \(job\.ts:9:24\): RangeError: no 0 \[partition \d\]\n {2}RangeError: no 0\n {6}at .*job\.ts:9:\d+/,
  )
})

test.each([
  ['const a: = 1\n', 1, /^SyntaxError: job\.ts:1:10: .+\n$/],
  [
    "import { createContext } from 'kindling'\nconst c = await createContext()\nawait c.textFile('nowhere').count()\n",
    1,
    /^DataError: .*nowhere.*\n$/,
  ],
  ["throw new TypeError('mine')\n", 1, /^TypeError: mine\n {4}at .*job\.ts:1:7/],
  ['process.exitCode = 7\n', 7, /^$/],
  ["import { absent } from './other.ts'\nconsole.log(absent)\n", 1, /absent/],
  ["import './missing.ts'\n", 1, /Cannot find module .*missing\.ts/],
])('a program %j that fails says so on stderr', async (program, expected, message) => {
  const { code, stdout, stderr } = await kindling(folderWith({ 'job.ts': program, 'other.ts': 'export {}\n' }), [
    'script',
    'job.ts',
  ])
  expect([code, stdout]).toEqual([expected, ''])
  expect(stderr).toMatch(message)
})

test('a program that saves leaves its output', async () => {
  const folder = folderWith({
    'job.ts': "import { range } from 'kindling'\nawait range(3).map((n) => ({ n })).saveAsTextFile('out')\n",
  })
  expect(await kindling(folder, ['script', 'job.ts'])).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(existsSync(join(folder, 'out/_SUCCESS'))).toBe(true)
})

test('a program that waits for what never comes is told so, with the exit code that Node has for it', async () => {
  const folder = folderWith({ 'waits.ts': 'console.log(1)\nawait new Promise(() => {})\n' })
  const { code, stdout, stderr } = await kindling(folder, ['script', 'waits.ts'])
  expect([code, stdout]).toEqual([13, '1\n'])
  expect(stderr).toMatch(/^kindling: script: waits\.ts waits for something that never comes.*\n$/)
  const run = await kindling(folder, ['run', 'waits.ts', 'Task'])
  expect([run.code, run.stderr]).toEqual([13, stderr.replace('script:', 'run:')])
  expect((await kindling(folder, ['explain', 'waits.ts'])).code).toBe(13)
})

test('what a program throws is shown with its own lines of the stack only', async () => {
  const folder = folderWith({ 'throws.ts': "throw new Error('top')\n", 'imports.ts': "import './none.ts'\n" })
  const { stderr } = await kindling(folder, ['script', 'throws.ts'])
  expect(stderr).toMatch(/^Error: top\n {4}at .*throws\.ts:1:7\)?\n$/)
  const missing = await kindling(folder, ['script', 'imports.ts'])
  expect(missing.stderr).toContain('none.ts')
  expect(missing.stderr).not.toContain('    at ')
})

test('a reader that goes away ends a program quietly, as SIGPIPE would', () => {
  const folder = folderWith({ 'prints.ts': 'for (let i = 0; i < 1e5; i++) console.log(i)\n' })
  const line = `'${process.execPath}' '${KINDLING}' script prints.ts | head -1; echo \${PIPESTATUS[0]}`
  const { stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' })
  expect([stdout, stderr]).toEqual(['0\n141\n', ''])
})

test('a reader that goes away ends a job whose functions print', () => {
  const program = `import { range } from 'kindling'
await range(1e9).forEach((n) => console.log(n))
console.error('it went on')
`
  const folder = folderWith({ 'job.ts': program })
  const line = `'${process.execPath}' '${KINDLING}' script --master 'local[2]' job.ts | head -1; echo \${PIPESTATUS[0]}`
  const { stdout, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' })
  expect([stdout.split('\n').slice(1), stderr]).toEqual([['141', ''], ''])
})

test('a working directory that is gone is said', () => {
  const folder = folderWith({ 'gone/.keep': '' })
  const line = `cd gone && rm -r ../gone && '${process.execPath}' '${KINDLING}' script a.ts`
  const { status, stderr } = spawnSync('bash', ['-c', line], { cwd: folder, encoding: 'utf8' })
  expect(stderr).toBe('kindling: the working directory is not there any more. Change to one that is\n')
  expect(status).toBe(2)
})

/** `kindling repl` fed by a pipe: the TypeScript that it takes. */
import { expect, test } from 'vitest'
import { folderWith, kindling } from './command.ts'

/** What is printed for some lines, none of which fails. */
async function shown(lines: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await kindling(folderWith(files), ['repl', '--master', 'local[2]'], {
    input: `${lines}\n`,
  })
  expect([code, stderr]).toEqual([0, ''])
  return stdout.trim()
}

test.each([
  [
    'names declared again, as something else',
    'const a = 1\nconst a: string = "x"\nclass a {}\nfunction a() { return 5 }\na()',
    '5',
  ],
  ['statements of several lines', 'function f(\n  a: number,\n): number {\n  return a * 2\n}\nf(4)', '8'],
  ['a template and a comment of several lines', 'const t = `a\n/* b`\n/* c\n */ t.length', '6'],
  ['an arrow function whose body is on the next line', 'const g = (a: number) =>\n  a + 1\ng(1)', '2'],
  [
    'a chain pasted line by line',
    'await ctx.range(4)\n  .map((n) => n * 2)\n  .filter((n) => n > 2)\n  .collect()',
    '[ 4, 6 ]',
  ],
  ['top-level await, and what it declares', 'const w = await Promise.resolve(3)\nw + 1', '4'],
  ['a promise, which is awaited', 'Promise.resolve(9)', '9'],
  ['an object that looks like a block', '{ a: 1, b: [2] }', '{ a: 1, b: [ 2 ] }'],
  ['a block', '{ const inner = 1; console.log(inner) }', '1'],
  [
    'patterns with defaults and rest',
    'const { x: { y }, z = 2, ...rest } = { x: { y: 1 }, q: 3 } as any\n;[y, z, rest]',
    '[ 1, 2, { q: 3 } ]',
  ],
  [
    'types, interfaces and enums',
    'interface P { x: number }\ntype Q = P\nenum E { A = 4 }\nconst p: Q = { x: E.A }\np.x',
    '4',
  ],
  ['a function called above its declaration', 'later(); function later() { console.log("hoisted") }', 'hoisted'],
  ['a recursive function', 'function fact(n: number): number { return n < 2 ? 1 : n * fact(n - 1) }\nfact(5)', '120'],
  ['the last value', '6 * 7\n_ + 1', '42\n43'],
  ['strict mode, as in modules', '(function () { return this })()', ''],
  ['a value that is undefined, which is not shown', 'undefined\nvoid 0', ''],
  ['a line that begins with a dot of a number', '.5 + .5', '1'],
])('it takes %s', async (_, lines, expected) => {
  expect(await shown(lines)).toBe(expected)
})

test('static imports: of Node, of packages, of files in TypeScript, of types', async () => {
  const lines = [
    "import { basename, type ParsedPath } from 'node:path'",
    "import * as path from 'path'",
    "import { range, type Dataset } from 'kindling'",
    "import twice, { half as halved } from './lib.ts'",
    "import './effect.ts'",
    '[basename("a/b"), path.sep, twice(4), halved(4)]',
    'await range(2).map((n) => twice(n) + basename("a/b")).collect()',
  ]
  const files = {
    'lib.ts': 'export default (n: number): number => n * 2\nexport const half = (n: number): number => n / 2\n',
    'effect.ts': "console.log('loaded' as string)\n",
  }
  expect(await shown(lines.join('\n'), files)).toBe("loaded\n[ 'b', '/', 8, 2 ]\n[ '0b', '2b' ]")
})

test('what lines declare travels to workers, together and as it is now', async () => {
  const lines = [
    'let factor = 2',
    'function times(n: number) { return n * factor }',
    'class Box { constructor(readonly n: number) {} get half() { return this.n / 2 } }',
    'factor = 10',
    'await ctx.range(3).map((n) => new Box(times(n)).half).collect()',
  ]
  expect(await shown(lines.join('\n'))).toBe('10\n[ 0, 5, 10 ]')
})

test('a dataset is shown as a table of its first rows, and no more of it is computed', async () => {
  const table = await shown(
    "ctx.range(0, 100, 1, 10).map((n) => { if (n >= 50) throw new Error('too far'); return { n, word: 'w' + n } })",
  )
  const lines = table.split('\n')
  expect(lines[0]).toMatch(/^ *n +word$/)
  expect(lines[2]).toMatch(/^ *0 +w0$/)
  expect(lines.filter((line) => /w\d+/.test(line))).toHaveLength(20)
  expect(lines.at(-1)).toBe('the first 20 rows')
})

test('a chain typed to be kept is not computed', async () => {
  expect(await shown("const lazy = ctx.range(5).map((): number => { throw new Error('computed') })\n'kept'")).toBe(
    "'kept'",
  )
})

test('errors show what was typed and where, in one piece, and the session goes on', async () => {
  const lines = [
    'const a: = 1',
    'const typed: number = 1; function thrower(n: number): never { throw new RangeError("no " + n) }',
    'thrower(3)',
    'await ctx.range(1).map((n: number): number => thrower(n)).collect()',
    'throw "a string"',
    'typed',
  ]
  const { code, stdout, stderr } = await kindling(folderWith(), ['repl'], { input: lines.join('\n') })
  // Nobody was there to see it: the process says so when it ends.
  expect([code, stdout]).toEqual([1, '1\n'])
  expect(stderr).toMatch(
    new RegExp(
      [
        /^SyntaxError: REPL1:1:10: .+\n/,
        /RangeError: no 3\n {4}at thrower \(REPL1:1:69\)\n {4}at REPL2:1:1\n/,
        /TaskError: map \(REPL3:1:20\): RangeError: no 0 [^]+REPL1:1:69[^]+\n/,
        /thrown: 'a string'\n$/,
      ]
        .map(({ source }) => source)
        .join(''),
    ),
  )
})

test('what nobody awaits fails aloud without ending the session', async () => {
  const lines = [
    "const lost = Promise.reject(new Error('nobody waits'))",
    "setTimeout(() => { throw new Error('out of a timer') })",
    'await new Promise((resolve) => setTimeout(resolve, 20))',
    '"still here"',
  ]
  const text = await shown(lines.join('\n'))
  expect(text).toContain('Error: nobody waits')
  expect(text).toContain('Error: out of a timer')
  expect(text).toMatch(/'still here'$/)
})

test('with --interactive there is a prompt although the input is no terminal, and failures are its answers', async () => {
  const { code, stdout, stderr } = await kindling(folderWith(), ['repl', '-i'], { input: 'absent\n1 + 1\n' })
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^> ReferenceError: absent is not defined\n[^]*\n> 2\n> $/)
})

test('an input that ends within a statement is told, as nothing of it has run', async () => {
  const folder = folderWith()
  const { code, stdout, stderr } = await kindling(folder, ['repl', '--master', 'inline'], {
    input: '1\nconst a = (2 +\n',
  })
  expect([code, stdout]).toEqual([1, '1\n'])
  expect(stderr).toMatch(/^SyntaxError: the input ends within a statement: /)
  const given = await kindling(folder, ['repl', '--master', 'inline'], { input: 'const a = (\n.break\n2\n' })
  expect(given).toEqual({ code: 0, stdout: '2\n', stderr: '' })
})

/** The summary as people read it, and the tree. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { file, type RunOptions, summaryText, type Task, task, tree } from '@kindling/workflow'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { fresh, freshFolder } from './fresh.ts'

const N = z.object({ n: z.number() })
const Noop = task('Noop', { params: N, run: () => undefined })

async function summaryOf(root: Task, options: RunOptions = {}, run = fresh().run): Promise<string> {
  return summaryText(await run(root, { workers: 1, ...options })).replaceAll(/\d+\.\d s/g, '… s')
}

test('five tasks of each outcome are listed, the rest is counted', async () => {
  const All = task('All', { requires: () => Array.from({ length: 8 }, (_, n) => Noop({ n })) })
  expect(await summaryOf(All())).toBe(`9 tasks: 9 ran   (1 worker, … s)
  ran         Noop(n=0)  … s
  ran         Noop(n=1)  … s
  ran         Noop(n=2)  … s
  ran         Noop(n=3)  … s
  ran         Noop(n=4)  … s
  ran         … and 4 more
OK
`)
})

test('each outcome has its reason, and the last line says what follows', async () => {
  const Boom = task('Boom', {
    retries: 1,
    run: () =>
      Promise.reject(Object.assign(new Error('boom\nmore'), { stack: 'Error: boom\n    at run (job.ts:4:2)' })),
  })
  const Raw = task('Raw', { output: () => file('/nowhere/raw') })
  const Down = task('Down', { requires: () => [Boom(), Raw()], run: () => undefined })
  const All = task('All', { requires: () => [Down(), Noop({ n: 1 })] })
  expect(await summaryOf(All())).toBe(`5 tasks: 1 ran, 1 failed, 2 blocked, 1 missing   (1 worker, … s)
  ran         Noop(n=1)  … s
  failed      Boom()     boom  job.ts:4  2 attempts
  blocked     Down()     needs Boom()
  blocked     All()      needs Down()
  missing     Raw()      /nowhere/raw is not there, and no task makes it
FAILED  (exit 1)   the next run does only the 3 that are left
`)
})

test('a plan that cannot be says only that', async () => {
  const Self: () => Task = task('Self', { requires: () => Self(), run: () => undefined })
  expect(await summaryOf(Self())).toBe(
    'plan: tasks require each other in a circle: Self() -> Self(). Take out one of these steps.\nNOTHING RAN  (exit 4)\n',
  )
})

test('different values of an unkeyed parameter are a plan that cannot be', async () => {
  const A = task('A', { params: N.extend({ threads: z.number() }), unkeyed: ['threads'], run: () => undefined })
  const All = task('All', { requires: () => [A({ n: 1, threads: 1 }), A({ n: 1, threads: 2 })] })
  expect(await summaryOf(All())).toContain(
    'plan: A(n=1) and A(n=1) are the same task, as "threads" is unkeyed, but ask for different values of it. Agree on one.',
  )
})

test('changed code is told below', async () => {
  const { run } = fresh()
  const before = task('Code', { output: () => file('code'), run: ({ output }) => output.write('1') })
  const after = task('Code', { output: () => file('code'), run: ({ output }) => output.write('2') })
  await run(before())
  expect(await summaryOf(after(), {}, run)).toContain(
    'The code of Code changed since it ran; --rerun-on code runs it again.\nOK\n',
  )
})

test('the tree shows each task once with what it requires, and what cannot be told', async () => {
  const cwd = freshFolder()
  const Raw = task('Raw', { params: N, output: ({ n }) => file(`raw-${n}`) })
  const Base = task('Base', {
    requires: () => [Raw({ n: 1 }), Raw({ n: 2 })],
    output: () => file('base'),
    run: () => undefined,
  })
  const Left = task('Left', { requires: () => Base(), output: () => file('left'), run: () => undefined })
  const Right = task('Right', { requires: () => ({ base: Base() }), output: () => file('right'), run: () => undefined })
  const Wrong = task('Wrong', {
    requires() {
      throw new Error('no way')
    },
    run: () => undefined,
  })
  const Top = task('Top', { requires: () => [Left(), Right(), Wrong()] })
  writeFileSync(join(cwd, 'raw-1'), '')
  writeFileSync(join(cwd, 'right'), '')
  expect((await tree(Top(), { cwd })).replaceAll(`${cwd}/`, '')).toBe(`Top()  wrapper
├─ Left()  would run: left is missing
│  └─ Base()  would run: base is missing
│     ├─ Raw(n=1)  external, there
│     └─ Raw(n=2)  external, missing
├─ Right()  up to date
│  └─ Base()  would run: base is missing  (shown above)
└─ Wrong()  invalid: no way
`)
})

/** Shell commands of a task: what is quoted, what they give, how they fail, and that nothing of them is left. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { file, memory, type RunContext, type Summary, task } from '@kindling/workflow'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fresh } from './fresh.ts'

type Body = (context: RunContext<unknown, undefined, undefined>) => unknown

function inTask(body: Body, options: { timeout?: number } = {}): Promise<Summary> {
  return fresh().run(task('Shell', { ...options, run: body })())
}

async function result<Value>(
  body: (context: RunContext<unknown, undefined, undefined>) => Promise<Value>,
): Promise<Value> {
  const target = memory<Value>('result')
  const summary = await inTask(async (context) => target.set(await body(context)))
  expect(summary.rows[0]?.error ?? null).toBe(null)
  return target.get()
}

test('values are words, whatever is in them; lists are one word each', async () => {
  const words = ['a b', "it's", '$HOME', '`x`', '*', '', '-n', '\\', 'new\nline']
  const { stdout } = await result(({ sh }) => sh`printf '%s|' ${words} ${7} ${true}`)
  expect(stdout).toBe(`${words.join('|')}|7|true|`)
})

test('any text arrives as it is', async () => {
  const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0'))
  await result(async ({ sh }) => {
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        expect((await sh`printf '%s' ${value}`).stdout).toBe(value)
      }),
      { numRuns: 20 },
    )
  })
})

test('it runs in the folder of the run, in bash, and gives text and lines', async () => {
  const { run, cwd } = fresh()
  const Sorted = task('Sorted', {
    output: () => file('sorted'),
    async run({ output, sh }) {
      const { lines } = await sh`pwd; printf 'b\na\n'`
      await output.tempPath((path) => sh`printf '%s\n' ${lines} | sort > ${path}`)
    },
  })
  expect((await run(Sorted())).code).toBe(0)
  expect(readFileSync(join(cwd, 'sorted'), 'utf8').split('\n').toSorted()).toEqual(['', cwd, 'a', 'b'].toSorted())
})

test.each([
  ['exit 3', 'ended with exit code 3'],
  ['false | cat', 'ended with exit code 1'],
  ['echo said >&2; kill -9 $$', 'was ended by signal SIGKILL'],
])('%s fails the task', async (line, message) => {
  const summary = await inTask(({ sh }) => sh([line] as unknown as TemplateStringsArray))
  expect(summary.code).toBe(1)
  expect(summary.rows[0]?.error?.message).toContain(message)
})

test('the end of its stderr is in the error', async () => {
  const summary = await inTask(({ sh }) => sh`echo what went wrong >&2; exit 1`)
  expect(summary.rows[0]?.error?.message).toContain('The end of its stderr:\n  what went wrong')
})

test('a timeout ends the command with all that it started', async () => {
  const { run, cwd } = fresh()
  const Sleep = task('Sleep', {
    timeout: 300,
    run: ({ sh }) => sh`sleep 1000 & echo $! > pids; echo $$ >> pids; trap '' TERM; wait; sleep 1000`,
  })
  const summary = await run(Sleep())
  expect(summary.rows[0]?.error?.name).toBe('TimeoutError')
  for (const pid of readFileSync(join(cwd, 'pids'), 'utf8').split('\n').filter(Boolean))
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH')
})

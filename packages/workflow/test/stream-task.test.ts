/** Streaming jobs as tasks: unmodified programs with parameters, requirements and an output that appears as a whole. */
import { readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dir, file, streamTask, task } from '@kindling/workflow'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type Fresh, fresh, statuses } from './fresh.ts'

const Text = task('Text', { output: () => file('text') })

const Words = streamTask('Words', {
  params: z.object({ reducers: z.int().default(1) }),
  requires: () => ({ text: Text() }),
  output: () => dir('words'),
  stream: ({ params, input }) => ({
    input: input.text.path,
    mapper: 'tr " " "\\n"',
    reducer: 'uniq -c | tr -s " "',
    reducers: params.reducers,
  }),
})

const Loud = streamTask('Loud', {
  requires: () => Words(),
  output: () => dir('loud'),
  stream: ({ input }) => ({ input: input.path, mapper: 'tr a-z A-Z' }),
})

function withText(text: string): Fresh {
  const folder = fresh()
  writeFileSync(join(folder.cwd, 'text'), text)
  return folder
}

test('programs run over what a task requires, and their output is what the next one reads', async () => {
  const { run, cwd } = withText('the sea the ship\n')
  expect((await run(Loud())).code).toBe(0)
  expect(readFileSync(join(cwd, 'words/part-00000'), 'utf8')).toBe(' 1 sea\n 1 ship\n 2 the\n')
  expect(readFileSync(join(cwd, 'loud/part-00000'), 'utf8')).toBe(' 1 SEA\n 1 SHIP\n 2 THE\n')
})

test('functions stand in for programs, with what they captured and the parameters', async () => {
  const { run, cwd } = withText('b a\nb\n')
  const separator = ' '
  const Counts = streamTask('Counts', {
    params: z.object({ least: z.int() }),
    requires: () => Text(),
    output: () => dir('counts'),
    stream: ({ params: { least }, input }) => ({
      input: input.path,
      mapper: (line) => line.split(separator).map((word) => `${word}\t1`),
      reducer: (word, ones) => {
        const count = [...ones].length
        return count >= least ? `${word}\t${count}` : null
      },
      reducers: 1,
    }),
  })
  expect((await run(Counts({ least: 2 }))).code).toBe(0)
  expect(readFileSync(join(cwd, 'counts/part-00000'), 'utf8')).toBe('b\t2\n')
})

test('a second run is up to date; a changed input runs again and replaces the output', async () => {
  const { run, cwd } = withText('a b\n')
  await run(Words())
  expect(statuses(await run(Words()))).toMatchObject({ 'Words(reducers=1)': 'upToDate' })
  writeFileSync(join(cwd, 'text'), 'c d e\n')
  const { rows } = await run(Words())
  expect(rows.find(({ name }) => name === 'Words')).toMatchObject({ status: 'ran' })
  expect(readFileSync(join(cwd, 'words/part-00000'), 'utf8')).toBe(' 1 c\n 1 d\n 1 e\n')
})

test('a failing program fails its task with what it said, and leaves no output', async () => {
  const { run, files } = withText('a\n')
  const Failing = streamTask('Failing', {
    requires: () => Text(),
    output: () => dir('failing'),
    stream: ({ input }) => ({ input: input.path, mapper: 'cat; echo no good >&2; exit 3' }),
  })
  const summary = await run(Failing())
  expect(summary.code).toBe(1)
  const message = summary.rows.find(({ name }) => name === 'Failing')?.error?.message
  expect(message).toContain('exit code 3')
  expect(message).toContain('no good')
  expect(files()).toEqual(['text'])
})

test('a dry run starts no program', async () => {
  const { run, files } = withText('a\n')
  const { rows } = await run(Words(), { dryRun: true })
  expect(rows.find(({ name }) => name === 'Words')).toMatchObject({ status: 'wouldRun' })
  expect(files()).toEqual(['text'])
})

test('ending the run ends its programs', async () => {
  const { run, cwd, files } = withText('a\n')
  const controller = new AbortController()
  const Sleeping = streamTask('Sleeping', {
    requires: () => Text(),
    output: () => dir('sleeping'),
    stream: ({ input }) => ({
      input: input.path,
      mapper: 'echo $$ > "$PID.new"; mv "$PID.new" "$PID"; sleep 1000',
      env: { PID: join(cwd, 'pid') },
    }),
  })
  const watcher = watch(cwd, (_event, name) => {
    if (name === 'pid') controller.abort()
  })
  onTestFinished(() => watcher.close())
  const summary = await run(Sleeping(), { signal: controller.signal })
  expect(summary.ok).toBe(false)
  expect(files()).toEqual(['pid', 'text'])
  expect(() => process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 0)).toThrow('ESRCH')
})

test('another program is other code', async () => {
  const { run } = withText('a\n')
  const [before, after] = [
    streamTask('Code', {
      output: () => dir('code'),
      requires: () => Text(),
      stream: ({ input }) => ({ input: input.path, mapper: 'cat' }),
    }),
    streamTask('Code', {
      output: () => dir('code'),
      requires: () => Text(),
      stream: ({ input }) => ({ input: input.path, mapper: 'tac' }),
    }),
  ]
  await run(before())
  const row = (await run(after(), { rerunOn: 'code' })).rows.find(({ name }) => name === 'Code')
  expect(row).toMatchObject({ status: 'ran', reason: 'its code changed' })
})

/** What the types of tasks allow and refuse; checked by the compiler, never run. */
import { dir, type FileTarget, file, glob, jsonl, memory, run, streamTask, task } from '@kindling/workflow'
import { z } from 'zod'

const Raw = task('Raw', { output: () => glob('data/*.json') })
const One = task('One', { params: z.object({ n: z.number() }), output: ({ n }) => file(`${n}`), run: () => undefined })
const Rows = task('Rows', {
  params: z.object({ n: z.number().default(1) }),
  output: () => ({ rows: jsonl('rows.jsonl', z.object({ a: z.number() })), folder: dir('rows') }),
  run: () => undefined,
})

Raw()
Raw({})
One({ n: 1 })
Rows()
// @ts-expect-error n is missing
One({})
// @ts-expect-error n is missing
One()
// @ts-expect-error n is a number
One({ n: '1' })
// @ts-expect-error nothing is called m
One({ n: 1, m: 2 })
// More than it knows is fine when it comes from a variable, so that parameters can be handed on.
const more = { n: 1, m: 2 }
One(more)

task('All', {
  params: One.params.extend({ name: z.string() }),
  requires: (params) => ({ raw: Raw(), one: One(params), list: [One(params), One({ n: 2 })], deep: { rows: Rows() } }),
  output: () => memory<number>('all'),
  async run({ params, input, output, need, sh, compute, signal, ctx }) {
    const text: string = await input.one.text()
    const pattern: string = input.raw.pattern
    const paths: string[] = input.list.map((one) => one.path)
    for await (const row of input.deep.rows.rows.rows()) output.set(row.a + params.n)
    const late: FileTarget = await need(One({ n: 3 }))
    const [first, { second }] = await need([One({ n: 4 }), { second: Rows() }])
    const path: string = first.path + second.folder.path
    const { stdout } = await sh`echo ${path} ${[1, 'a']}`
    const size: number = await compute(() => stdout.length)
    const rows: string[] = await ctx.textFile(late.path).collect({ signal })
    // @ts-expect-error no such dependency
    const two: unknown = input.two
    // @ts-expect-error a list is no file
    const listPath: unknown = input.list.path
    // @ts-expect-error it holds a number
    output.set('text')
    return [text, pattern, paths, size, rows, two, listPath]
  },
})

task('Nothing', {
  run({ input, output }) {
    const nothing: undefined = input
    const none: undefined = output
    return [nothing, none]
  },
})

task('Wrong', {
  // @ts-expect-error a factory is no task
  requires: () => One,
})
task('Wrong', {
  params: z.object({ a: z.string() }),
  // @ts-expect-error no parameter is called b
  secret: ['b'],
})

const Streamed = streamTask('Streamed', {
  params: One.params,
  requires: (params) => ({ one: One(params), rows: Rows() }),
  output: ({ n }) => dir(`streamed-${n}`),
  stream({ params, input }) {
    const paths: string[] = [input.one.path, input.rows.folder.path]
    // @ts-expect-error no such dependency
    const two: unknown = input.two
    return { input: paths, mapper: ['head', '-n', params.n.toFixed(0)], env: { TWO: String(two) } }
  },
})
const streamed: string[] = [...Streamed({ n: 1 }).output.files()]
// @ts-expect-error n is missing
Streamed()
streamTask('Wrong', {
  // @ts-expect-error programs write parts, so the output is a directory
  output: () => file('parts'),
  stream: () => ({ input: streamed, mapper: 'cat' }),
})
streamTask('Wrong', {
  output: () => dir('parts'),
  // @ts-expect-error a mapper is a program
  stream: () => ({ input: streamed, mapper: 1 }),
})

await run(One({ n: 1 }), { workers: 2 })
await run([One({ n: 1 }), Rows()])
// @ts-expect-error a factory is no task
await run(One)
// @ts-expect-error no such option
await run(Raw(), { worker: 2 })

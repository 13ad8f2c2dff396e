/** However a task takes what `run` gives, datasets are there when it uses them. */
import { memory, type RunContext, task } from '@kindling/workflow'
import { expect, test } from 'vitest'
import { fresh } from './fresh.ts'

type Given = RunContext<unknown, undefined, ReturnType<typeof memory<number>>>

const count = (given: Given): Promise<number> => given.ctx.range(3).count()

async function setCount(this: { readonly count: typeof count }, given: Given): Promise<void> {
  given.output.set(await this.count(given))
}

const bodies: Readonly<Record<string, (given: Given) => unknown>> = {
  'by name': async ({ ctx, output }) => output.set(await ctx.range(3).count()),
  'by another name': async ({ output, ctx: datasets }) => output.set(await datasets.range(3).count()),
  'as a whole': async (given) => given.output.set(await count(given)),
  'by the rest': async ({ output, ...rest }) => output.set(await rest.ctx.range(3).count()),
  'in the body': async (given) => {
    const { ctx, output } = given
    output.set(await ctx.range(3).count())
  },
  'by a bound function': setCount.bind({ count }),
  'by arguments': function () {
    // A function of its own `arguments` takes nothing by name.
    const [given] = arguments as unknown as [Given]
    return count(given).then((three) => given.output.set(three))
  },
  'by compute': async ({ compute, output }) => output.set(await compute(() => 3)),
  async 'by a method'({ ctx, output }) {
    output.set(await ctx.range(3).count())
  },
  'by a function': async function ({ ctx, output }) {
    output.set(await ctx.range(3).count())
  },
}

test.each(Object.entries(bodies))('%s', async (_name, body) => {
  const target = memory<number>('count')
  const summary = await fresh().run(task('Count', { output: () => target, run: body })())
  expect(summary.rows[0]?.error ?? null).toBe(null)
  expect(target.get()).toBe(3)
})

// A small pipeline: the readings above a threshold by a dataset job, then a report on them. It runs again what data that changed asks for.
import { dir, file, glob, main, task } from '@kindling/workflow'
import { z } from 'zod'

const Reading = z.object({ index: z.number(), total: z.number() })

const Raw = task('Raw', { description: 'Readings, one JSON object a line', output: () => glob('data/*.json') })

const Filtered = task('Filtered', {
  description: 'Readings whose index + total is above a threshold',
  params: z.object({ threshold: z.number().default(1.95) }),
  requires: () => Raw(),
  output: ({ threshold }) => dir(`pipeline_out/above-${threshold}`),
  retries: 1,
  timeout: '10m',
  async run({ params, input, output, ctx, signal }) {
    const { threshold } = params
    await ctx
      .jsonLines(input.pattern, Reading)
      .filter((reading) => reading.index + reading.total > threshold)
      .saveAsJsonLines(output.path, { overwrite: true, signal })
  },
})

const Report = task('Report', {
  description: 'How many there are, and the largest',
  params: Filtered.params,
  requires: (params) => ({ rows: Filtered(params) }),
  output: ({ threshold }) => file(`pipeline_out/report-${threshold}.txt`),
  async run({ params, input, output, sh, ctx, signal }) {
    const paths = input.rows.files()
    const { stdout } = await sh`cat ${paths} | wc -l`
    const totals = ctx.jsonLines(paths, Reading).map(({ total }) => total)
    const largest = await totals.reduce((a, b) => Math.max(a, b), { signal })
    await output.write(`${stdout.trim()} readings above ${params.threshold}, the largest total is ${largest}\n`)
  },
})

await main({ Raw, Filtered, Report })

// Ten files, each written slowly by a task of its own, several at once; run it again and there is nothing to do.
import { setTimeout as sleep } from 'node:timers/promises'
import { file, main, task } from '@kindling/workflow'
import { z } from 'zod'

const TestTask = task('TestTask', {
  description: 'Ten lines in a file',
  params: z.object({ bob: z.string().describe('name of the file'), pauseMs: z.int().min(0).default(500) }),
  unkeyed: ['pauseMs'],
  output: ({ bob }) => file(`out/${bob}.txt`),
  async run({ params, output }) {
    await output.write(async (writer) => {
      for (let line = 0; line < 10; line++) {
        await writer.write(`${params.bob} ${line}\n`)
        await sleep(params.pauseMs)
      }
    })
  },
})

const LotsOTasks = task('LotsOTasks', {
  description: 'Many of these files',
  params: z.object({ n: z.int().min(0).default(10) }),
  requires: ({ n }) => Array.from({ length: n }, (_, i) => TestTask({ bob: String(i) })),
})

await main({ TestTask, LotsOTasks })

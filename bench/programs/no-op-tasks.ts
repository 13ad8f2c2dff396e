// Tasks that do nothing, and one that requires them all and says how many ran.
import { writeFileSync } from 'node:fs'
import { task } from '@kindling/workflow'
import { z } from 'zod'

let ran = 0
const Nothing = task('Nothing', { params: z.object({ n: z.int() }), run: () => void ran++ })

export const All = task('All', {
  params: z.object({ n: z.int() }),
  requires: ({ n }) => Array.from({ length: n }, (_, i) => Nothing({ n: i })),
  run: () => writeFileSync('out/kindling', String(ran)),
})

// A task that ends its process as soon as it runs, and says that it did.
import { writeFileSync } from 'node:fs'
import { task } from '@kindling/workflow'

export const First = task('First', {
  run() {
    writeFileSync('out/kindling', '1')
    // What process.exit comes to, which fails a task instead of ending the process.
    ;(process as unknown as { reallyExit(code: number): never }).reallyExit(0)
  },
})

/** The progress bar and Ctrl-C in a real terminal, where all that writes to it and listens to it comes together. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasTerminal, runScript } from './processes.ts'
import { screenOf } from './screen.ts'

/** Its last partition waits for a file, so that the test decides when it ends. */
const SCRIPT = `
import { existsSync } from 'node:fs'
import { createContext } from 'DIST/index.js'
const context = await createContext({ master: 'local[2]' })
console.log('begins')
const rows = await context.range(0, 4, 1, 4).map((n) => {
  if (n === 1) console.log('printed by a worker')
  while (n === 3 && !existsSync('go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  return n
}).collect()
console.log('ends', rows)
`

const BAR = '3/4 tasks'

describe.skipIf(!hasTerminal())('in a terminal (made by python3)', () => {
  test('a bar is shown while a job runs, and nothing is left of it', async () => {
    const running = runScript(SCRIPT, { inTerminal: true })
    await running.printed(BAR)
    writeFileSync(join(running.folder, 'go'), '')
    const { stdout, stderr } = await running.ended()
    expect(stderr).toBe('code 0')
    expect(screenOf(stdout)).toEqual(['begins', 'printed by a worker', 'ends [ 0, 1, 2, 3 ]'])
  })

  test('Ctrl-C ends the process as SIGINT does, and wipes the bar', async () => {
    const running = runScript(SCRIPT, { inTerminal: true })
    await running.printed(BAR)
    running.child.stdin.write('\x03')
    const { stdout, stderr } = await running.ended()
    expect(stderr).toBe('signal 2')
    // The terminal itself shows the keys, above or below the bar.
    expect(screenOf(stdout.replace('^C', ''))).toEqual(['begins', 'printed by a worker'])
  })

  test.each([true, false])('with progress: %s, whether there is a bar to keep off other output', async (progress) => {
    const running = runScript(
      `
      import { createContext } from 'DIST/index.js'
      const { write } = process.stderr
      const context = await createContext({ master: 'inline', progress: ${progress} })
      context.on('taskStart', () => console.log('is watched:', process.stderr.write !== write))
      await context.range(0, 1, 1, 1).count()
      console.log('is watched:', process.stderr.write !== write)`,
      { inTerminal: true },
    )
    const { stdout } = await running.ended()
    expect(screenOf(stdout)).toEqual([`is watched: ${progress}`, 'is watched: false'])
  })
})

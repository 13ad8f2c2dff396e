/** The progress bar and Ctrl-C in a real terminal, where all that writes to it and listens to it comes together. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasTerminal, runScript } from './processes.ts'
import { screenOf } from './screen.ts'

/** Its last partition waits for a file, so that the test decides when it ends. */
const scriptOn = (isolation: string): string => `
import { existsSync } from 'node:fs'
import { createContext } from 'DIST/bundle/index.js'
const context = await createContext({ master: 'local[2]', isolation: '${isolation}' })
console.log('begins')
const rows = await context.range(0, 4, 1, 4).map((n) => {
  if (n === 1) console.log('printed by a worker')
  while (n === 3 && !existsSync('go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  return n
}).collect()
console.log('ends', rows)
`

const ISOLATIONS = ['thread', 'process']

const BAR = '3/4 tasks'

describe.skipIf(!hasTerminal())('in a terminal (made by python3)', () => {
  test.each(ISOLATIONS)('a bar is shown while a job runs in a %s, and nothing is left of it', async (isolation) => {
    const running = runScript(scriptOn(isolation), { inTerminal: true })
    await running.printed(BAR)
    writeFileSync(join(running.folder, 'go'), '')
    const { stdout, stderr } = await running.ended()
    expect(stderr).toBe('code 0')
    expect(screenOf(stdout)).toEqual(['begins', 'printed by a worker', 'ends [ 0, 1, 2, 3 ]'])
  })

  test.each(ISOLATIONS)('Ctrl-C ends the process as SIGINT does, and wipes the bar: %s', async (isolation) => {
    const running = runScript(scriptOn(isolation), { inTerminal: true })
    await running.printed(BAR)
    running.child.stdin.write('\x03')
    const { stdout, stderr } = await running.ended()
    expect(stderr).toBe('signal 2')
    // The terminal itself shows the keys, above or below the bar.
    expect(screenOf(stdout.replace('^C', ''))).toEqual(['begins', 'printed by a worker'])
  })

  test('Ctrl-C is for the driver: a worker process knows nothing of it', async () => {
    const running = runScript(
      `
      import { existsSync, writeFileSync } from 'node:fs'
      import { createContext } from 'DIST/bundle/index.js'
      const context = await createContext({ master: 'local[1]', isolation: 'process', signals: false, progress: false })
      process.on('SIGINT', () => writeFileSync('go', ''))
      let attempts = 0
      context.on('taskStart', () => attempts++)
      const rows = await context.range(0, 1, 1, 1).map((n) => {
        console.log('waits')
        while (!existsSync('go')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
        return n
      }).collect()
      console.log('ends ' + rows + ' ' + attempts)
      await context.stop()
      process.exit()`,
      { inTerminal: true },
    )
    await running.printed('waits')
    running.child.stdin.write('\x03')
    const { stdout, stderr } = await running.ended()
    expect(stderr).toBe('code 0')
    expect(stdout).toContain('ends 0 1')
  })

  test.each([true, false])('with progress: %s, whether there is a bar to keep off other output', async (progress) => {
    const running = runScript(
      `
      import { createContext } from 'DIST/bundle/index.js'
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

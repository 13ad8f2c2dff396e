/** What a start loads: modules of Node's that take milliseconds are not among it, on the driver and in workers. */
import { expect, test } from 'vitest'
import { runScript } from './processes.ts'

const COSTLY = [
  'internal/deps/undici/undici',
  'crypto',
  'internal/crypto/webcrypto',
  'zlib',
  'child_process',
  'perf_hooks',
  // What an `import` of node:fs brings.
  'internal/fs/streams',
]

test.each(['local[1]', 'inline'])(
  'a job whose functions need none loads no costly module of Node: %s',
  async (master) => {
    const job = runScript(`
    import { createContext } from 'DIST/bundle/index.js'
    const { writeFileSync } = process.getBuiltinModule('node:fs')
    writeFileSync('rows.json', '{"n": 1}\\n{"n": 2}\\n')
    const ctx = await createContext({ master: '${master}', progress: false })
    const least = 1
    const rows = ctx.textFile('*.json').map((line) => JSON.parse(line)).filter((row) => row.n > least)
    await rows.map((row) => JSON.stringify(row)).saveAsTextFile('out')
    const [loaded] = await rows.map(() => process.moduleLoadList).collect()
    await ctx.stop()
    console.log(JSON.stringify({ driver: process.moduleLoadList, worker: loaded }))
  `)
    const { stdout, stderr } = await job.ended()
    expect(stderr).toBe('')
    const { driver, worker } = JSON.parse(stdout) as Record<'driver' | 'worker', readonly string[]>
    expect(driver).toContain('NativeModule fs')
    expect(worker).toContain('NativeModule fs')
    for (const name of COSTLY) {
      expect(driver).not.toContain(`NativeModule ${name}`)
      expect(worker).not.toContain(`NativeModule ${name}`)
    }
  },
)

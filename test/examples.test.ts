/** The examples run as a stranger runs them, and print what they are known to print. `01-json-filter` is what `npm start` runs. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TSX = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
const EXAMPLES = readdirSync(join(ROOT, 'examples')).filter((name) => /^0[2-9]-.*\.ts$/.test(name))

test('there are the examples that the README promises', () => {
  expect(EXAMPLES).toEqual([
    '02-word-count.ts',
    '03-page-rank.ts',
    '04-k-means.ts',
    '05-join-csv.ts',
    '06-top-of-logs.ts',
    '07-monte-carlo-pi.ts',
  ])
})

test.each(EXAMPLES)('%s prints what it should', async (name) => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [TSX, `examples/${name}`], { cwd: ROOT })
  expect(stderr).toBe('')
  await expect(stdout).toMatchFileSnapshot(join(ROOT, 'test/examples', name.replace('.ts', '.txt')))
})

/** A task that reads many files has few of them open. */
import { expect, test } from 'vitest'
import { runScript } from './processes.ts'

test.each(['textFile', 'csv', 'wholeTextFiles', 'textFile, in V8'])(
  'more files in a partition than may be open: %s',
  async (verb) => {
    const script = `
    import { mkdirSync, writeFileSync } from 'node:fs'
    import { createContext } from 'DIST/bundle/index.js'
    mkdirSync('data')
    for (let i = 0; i < 400; i++) writeFileSync(\`data/\${i}.txt\`, '{"n": 1}\\n{"n": 2}\\n')
    const ctx = await createContext({ master: 'local[2]', progress: false, compile: ${!verb.endsWith('V8')} })
    const rows = {
      textFile: () => ctx.textFile('data').map((line) => JSON.parse(line).n).coalesce(2),
      csv: () => ctx.csv('data', { header: false, columns: ['text'], quote: null }).map((row) => JSON.parse(row.text).n).coalesce(2),
      wholeTextFiles: () => ctx.wholeTextFiles('data').flatMap(([, text]) => text.trim().split('\\n')).map((line) => JSON.parse(line).n).coalesce(2),
    }
    const sum = await rows['${verb.split(',')[0]}']().map((n) => n + 1).sum()
    await ctx.stop()
    console.log(sum)
  `
    const { stdout, stderr } = await runScript(script, { mostFiles: 200 }).ended()
    expect({ stdout, stderr }).toEqual({ stdout: '2000\n', stderr: '' })
  },
)

test('more sorted runs in files than may be open are merged', async () => {
  const script = `
    import { mkdirSync, writeFileSync } from 'node:fs'
    import { createContext } from 'DIST/bundle/index.js'
    mkdirSync('data')
    for (let i = 0; i < 400; i++) writeFileSync(\`data/\${i}.txt\`, \`\${i}\\n\${400 + i}\\n\`)
    // Processes share no memory, so that all blocks are files.
    const ctx = await createContext({ master: 'local[2]', isolation: 'process', progress: false })
    const keys = await ctx.textFile('data').map((line) => [Number(line), null]).sortByKey(true, 2).keys().collect()
    await ctx.stop()
    console.log(keys.length, keys.every((key, i) => key === i))
  `
  const { stdout, stderr } = await runScript(script, { mostFiles: 200 }).ended()
  expect({ stdout, stderr }).toEqual({ stdout: '800 true\n', stderr: '' })
})

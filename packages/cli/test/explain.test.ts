/** `kindling explain`: the plans of a program's actions, and no job. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folderWith, kindling } from './command.ts'

const PROGRAM = `import { createContext } from 'kindling'
const context = await createContext({ master: 'local[2]' })
const words = context.textFile('words.txt').flatMap((line) => line.split(' '))
await words.forEach(() => { throw new Error('a job ran') })
await words.saveAsTextFile('out')
console.log(await words.count())
console.log('never reached')
`

test('each action tells its plan; what only has an effect is passed over, what gives a value ends it', async () => {
  const folder = folderWith({ 'job.ts': PROGRAM, 'words.txt': 'a b\n' })
  const { code, stdout, stderr } = await kindling(folder, ['explain', 'job.ts'])
  expect(code).toBe(0)
  expect(stdout.split('\n\n').map((text) => text.split('\n')[0])).toEqual([
    'forEach  job.ts:4:13',
    'saveAsTextFile  job.ts:5:13',
    'count  job.ts:6:25',
  ])
  expect(stdout).toMatch(/textFile words\.txt, \d partitions?  +job\.ts:3:23/)
  expect(stdout).toMatch(/flatMap \(line\) => line\.split\(.+\)  +job\.ts:3:45/)
  expect(stderr).toBe(
    'explain: what job.ts does with the value of count  job.ts:6:25 is not shown: only running gives it\n',
  )
  expect(existsSync(join(folder, 'out'))).toBe(false)
})

test('--json prints nothing else to stdout', async () => {
  const folder = folderWith({ 'job.ts': `console.log('printed')\n${PROGRAM}`, 'words.txt': 'a b\n' })
  const { code, stdout, stderr } = await kindling(folder, ['explain', '--json', 'job.ts'])
  expect(code).toBe(0)
  expect(stderr).toContain('printed')
  const actions = JSON.parse(stdout) as { verb: string; at: string; plan: string; isWaiting: boolean }[]
  expect(actions.map(({ verb, isWaiting }) => [verb, isWaiting])).toEqual([
    ['forEach', false],
    ['saveAsTextFile', false],
    ['count', true],
  ])
  expect(actions[2]?.at).toBe('job.ts:7:25')
  expect(actions[2]?.plan).toContain('flatMap (line) => line.split')
})

test('a program without actions, and one whose input is missing', async () => {
  const folder = folderWith({
    'none.ts': "import { range } from 'kindling'\nrange(3).map((n) => n)\n",
    'wrong.ts': "import { textFile } from 'kindling'\nawait textFile('nowhere').count()\n",
  })
  const none = await kindling(folder, ['explain', 'none.ts'])
  expect(none).toEqual({
    code: 0,
    stdout: '',
    stderr: 'explain: none.ts came to no action, so there is no plan to show\n',
  })
  const wrong = await kindling(folder, ['explain', 'wrong.ts'])
  expect([wrong.code, wrong.stdout]).toEqual([1, ''])
  expect(wrong.stderr).toMatch(/DataError: .*nowhere/)
})

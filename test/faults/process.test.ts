/** How a whole process ends: by itself, by a signal, by a kill in the middle of writing; and what the next run finds. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { everythingIn, freshFolder } from './fresh.ts'

const MODULES = fileURLToPath(new URL('../node_modules', import.meta.url))
const TSX = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** A user's script in a folder of its own, running. */
function start(
  folder: string,
  script: string,
  options: { name?: string; env?: Record<string, string> } = {},
): ChildProcess {
  const name = options.name ?? 'job.mjs'
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(MODULES, join(folder, 'node_modules'))
  writeFileSync(join(folder, name), script)
  const args = name.endsWith('.mts') ? [TSX, name] : [name]
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...process.env, ...options.env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function end(child: ChildProcess): Promise<Ended> {
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (data) => (texts[name] += String(data)))
  const [code, signal] = await once(child, 'close')
  return { code, signal, ...texts }
}

/** Resolves when the process prints a line. */
async function printed(child: ChildProcess, line: string): Promise<void> {
  if (child.stdout === null) throw new Error('stdout is not a pipe')
  for await (const text of createInterface({ input: child.stdout })) if (text === line) return
  throw new Error(`it ended without printing ${line}`)
}

/** Writes 40 parts slowly enough to be interrupted, and says when the third is done. */
const SLOW_WRITE = `
import { createContext } from 'kindling'
const ctx = await createContext({ master: 'local[2]' })
let done = 0
ctx.on('taskEnd', () => { if (++done === 3) console.log('three parts are written') })
await ctx.range(0, 40, 1, 40).map((n) => {
  if (process.env.SLOW) for (const end = Date.now() + 100; Date.now() < end;);
  return 'row ' + n
}).saveAsTextFile('out')
await ctx.stop()
`

test('a script on the default context ends by itself', async () => {
  const script = `
    import { parallelize } from 'kindling'
    const K = 2
    console.log(await parallelize([1, 2, 3]).map((n) => n * K).collect())`
  expect(await end(start(freshFolder(), script))).toEqual({
    code: 0,
    signal: null,
    stdout: '[ 2, 4, 6 ]\n',
    stderr: '',
  })
})

test('a script that forgets to stop its context ends by itself', async () => {
  const script = `
    import { createContext } from 'kindling'
    const ctx = await createContext({ master: 'local[2]' })
    console.log(await ctx.range(10).sum())`
  expect(await end(start(freshFolder(), script))).toMatchObject({ code: 0, stdout: '45\n' })
})

test('an action that nobody awaits is not cut off by the end of the script', async () => {
  const script = `
    import { parallelize } from 'kindling'
    void parallelize([1]).forEach(() => { for (const end = Date.now() + 300; Date.now() < end;); console.log('done') })`
  expect(await end(start(freshFolder(), script))).toMatchObject({ code: 0, stdout: 'done\n' })
})

test('a failed job makes the script fail, and shows the line of the TypeScript source', async () => {
  const script = `import { createContext } from 'kindling'
interface Row { readonly user: { readonly name: string } }

await using ctx = await createContext({ master: 'local[2]' })
const names = ctx.parallelize(['{"user":{"name":"a"}}', '{}'], 1)
  .map((line) => JSON.parse(line) as Row)
  .map((row) => {
    type Unused = string

    return row.user.name.length
  })
await names.collect()
`
  const ended = await end(start(freshFolder(), script, { name: 'job.mts' }))
  expect(ended.code).toBe(1)
  expect(ended.stderr).toContain(
    "TaskError: map (job.mts:7:4): TypeError: Cannot read properties of undefined (reading 'name') [partition 0]",
  )
  expect(ended.stderr).toContain('at collect (job.mts:12:13)')
  expect(ended.stderr).toMatch(/\[cause\]: TypeError: .*\n\s+at .*job\.mts:10:21/)
})

test('a dataset made inside a function is refused', async () => {
  const script = `
    import { createContext, range } from 'kindling'
    await using ctx = await createContext({ master: 'local[1]' })
    await ctx.range(1).mapAsync(() => range(3).count()).collect().catch((error) => console.log(error.message))`
  const { stdout } = await end(start(freshFolder(), script, { name: 'job.mts' }))
  expect(stdout).toContain('a context cannot be made, nor a dataset used, inside a function that runs on a dataset')
})

test.each([
  ['SIGINT', 'thread'],
  ['SIGTERM', 'thread'],
  ['SIGHUP', 'thread'],
  ['SIGINT', 'process'],
] as const)('%s in the middle of writing, by a %s, leaves nothing, and a rerun does all', async (signal, isolation) => {
  const folder = freshFolder()
  const child = start(folder, SLOW_WRITE, { env: { SLOW: '1', KINDLING_ISOLATION: isolation } })
  await printed(child, 'three parts are written')
  child.kill(signal)
  expect(await end(child)).toMatchObject({ code: null, signal, stderr: '' })
  expect(everythingIn(folder).filter((path) => !path.startsWith('node_modules'))).toEqual(['job.mjs'])
  expect(await end(start(folder, SLOW_WRITE))).toMatchObject({ code: 0 })
  expect(readdirSync(join(folder, 'out'))).toHaveLength(41)
})

test('SIGKILL in the middle of writing leaves no output, and a rerun sweeps what it left', async () => {
  const folder = freshFolder()
  const child = start(folder, SLOW_WRITE, { env: { SLOW: '1' } })
  await printed(child, 'three parts are written')
  child.kill('SIGKILL')
  await end(child)
  expect(existsSync(join(folder, 'out'))).toBe(false)
  expect(readdirSync(folder).filter((name) => name.startsWith('.out.'))).toHaveLength(1)
  expect(await end(start(folder, SLOW_WRITE))).toMatchObject({ code: 0 })
  expect(readdirSync(join(folder, 'out'))).toHaveLength(41)
  expect(readdirSync(folder).toSorted()).toEqual(['job.mjs', 'node_modules', 'out'])
})

test('a listener of the user decides what an interrupt does after the jobs are cancelled', async () => {
  const script = `
    import { createContext } from 'kindling'
    process.on('SIGINT', () => console.log('mine'))
    const ctx = await createContext({ master: 'local[1]' })
    ctx.on('taskStart', () => console.log('started'))
    await ctx.range(1).map(() => { for (;;); }).collect().catch((error) => console.log(error.name))
    console.log(await ctx.range(3).sum())`
  const folder = freshFolder()
  const child = start(folder, script)
  let stdout = ''
  child.stdout?.on('data', (data) => (stdout += String(data)))
  await printed(child, 'started')
  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'started\nmine\nAbortError\nstarted\n3\n' })
})

test('a full disk is an error with the path, and leaves nothing', async ({ skip }) => {
  const folder = freshFolder()
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const mount = spawn('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' })
  const [mounted] = await once(mount, 'close').catch(() => [1])
  skip(mounted !== 0, 'mounting a small disk needs root')
  onTestFinished(async () => void (await once(spawn('umount', [disk]), 'close')))
  const script = `
    import { createContext } from 'kindling'
    await using ctx = await createContext({ master: 'local[2]' })
    await ctx.range(0, 2e6, 1, 2).map((n) => 'a row that takes some room ' + n).saveAsTextFile('disk/out')
      .catch((error) => console.log(error.name, error.message))`
  const { stdout } = await end(start(folder, script, { name: 'job.mts' }))
  expect(stdout).toMatch(/^TaskError saveAsTextFile \(job\.mts:\d+:\d+\): .*disk.*/)
  expect(stdout).toMatch(/ENOSPC|no space|full/i)
  expect(readdirSync(disk)).toEqual([])
})

test('variables configure a context, and a wrong one is refused with the nearest name', async () => {
  const script = `
    import { createContext } from 'kindling'
    await createContext().then((ctx) => console.log(ctx.defaultParallelism), (error) => console.log(error.message))`
  const folder = freshFolder()
  const stdoutWith = async (env: Record<string, string>): Promise<string> =>
    (await end(start(folder, script, { env }))).stdout
  expect(await stdoutWith({ KINDLING_MASTER: 'local[3]' })).toBe('3\n')
  expect(await stdoutWith({ KINDLING_MASTR: 'local' })).toBe(
    'unknown variable KINDLING_MASTR. Did you mean KINDLING_MASTER?\n',
  )
  expect(await stdoutWith({ KINDLING_TASK_TIMEOUT: 'soon' })).toBe(
    'KINDLING_TASK_TIMEOUT: expected milliseconds or a duration like 500ms, 30s, 5m or 1h, got "soon"\n',
  )
})

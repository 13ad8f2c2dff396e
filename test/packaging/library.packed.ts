/** The library as strangers get it: packed, installed by plain npm into an empty project, used from there. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PNPM = 'pnpm@12.20.0'
const execute = promisify(execFile)

let folder: string
let tarball: string
/** An empty project in which the library is installed; a test clears away what it wrote. */
let project: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kindling-packed-'))
  execFileSync('npx', ['--yes', PNPM, 'pack', '--pack-destination', folder], { cwd: join(ROOT, 'packages/core') })
  tarball = join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? '')
  project = join(folder, 'project')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'stranger', private: true, type: 'module' }))
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  const tools = ['tsx', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`)
  execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball, ...tools], { cwd: project })
  execFileSync(process.execPath, [
    join(ROOT, 'scripts/sample-data.mjs'),
    '--directory',
    join(project, 'data'),
    '--rows',
    '20000',
  ])
})

let pristine: ReadonlySet<string>
beforeEach(() => {
  pristine = new Set(readdirSync(project))
})
afterEach(() => {
  for (const name of readdirSync(project)) if (!pristine.has(name)) rmSync(join(project, name), { recursive: true })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs a program of the project; its stdout. A failure shows what it printed. */
async function run(command: string, ...args: string[]): Promise<string> {
  try {
    return (await execute(command, args, { cwd: project })).stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}

function write(name: string, text: string): void {
  writeFileSync(join(project, name), text)
}

const tsc = (...args: string[]): Promise<string> => run('node', 'node_modules/typescript/bin/tsc', '--strict', ...args)

/** The script at the head of the README. */
function readmeScript(): string {
  const block = readFileSync(join(ROOT, 'README.md'), 'utf8').match(/```ts\n(.*?)```/s)?.[1]
  expect(block).toContain("from 'kindling'")
  return block ?? ''
}

/** The rows that the README's script writes, found again by the plainest program. */
function expectedRows(): string[] {
  const lines = readdirSync(join(project, 'data'))
    .filter((name) => name.endsWith('.json') && !name.startsWith('.'))
    .flatMap((name) =>
      readFileSync(join(project, 'data', name), 'utf8')
        .trimEnd()
        .split('\n'),
    )
  const rows = lines.map((line) => JSON.parse(line) as { index: number; total: number })
  const kept = rows.map((row) => ({ ...row, sum_val: row.index + row.total })).filter((row) => row.sum_val > 1.95)
  return kept.map((row) => JSON.stringify(row)).toSorted()
}

/** The rows that the README's script wrote. */
function writtenRows(script: string): string[] {
  const output = join(project, script.match(/saveAsTextFile\('([^']+)'/)?.[1] ?? '')
  const names = readdirSync(output)
  expect(names).toContain('_SUCCESS')
  const parts = names.filter((name) => name.startsWith('part-'))
  return parts.flatMap((name) => readFileSync(join(output, name), 'utf8').split('\n').filter(Boolean)).toSorted()
}

const TYPED = `
  import { createContext } from 'kindling'
  const ctx = await createContext()
  const lengths: number[] = await ctx.parallelize(['a', 'bb']).map((word) => word.length).collect()
  // @ts-expect-error A number has no such method: the row's type is inferred.
  export const wrong = () => ctx.parallelize(['a']).map((word) => word.length).map((length) => length.toUpperCase())
  console.log(JSON.stringify(lengths))
  await ctx.stop()
`

const UNTYPED = `
  createContext().then(async (ctx) => {
    const least = 3
    console.log(JSON.stringify(await ctx.range(10).filter((n) => n >= least).map((n) => n * 2).take(3)))
    await ctx.stop()
  })
`

test('the package holds the compiled files, their sources, the licence and the README, and nothing else', async () => {
  const listed = (await run('tar', '-tzf', tarball)).trim().split('\n')
  const outside = listed.filter((path) => !/^package\/(dist|src)\/.*\.(js|d\.ts|js\.map|d\.ts\.map|ts)$/.test(path))
  expect(outside.toSorted()).toEqual([
    'package/LICENSE',
    'package/README.md',
    'package/kernel/kernel.wasm',
    'package/package.json',
  ])
  expect(listed).toContain('package/dist/bundle/thread-worker.js')
  const installed = join(project, 'node_modules/kindling')
  expect(readFileSync(join(installed, 'README.md'), 'utf8')).toBe(readFileSync(join(ROOT, 'README.md'), 'utf8'))
  expect(readFileSync(join(installed, 'package.json'), 'utf8')).not.toMatch(/catalog:|workspace:/)
})

test("the README's script runs under tsx", async () => {
  write('job.ts', readmeScript())
  await run('node_modules/.bin/tsx', 'job.ts')
  expect(writtenRows(readmeScript())).toEqual(expectedRows())
})

test("the README's script, compiled by tsc, runs under plain node", async () => {
  write('job.ts', readmeScript())
  await tsc(
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
    '--types',
    'node',
    'job.ts',
  )
  await run('node', 'job.js')
  expect(writtenRows(readmeScript())).toEqual(expectedRows())
})

test('the library is imported from a module', async () => {
  write('job.mjs', `import { createContext } from 'kindling'\n${UNTYPED}`)
  expect(await run('node', 'job.mjs')).toBe('[6,8,10]\n')
})

test('the library is required from CommonJS', async () => {
  write('job.cjs', `const { createContext } = require('kindling')\n${UNTYPED}`)
  expect(await run('node', 'job.cjs')).toBe('[6,8,10]\n')
})

test.each([
  ['nodenext', 'nodenext'],
  ['esnext', 'bundler'],
])('types are found with module %s and resolution %s', async (module, resolution) => {
  write('job.ts', TYPED)
  await tsc(
    '--noEmit',
    '--module',
    module,
    '--moduleResolution',
    resolution,
    '--target',
    'es2022',
    '--types',
    'node',
    'job.ts',
  )
  expect(await run('node_modules/.bin/tsx', 'job.ts')).toBe('[1,2]\n')
})

test('types are found from CommonJS', async () => {
  write(
    'job.cts',
    "import kindling = require('kindling')\nexport const make: typeof kindling.createContext = kindling.createContext\n",
  )
  await tsc('--noEmit', '--module', 'nodenext', '--target', 'es2022', '--types', 'node', 'job.cts')
})

test('the declarations are sound by themselves', async () => {
  write('job.ts', TYPED)
  await tsc(
    '--noEmit',
    '--skipLibCheck',
    'false',
    '--module',
    'nodenext',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable,dom',
    '--types',
    'node',
    'job.ts',
  )
})

test('the doors for other engines open, and no other path does', async () => {
  write(
    'doors.mjs',
    "for (const door of ['plan', 'run']) console.log(Object.keys(await import(`kindling/${door}`)).length > 0)",
  )
  expect(await run('node', 'doors.mjs')).toBe('true\ntrue\n')
  write('wall.mjs', "await import('kindling/dist/bundle/thread-worker.js')")
  await expect(run('node', 'wall.mjs')).rejects.toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED')
})

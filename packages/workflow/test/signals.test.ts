/**
 * Signals at random moments, to the parent or to a child: nothing survives, no target is half-written, and the next run does the rest.
 * The moments are steps that the pipeline tells of, drawn from a seed that is printed; SIGNALS_SEED repeats a run.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { filesIn } from './fresh.ts'
import { programFolder } from './scripts.ts'

const ROUNDS = 50
/** Rounds at once: they wait more than they compute. */
const AT_ONCE = 3
const SEED = Number(process.env['SIGNALS_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const PIPELINE = fileURLToPath(new URL('fixtures/pipeline.mjs', import.meta.url))

interface Round {
  readonly name: string
  readonly signal: NodeJS.Signals
  readonly victim: 'parent' | 'child'
  /** The step at which it comes, or the child that it goes to, from 1. */
  readonly at: number
  readonly args: readonly string[]
}

/** Numbers of [0, 1). Source: mulberry32, Tommy Ettinger, public domain. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

function rounds(): readonly Round[] {
  const next = random(SEED)
  const pick = (count: number): number => Math.floor(next() * count)
  const signals = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const
  return Array.from({ length: ROUNDS }, (_, index) => {
    const victim = pick(4) === 0 ? 'child' : 'parent'
    const signal = signals[pick(3)] ?? 'SIGKILL'
    const at = 1 + pick(victim === 'child' ? 4 : 45)
    const hasJob = pick(5) === 0
    const name = `${index}: ${signal} to the ${victim} at ${at}${hasJob ? ', with a dataset' : ''}`
    return { name, signal, victim, at, args: ['All', '--workers', '3', ...(hasJob ? ['--job'] : [])] }
  })
}

/** What the targets hold when they are complete. */
function expectedContent(path: string): string | null {
  const lines = (n: string, order: readonly number[]): string => order.map((i) => `${n} ${i}\n`).join('')
  const ascending = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
  const [, kind = '', n = ''] = /^(lines|deep\/sorted)-(\d)\.txt$/.exec(path) ?? []
  if (kind === 'lines') return lines(n, ascending.toReversed())
  if (kind === 'deep/sorted') return `${lines(n, ascending)}more\n`
  if (path === 'all.txt') return ['2', '3'].map((late) => `${lines(late, ascending)}more\n`).join('')
  const [, part] = /^folder\/part-(\d)$/.exec(path) ?? []
  if (part !== undefined) return part
  if (path.endsWith('/_SUCCESS')) return ''
  const [, rows] = /^job\/part-0000(\d)$/.exec(path) ?? []
  if (rows !== undefined) return Array.from({ length: 50 }, (_, i) => `row ${Number(rows) * 50 + i}\n`).join('')
  return null
}

/** Problems with what stands in the output folder; names that begin with a dot are leftovers. */
function problems(out: string, mayLeave: boolean): readonly string[] {
  const files = filesOrNone(out)
  const visible = files.filter((path) => !/(^|\/)\./.test(path))
  const wrong = visible.filter((path) => readFileSync(join(out, path), 'utf8') !== expectedContent(path))
  const folders = ['folder', 'job'].filter((name) => visible.some((path) => path.startsWith(`${name}/`)))
  const partial = folders.filter(
    (name) => visible.filter((path) => path.startsWith(`${name}/`)).length !== (name === 'job' ? 9 : 6),
  )
  return [
    ...wrong.map((path) => `${path} holds something else`),
    ...partial.map((name) => `${name} is not whole`),
    ...(mayLeave ? [] : files.filter((path) => !visible.includes(path)).map((path) => `${path} was left`)),
  ]
}

function filesOrNone(folder: string): readonly string[] {
  try {
    return filesIn(folder)
  } catch {
    return []
  }
}

function start(folder: string, { args }: Round): ChildProcess {
  // By this variable all that it starts is found.
  return spawn(process.execPath, ['tasks.mjs', ...args], { cwd: folder, env: { ...process.env, ROUND_FOLDER: folder } })
}

/** Sends the signal when its moment comes. */
function interrupt(child: ChildProcess, { signal, victim, at }: Round): void {
  let steps = 0
  child.stdout?.on('data', (bytes: Buffer) => {
    const before = steps
    steps += String(bytes).split('step').length - 1
    if (victim === 'parent' && before < at && steps >= at) child.kill(signal)
  })
  let children = 0
  child.stderr?.on('data', (bytes: Buffer) => {
    for (const [, pid] of String(bytes).matchAll(/^child (\d+)$/gm)) {
      if (++children !== at || victim !== 'child') continue
      try {
        process.kill(Number(pid), signal)
      } catch {
        // It has ended by itself.
      }
    }
  })
}

/** Processes that this folder's program started and that still run. */
function survivors(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`ROUND_FOLDER=${folder}\0`)) return false
      return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    } catch {
      return false
    }
  })
}

/** Those that are still there when they have had their time to end. */
async function lastSurvivors(folder: string): Promise<readonly string[]> {
  for (const end = Date.now() + 10_000; Date.now() < end; ) {
    if (survivors(folder).length === 0) return []
    await new Promise((resolve) => setImmediate(resolve))
    await once(spawn('true'), 'close')
  }
  return survivors(folder)
}

async function play(round: Round): Promise<readonly string[]> {
  const folder = programFolder('')
  cpSync(PIPELINE, join(folder, 'tasks.mjs'))
  const out = join(folder, 'out')
  const first = start(folder, round)
  interrupt(first, round)
  const [code, signal] = (await once(first, 'close')) as [number | null, NodeJS.Signals | null]
  const found = [
    ...(await lastSurvivors(folder)).map((pid) => `process ${pid} survived`),
    ...problems(out, round.signal === 'SIGKILL' && round.victim === 'parent'),
  ]
  const isExpected = round.victim === 'parent' ? signal === round.signal || code === 0 : code === 0 || code === 1
  if (!isExpected) found.push(`it ended with exit code ${code} and signal ${signal}`)
  const second = start(folder, round)
  let stderr = ''
  second.stderr?.on('data', (bytes: Buffer) => (stderr += String(bytes)))
  second.stdout?.resume()
  const [again] = (await once(second, 'close')) as [number | null]
  if (again !== 0) found.push(`the next run ended with exit code ${again}: ${stderr}`)
  const job = round.args.includes('--job') ? 9 : 0
  const missing = again === 0 && filesOrNone(out).length !== 4 + 4 + 1 + 6 + job
  if (missing) found.push(`the next run left ${filesOrNone(out).join(', ')}`)
  return [...found, ...problems(out, false)].map((problem) => `${round.name}: ${problem}`)
}

test.skipIf(process.platform !== 'linux')(
  `signals at ${ROUNDS} random moments leave nothing, and the next run does the rest (needs /proc; seed ${SEED})`,
  { timeout: 300_000 },
  async () => {
    const pending = [...rounds()]
    const found: string[] = []
    const walk = async (): Promise<void> => {
      for (let round = pending.shift(); round !== undefined; round = pending.shift()) found.push(...(await play(round)))
    }
    await Promise.all(Array.from({ length: AT_ONCE }, walk))
    expect(found).toEqual([])
  },
)

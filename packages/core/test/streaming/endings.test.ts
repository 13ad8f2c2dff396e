/** Endings at random moments: signals to the command and to its programs. Nothing survives, nothing is half-written, the next run does the rest. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { contents, ended, everything, folderWith, run, start } from './command.ts'

const RUNS = 50
const INPUTS = 6

/** Slow enough to be met in the middle; what it starts in the background is to end with it. */
const MAPPER = 'sleep 70 & while read -r line; do echo "$line"; sleep 0.01; done; kill %1'

/** Numbers in [0, 1) from a seed. Source: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Processes whose environment names the folder: all that a run started, wherever they are now. */
function processesOf(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return false
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`KINDLING_TEST_FOLDER=${folder}\0`)
      } catch {
        return false
      }
    })
}

/** The words of a process's command. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

const isLinux = existsSync('/proc/self/environ')
const seed = Number(process.env['KINDLING_SEED'] ?? Math.floor(Math.random() * 1e6))

test.skipIf(!isLinux)(
  `${RUNS} runs ended at random moments leave no process and no half output, and the next run finishes (KINDLING_SEED=${seed}) [needs /proc]`,
  async () => {
    const random = randomFrom(seed)
    let interrupted = 0
    const one = async (number: number): Promise<void> => {
      const lines = (input: number): string => Array.from({ length: 8 }, (_, i) => `k${i}\t${input}\n`).join('')
      const folder = folderWith(Object.fromEntries(Array.from({ length: INPUTS }, (_, i) => [`in/${i}`, lines(i)])))
      const isReduced = number % 3 === 0
      const output = number % 3 === 1 ? ['-o', 'out/{/}'] : ['-o', 'out']
      const args = [
        '-i',
        'in',
        '-m',
        MAPPER,
        '-j',
        '3',
        ...output,
        ...(isReduced ? ['-r', `${MAPPER}; true`, '--reducers', '2', '--tmp-dir', '.'] : []),
      ]
      const kind = (['SIGINT', 'SIGTERM', 'SIGKILL', 'SIGHUP', 'child'] as const)[Math.floor(random() * 5)] ?? 'child'
      const child = start(folder, args, { KINDLING_TEST_FOLDER: folder })
      const end = ended(child)
      onTestFinished(() => void child.kill('SIGKILL'))
      await after(random() * 900)
      if (kind === 'child') {
        const programs = processesOf(folder).filter((pid) => pid !== child.pid && commandOf(pid).includes('while read'))
        const victim = programs[Math.floor(random() * programs.length)]
        if (victim !== undefined) process.kill(victim, 'SIGKILL')
      } else child.kill(kind)
      const { code, signal, stderr } = await end
      if (kind !== 'child') {
        expect({ kind, code, signal, stderr: code === 0 ? '' : stderr }).toEqual({
          kind,
          code: code === 0 ? 0 : null,
          signal: code === 0 ? null : kind,
          stderr: '',
        })
      }
      if (code !== 0) interrupted++
      // After a kill the leash ends the programs, politely first.
      await vi.waitFor(() => expect(processesOf(folder).map(commandOf)).toEqual([]), { timeout: 20_000, interval: 50 })
      checkWhole(join(folder, 'out'), isReduced, lines)
      const again = await run(folder, args)
      expect(again.code, again.stderr).toBe(0)
      checkWhole(join(folder, 'out'), isReduced, lines)
      const all = Object.values(contents(join(folder, 'out'))).join('')
      expect(all.trim().split('\n').toSorted()).toEqual(
        Array.from({ length: INPUTS }, (_, i) => lines(i).trim().split('\n'))
          .flat()
          .toSorted(),
      )
      expect(everything(folder).filter((name) => name.includes('.kindling-'))).toEqual([])
    }
    const numbers = Array.from({ length: RUNS }, (_, i) => i)
    // Each waits most of its time.
    await Promise.all(
      Array.from({ length: 5 }, async () => {
        for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) await one(number)
      }),
    )
    expect(interrupted).toBeGreaterThan(RUNS / 3)
  },
  120_000,
)

/** Whatever has its name holds all that belongs to it. */
function checkWhole(folder: string, isReduced: boolean, lines: (input: number) => string): void {
  if (!existsSync(folder)) return
  for (const [name, text] of Object.entries(contents(folder))) {
    if (isReduced) {
      const keys = text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.split('\t')[0])
      for (const key of new Set(keys)) expect(keys.filter((each) => each === key)).toHaveLength(INPUTS)
    } else expect(text).toBe(lines(Number(name.replace('part-', ''))))
  }
}

test.skipIf(!isLinux)('a program that ignores SIGTERM is ended all the same [needs /proc]', async () => {
  const folder = folderWith({ a: 'x\n' })
  const child = start(folder, ['-i', 'a', '-m', 'trap "" TERM; touch started; while :; do sleep 0.1; done'], {
    KINDLING_TEST_FOLDER: folder,
  })
  const end = ended(child)
  await vi.waitFor(() => expect(existsSync(join(folder, 'started'))).toBe(true), { timeout: 20_000 })
  child.kill('SIGINT')
  expect(await end).toMatchObject({ code: null, signal: 'SIGINT', stdout: '' })
  await vi.waitFor(() => expect(processesOf(folder)).toEqual([]), { timeout: 20_000, interval: 50 })
})

test('a reader that goes away ends the job quietly, as SIGPIPE would', async () => {
  const folder = folderWith({ 'in/a': 'x\n'.repeat(500_000), 'in/b': 'y\n'.repeat(500_000) })
  const child = start(folder, ['-i', 'in'])
  child.stdout?.once('data', () => child.stdout?.destroy())
  let stderr = ''
  child.stderr?.on('data', (text) => (stderr += String(text)))
  const [code] = await once(child, 'close')
  expect({ code, stderr }).toEqual({ code: 141, stderr: '' })
})

test('a full disk fails what could not be written, and leaves nothing half', async ({ skip }) => {
  const folder = folderWith({ in: `${'x'.repeat(99)}\n`.repeat(60_000) })
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const mount = spawn('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' })
  const [mounted] = await once(mount, 'close').catch(() => [1])
  skip(mounted !== 0, 'mounting a small disk needs root')
  onTestFinished(() => void execFileSync('umount', [disk]))
  const mapped = await run(folder, ['-i', 'in', '-o', 'disk/out'])
  expect(mapped.code).toBe(1)
  expect(mapped.stderr).toContain('No space left on device')
  expect(Object.keys(contents(disk))).toEqual([])
  const sorted = await run(folder, [
    '-i',
    'in',
    '-m',
    'head -c 3000000',
    '-r',
    'cat',
    '--reducers',
    '1',
    '-o',
    'disk/sorted',
  ])
  expect(sorted.code).toBe(1)
  expect(sorted.stderr).toContain(
    'the sort cannot write (ENOSPC). The disk is full: make room, or give another with tmpDir.',
  )
  expect(Object.keys(contents(disk))).toEqual([])
  expect(everything(disk).filter((name) => name.includes('.kindling-'))).toEqual([])
})

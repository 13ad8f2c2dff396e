/** The jobs of the bench, small: their data, how results compare, and kindling's programs against plain JavaScript. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

interface Job {
  readonly makeData: (directory: string, rows: number) => { readonly files: number; readonly sizeBytes: number }
  readonly candidates: (node24: string) => readonly { readonly program?: string; readonly output: string }[]
  readonly expected?: (directory: string) => unknown
  readonly read: (path: string) => unknown
  readonly difference: (outcome: unknown, expected: unknown) => string | undefined
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TSX = join(ROOT, 'node_modules/.bin/tsx')
const ROWS = 3000
const hasPython = spawnSync('python3', ['--version']).status === 0

// The bench is plain JavaScript, which carries no types that a test could import.
const jobOf = async (name: string): Promise<Job> =>
  ((await import(join(ROOT, `bench/jobs/${name}.mjs`))) as { default: Job }).default

/** Lines in, lines out: what each program should write, in the plainest words. */
const PLAINLY: Readonly<Record<string, (lines: readonly string[], folder: string) => readonly string[]>> = {
  'word-count': (lines) => {
    const counts = new Map<string, number>()
    for (const word of lines.flatMap((line) => line.split(' '))) counts.set(word, (counts.get(word) ?? 0) + 1)
    return [...counts].map(([word, count]) => `${word}\t${count}`)
  },
  distinct: (lines) => [...new Set(lines)],
  'group-by-key': (lines) =>
    [...groups(lines)].map(([key, values]) => {
      const numbers = values.map(Number).toSorted((a, b) => a - b)
      return `${key}\t${numbers[numbers.length >> 1]}`
    }),
  join: (_, folder) => {
    const right = groups(linesOf(join(folder, 'right')))
    const pairs = linesOf(join(folder, 'left')).map((line) => line.split('\t') as [string, string])
    return pairs.flatMap(([key, a]) => (right.get(key) ?? []).map((b) => `${key}\t${a}\t${b}`))
  },
  'sort-by-key': (lines) => lines.toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b)),
  'page-rank': (lines) => {
    const links = groups([...new Set(lines)])
    let ranks = new Map([...links.keys()].map((page) => [page, 1]))
    for (let round = 0; round < 10; round += 1) {
      const sums = new Map<string, number>()
      for (const [page, targets] of links) {
        const share = (ranks.get(page) ?? Number.NaN) / targets.length
        // A page that nothing links to has no rank after the first round, and gives none.
        if (ranks.has(page)) for (const target of targets) sums.set(target, (sums.get(target) ?? 0) + share)
      }
      ranks = new Map([...sums].map(([page, sum]) => [page, 0.15 + 0.85 * sum]))
    }
    return [...ranks].map(([page, rank]) => `${page}\t${rank}`)
  },
  'sort-in-256mb': (lines) => lines.toSorted(),
  'group-in-256mb': (lines) => {
    const letters = groups(lines.map((line) => `${line.slice(0, 6)}\t${line.slice(11)}`))
    return [...letters].map(([key, values]) => `${key}\t${values.length}\t${values.toSorted().at(-1)}`)
  },
}

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kindling-jobs-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('the data', () => {
  it.each([
    ['word-count', 'a48f706a0f40426f'],
    ['distinct', 'ed8402dace64eb84'],
    ['group-by-key', '8f64a78536c84dbb'],
    ['join', 'ce77ad54efcd510e'],
    ['sort-by-key', 'fefb07f1833eeede'],
    ['page-rank', 'c4494db9ff233c1e'],
    ['sort-in-256mb', 'edd7283f68d4dcbc'],
    ['group-in-256mb', 'edd7283f68d4dcbc'],
  ])('of %s are the same bytes everywhere', async (name, hash) => {
    const { files, sizeBytes } = (await jobOf(name)).makeData(directory, ROWS)
    const paths = filesOf(directory)
    expect(paths.length).toBe(files)
    expect(paths.reduce((sum, path) => sum + statSync(path).size, 0)).toBe(sizeBytes)
    expect(createHash('sha256').update(linesOf(directory).join('\n')).digest('hex').slice(0, 16)).toBe(hash)
  })
})

describe("kindling's programs", () => {
  it.each(Object.keys(PLAINLY))('%s gives what plain JavaScript gives', async (name) => {
    const job = await jobOf(name)
    const data = join(directory, 'data')
    job.makeData(data, ROWS)
    const [kindling] = job.candidates('node')
    mkdirSync(join(directory, 'out'))
    execFileSync(TSX, [join(ROOT, kindling?.program ?? '')], {
      cwd: directory,
      env: { ...process.env, KINDLING_MASTER: 'local[2]' },
      stdio: 'pipe',
    })
    expect(job.difference(job.read(join(directory, kindling?.output ?? '')), plainly(job, name))).toBeUndefined()
  })
})

describe('the tasks', () => {
  it.each([
    ['no-op-tasks', ['All', '--n', '20'], '20'],
    ['task-start', ['First'], '1'],
  ])('of %s run as they are counted', async (name, args, expected) => {
    mkdirSync(join(directory, 'out'))
    const command = [join(ROOT, 'packages/cli/bin/kindling.js'), 'run', join(ROOT, `bench/programs/${name}.ts`)]
    execFileSync(process.execPath, [...command, ...args, '--quiet'], { cwd: directory, stdio: 'pipe' })
    const job = await jobOf(name)
    expect(job.read(join(directory, 'out/kindling'))).toBe(Number(expected))
    expect(job.difference(19, Number(expected))).toBe(`19, expected ${expected}`)
  })
})

describe('a comparison', () => {
  it.each(Object.keys(PLAINLY))('of %s sees a line that is gone, changed or written twice', async (name) => {
    const job = await jobOf(name)
    job.makeData(join(directory, 'data'), ROWS)
    const expected = plainly(job, name)
    const lines = linesOf(join(directory, 'plain'))
    const changed = lines.with(7, `${lines[7]}e3`)
    for (const wrong of [lines.slice(1), changed])
      expect(job.difference(readLines(job, wrong), expected)).toBeTypeOf('string')
    const twice = (): unknown => job.difference(readLines(job, [...lines, lines[0] ?? '']), expected)
    if (name === 'page-rank') expect(twice).toThrow('have two ranks')
    else expect(twice()).toBeTypeOf('string')
    expect(job.difference(readLines(job, lines), expected)).toBeUndefined()
  })

  it.each(['distinct', 'word-count', 'join', 'page-rank'])('of %s takes the lines in any order', async (name) => {
    const job = await jobOf(name)
    job.makeData(join(directory, 'data'), ROWS)
    const expected = plainly(job, name)
    const lines = linesOf(join(directory, 'plain'))
    expect(job.difference(readLines(job, lines.toReversed()), expected)).toBeUndefined()
  })

  it.each(['sort-by-key', 'sort-in-256mb'])('of %s takes them in no order but its own', async (name) => {
    const job = await jobOf(name)
    job.makeData(join(directory, 'data'), ROWS)
    const expected = plainly(job, name)
    const lines = linesOf(join(directory, 'plain'))
    const [first = '', second = '', ...rest] = lines
    expect(job.difference(readLines(job, [second, first, ...rest]), expected)).toMatch(/^row 1 is out of order/)
  })

  it('takes the parts of a result in the order of their names', async () => {
    const job = await jobOf('sort-by-key')
    const folder = join(directory, 'parts')
    mkdirSync(folder)
    writeFileSync(join(folder, 'part-00001'), '3\tc\n4\td\n')
    writeFileSync(join(folder, 'part-00000'), '1\ta\n2\tb\n')
    writeFileSync(join(folder, '_SUCCESS'), '')
    writeFileSync(join(folder, '.part-00000.crc'), '9\tno row\n')
    expect(job.read(folder)).toEqual(readLines(job, ['1\ta', '2\tb', '3\tc', '4\td']))
  })

  it('of lines longer than what is read at once sees each whole', async () => {
    const job = await jobOf('distinct')
    const long = 'x'.repeat(3_000_000)
    const outcome = readLines(job, ['a', long, 'b'])
    expect(outcome).toMatchObject({ rows: 3 })
    expect(job.difference(readLines(job, [long, 'b', 'a']), outcome)).toBeUndefined()
    expect(job.difference(readLines(job, ['a', `${long}x`, 'b']), outcome)).toMatch('but others')
  })

  it('of ranks allows for the rounding of another order, and for nothing more', async () => {
    const job = await jobOf('page-rank')
    const expected = readLines(job, ['a\t0.5', 'b\t1e3'])
    expect(job.difference(readLines(job, ['b\t1000.0000001', 'a\t0.5000000001']), expected)).toBeUndefined()
    expect(job.difference(readLines(job, ['a\t0.5', 'b\t1000.00001']), expected)).toMatch('b has 1000.00001')
    expect(job.difference(readLines(job, ['a\tNaN', 'b\t1e3']), expected)).toMatch('a has NaN')
    expect(job.difference(readLines(job, ['a\t0.5', 'c\t1e3']), expected)).toMatch('b has undefined')
  })
})

describe('a run of a job', () => {
  const entrant = (id: string, text: string, rounds?: number): object => ({
    id,
    label: id,
    output: `out/${id}`,
    command: ['sh', '-c', `cat data/input > /dev/null && printf '${text}' > out/${id}`],
    env: {},
    rounds,
    versions: () => ({ sh: '1' }),
  })
  const run = async (candidates: readonly object[], runs = 2): Promise<{ runs: unknown[]; absent: unknown[] }> => {
    const { runJob } = (await import(join(ROOT, 'bench/lib/run-job.mjs'))) as {
      runJob: (options: object) => { runs: unknown[]; absent: unknown[] }
    }
    const { read, difference } = await jobOf('distinct')
    const makeData = (folder: string): object => {
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, 'input'), 'a\n')
      return { files: 1, sizeBytes: 2 }
    }
    const job = { title: 'copy', warmUp: 'read', makeData, read, difference, subject: () => 'one row' }
    return runJob({ name: 'copy', job, candidates, rows: 1, runs, cache: directory })
  }

  it.skipIf(!hasPython)('alternates its entrants, and who takes long has fewer rounds', async () => {
    const { runs } = await run([entrant('one', 'a\\n'), entrant('two', 'a\\n', 1)])
    const positive = expect.any(Number) as number
    const costs = { wallS: positive, cpuS: positive, peakBytes: positive }
    expect(runs).toEqual([
      { entrant: 'one', round: 1, ...costs },
      { entrant: 'two', round: 1, ...costs },
      { entrant: 'one', round: 2, ...costs },
    ])
  })

  it.skipIf(!hasPython)('fails when two results differ', async () => {
    await expect(run([entrant('one', 'a\\n'), entrant('two', 'b\\n')])).rejects.toThrow(
      'bench: copy: two differs from one: as many rows, but others',
    )
  })

  it.skipIf(!hasPython)('fails with the last words of an entrant that fails', async () => {
    const failing = { ...entrant('one', ''), command: ['sh', '-c', 'echo no luck >&2; exit 3'] }
    await expect(run([failing])).rejects.toThrow(/ended with 3: no luck/)
  })

  it.skipIf(!hasPython)('names who is absent, and why', async () => {
    const versions = (): never => {
      throw new Error('no such engine')
    }
    const { absent } = await run([entrant('one', 'a\\n'), { ...entrant('two', 'a\\n'), versions }])
    expect(absent).toEqual([{ id: 'two', label: 'two', reason: 'Error: no such engine: run bench/install-peers.sh' }])
    await expect(run([{ ...entrant('two', 'a\\n'), versions }])).rejects.toThrow('has no entrant')
  })

  if (!hasPython) console.warn('Skipped the runs of a job: no python3 on this machine, by which they are measured.')
})

/** The job's result from the data of the test's directory, written in plain JavaScript; where the bench has its own reckoning, both agree. */
function plainly(job: Job, name: string): unknown {
  const data = join(directory, 'data')
  const outcome = readLines(job, PLAINLY[name]?.(linesOf(data), data) ?? [])
  if (job.expected !== undefined) expect(job.difference(outcome, job.expected(data))).toBeUndefined()
  return outcome
}

/** What the job makes of these lines as a result. */
function readLines(job: Job, lines: readonly string[]): unknown {
  const path = join(directory, 'plain')
  writeFileSync(path, `${lines.join('\n')}\n`)
  return job.read(path)
}

/** The values of each key, of lines that are a key, a tab and a value. */
function groups(lines: readonly string[]): Map<string, string[]> {
  const byKey = new Map<string, string[]>()
  for (const line of lines) {
    const [key = '', value = ''] = line.split('\t')
    const values = byKey.get(key)
    if (values === undefined) byKey.set(key, [value])
    else values.push(value)
  }
  return byKey
}

/** The lines of a file, or of all files below a directory in the order of their paths. */
function linesOf(path: string): string[] {
  const paths = statSync(path).isDirectory() ? filesOf(path) : [path]
  return paths.flatMap((each) => readFileSync(each, 'utf8').trimEnd().split('\n'))
}

function filesOf(folder: string): string[] {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  return paths.filter((path) => statSync(path).isFile() && !path.endsWith('.sample-data.json')).toSorted()
}

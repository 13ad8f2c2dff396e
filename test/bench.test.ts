/** The sample data, the example's answer against the unmodified Python mapper's, and the rendered bench. */
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createContext } from 'kindling'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

interface Reading {
  readonly index: number
  readonly total: number
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const hasPython = spawnSync('python3', ['--version']).status === 0

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kindling-bench-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

describe('sample data', () => {
  it('are the same bytes everywhere', () => {
    makeSample(1000, 3)
    const hash = createHash('sha256').update(sampleText()).digest('hex')
    expect(hash).toBe('1f82dd5d7f12f345f4227f956403746708fba4804da61fc9897263ddef8b04e9')
  })

  it('hold each double exactly, as C prints it with 17 digits', () => {
    makeSample(20_000, 2)
    for (const line of sampleText().trimEnd().split('\n')) {
      const row = JSON.parse(line) as Reading
      expect(line).toBe(`{"index": ${asC(row.index)}, "total": ${asC(row.total)}}`)
      expect(row.index >= 0 && row.index < 1 && row.total >= 0 && row.total < 1).toBe(true)
    }
  })

  it('have about one row in 800 above the threshold', () => {
    makeSample(100_000, 20)
    const kept = sampleText()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Reading)
      .filter((row) => row.index + row.total > 1.95)
    expect(kept.length).toBeGreaterThan(90)
    expect(kept.length).toBeLessThan(170)
  })

  it('are left alone when present and made again when a file is cut short', () => {
    expect(makeSample(1000, 3)).toMatch(/^Made sample data .* 1,000 rows in 3 files/)
    const made = sampleText()
    expect(makeSample(1000, 3)).toMatch(/^Sample data are present/)
    truncateSync(join(directory, 'dat_1.json'), 100)
    expect(makeSample(1000, 3)).toMatch(/^Made sample data/)
    expect(sampleText()).toBe(made)
  })

  it('leave no file of a larger set behind', () => {
    makeSample(1000, 5)
    makeSample(1000, 3)
    expect(readdirSync(directory).sort()).toEqual(['.sample-data.json', 'dat_0.json', 'dat_1.json', 'dat_2.json'])
  })
})

describe('the defining job', () => {
  it.skipIf(!hasPython)(
    'gives the rows of the sequential Python mapper, in its order, every double exact',
    async () => {
      makeSample(60_000, 12)
      const mapper = join(ROOT, 'bench/peers/mapper.py')
      const python = execFileSync('python3', [mapper], { input: sampleText(), encoding: 'utf8' })

      await using ctx = await createContext({ master: 'local[2]' })
      const THRESHOLD = 1.95
      await ctx
        .textFile(join(directory, '*.json'))
        .map((line) => JSON.parse(line) as Reading)
        .map((r) => ({ ...r, sum_val: r.index + r.total }))
        .filter((r) => r.sum_val > THRESHOLD)
        .map((r) => JSON.stringify(r))
        .saveAsTextFile(join(directory, 'out'))

      const parts = readdirSync(join(directory, 'out')).filter((name) => name.startsWith('part-'))
      const kindling = parts.sort().map((name) => readFileSync(join(directory, 'out', name), 'utf8'))
      const rows = rowsOf(kindling.join(''))
      expect(rows.length).toBeGreaterThan(40)
      expect(rows).toEqual(rowsOf(python))
    },
  )

  if (!hasPython) console.warn('Skipped the comparison with the Python mapper: no python3 on this machine.')
})

describe('the rendered bench', () => {
  it('is what the committed results say', () => {
    expect(check(ROOT)).toEqual({ status: 0, stderr: '' })
  })

  it.each([
    ['README.md', (text: string) => text.replace(/(<!-- bench:defining-job -->[^]*?\d)\.(\d)/, '$1.9$2')],
    ['docs/benchmarks.md', (text: string) => text.replace(/(<!-- bench:ten-rows -->[^]*?\d)\.(\d)/, '$1.9$2')],
    ['docs/benchmarks.svg', (text: string) => text.replace('width="', 'width="9')],
    ['docs/compiled.svg', (text: string) => text.replace('width="', 'width="9')],
    ['bench/results/defining-job.json', (text: string) => text.replaceAll(/"cpuS": (\d+)/g, '"cpuS": 9$1')],
  ])('is refused when %s was changed by hand', (path, doctor) => {
    copyRendered()
    expect(check(directory).status).toBe(0)
    const text = readFileSync(join(directory, path), 'utf8')
    writeFileSync(join(directory, path), doctor(text))
    const { status, stderr } = check(directory)
    expect(status).toBe(1)
    expect(stderr).toContain('differs from bench/results. Run node bench/render.mjs.')
  })

  it('says of a job without results how to measure it, and has no row for it among the ratios', () => {
    copyRendered()
    rmSync(join(directory, 'bench/results/ten-rows.json'))
    execFileSync(process.execPath, [join(ROOT, 'bench/render.mjs'), '--root', directory])
    const page = readFileSync(join(directory, 'docs/benchmarks.md'), 'utf8')
    expect(page).toContain('<!-- bench:ten-rows -->\nNot measured yet: `pnpm bench --job ten-rows`.\n<!-- /bench -->')
    expect(page).toContain('| filter JSON lines |')
    expect(page).not.toContain('| filter ten rows |')
  })

  it('refuses a block for what is no job', () => {
    copyRendered()
    const page = join(directory, 'docs/benchmarks.md')
    writeFileSync(page, readFileSync(page, 'utf8').replace('bench:ten-rows', 'bench:eleven-rows'))
    expect(check(directory)).toEqual({
      status: 1,
      stderr: expect.stringContaining('docs/benchmarks.md has a block for "eleven-rows", which is none of') as string,
    })
  })
})

/** The rendered files and the results into the test's directory. */
function copyRendered(): void {
  for (const name of ['README.md', 'docs/benchmarks.md', 'docs/benchmarks.svg', 'docs/compiled.svg', 'bench/results']) {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    cpSync(join(ROOT, name), join(directory, name), { recursive: true })
  }
}

/** Makes the sample in the test's directory and returns what the script says. */
function makeSample(rows: number, files: number): string {
  const options = ['--directory', directory, '--rows', String(rows), '--files', String(files)]
  return execFileSync(process.execPath, [join(ROOT, 'scripts/sample-data.mjs'), ...options], { encoding: 'utf8' })
}

/** All files in the order of their names, as a shell's `cat *.json` gives them. */
function sampleText(): string {
  const names = readdirSync(directory).filter((name) => /^dat_\d+\.json$/.test(name))
  return names
    .sort()
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('')
}

/** `printf("%.17g")` by its definition: 17 digits, an exponent of two digits below 1e-4, no zeros at the end. */
function asC(value: number): string {
  const [digits = '', exponent = '0'] = value.toExponential(16).split('e')
  if (Number(exponent) >= -4) return value.toFixed(16 - Number(exponent)).replace(/\.?0+$/, '')
  return `${digits.replace(/\.?0+$/, '')}e-${exponent.slice(1).padStart(2, '0')}`
}

/** Each row's field names and the bits of its numbers. */
function rowsOf(text: string): [string, string][][] {
  const bits = (value: number): string => Buffer.from(Float64Array.of(value).buffer).toString('hex')
  const lines = text.trimEnd().split('\n')
  return lines.map((line) =>
    Object.entries(JSON.parse(line) as Record<string, number>).map(([name, value]) => [name, bits(value)]),
  )
}

function check(root: string): { status: number | null; stderr: string } {
  const args = [join(ROOT, 'bench/render.mjs'), '--check', '--root', root]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stderr }
}

/** Bad input and bad outputs: each gives one clear error with its place, or is read as promised. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { DataError, PlanError, TaskError } from 'kindling'
import { describe, expect, test } from 'vitest'
import { everythingIn, freshContext, freshFolder, rejection } from './fresh.ts'

function without(message: string, folder: string): string {
  return message.replaceAll(folder, '…').replace(/ \(\S+files\.test\.ts:\d+:\d+\)/g, '')
}

describe('a path that cannot be read fails the action, naming it:', () => {
  test('a missing file', async () => {
    const folder = freshFolder()
    const ctx = await freshContext()
    const error = await rejection(ctx.textFile(join(folder, 'none.json')).count())
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toContain(join(folder, 'none.json'))
    expect(error.message).toMatch(/textFile \(\S*files\.test\.ts:\d+:\d+\)/)
  })

  test('a glob without a match', async () => {
    const folder = freshFolder()
    const ctx = await freshContext()
    const error = await rejection(ctx.textFile(join(folder, '*.json')).count())
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toContain(join(folder, '*.json'))
  })

  test('a file without permission', async () => {
    const folder = freshFolder()
    const file = join(folder, 'secret')
    writeFileSync(file, 'x\n')
    chmodSync(file, 0)
    chmodSync(folder, 0o755)
    const ctx = await freshContext()
    // Root may read anything, so for this action we are somebody else.
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(65534)
    try {
      expect((await rejection(ctx.textFile(file).count())).message).toContain(file)
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('a dangling link', async () => {
    const folder = freshFolder()
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'))
    const ctx = await freshContext()
    expect((await rejection(ctx.textFile(join(folder, 'link')).count())).message).toContain(join(folder, 'link'))
  })

  test('a folder inside a folder', async () => {
    const folder = freshFolder()
    mkdirSync(join(folder, 'inner'))
    const ctx = await freshContext()
    expect((await rejection(ctx.textFile(folder).count())).message).toContain(join(folder, 'inner'))
  })
})

describe('gzip', () => {
  test('that is whole is read, several members and all', async () => {
    const file = join(freshFolder(), 'a.gz')
    writeFileSync(file, Buffer.concat([gzipSync('a\nb'), gzipSync('c\nd\n')]))
    const ctx = await freshContext()
    expect(await ctx.textFile(file).collect()).toEqual(['a', 'bc', 'd'])
  })

  test.each([
    ['truncated', (bytes: Buffer) => bytes.subarray(0, bytes.length - 10)],
    ['damaged', (bytes: Buffer) => Buffer.from(bytes.map((byte, i) => (i === 40 ? byte ^ 0xff : byte)))],
    ['plain text', () => Buffer.from('hello\n')],
  ])('that is %s is a DataError with the path', async (_what, damage) => {
    const file = join(freshFolder(), 'a.gz')
    const text = Array.from({ length: 500 }, (_, i) => `line ${i * 7919}`).join('\n')
    writeFileSync(file, damage(gzipSync(text)))
    const ctx = await freshContext()
    const error = await rejection(ctx.textFile(file).count())
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toContain(file)
  })
})

describe('text', () => {
  test.each([
    ['invalid UTF-8 is replaced', [0x61, 0xff, 0xfe, 0x62, 0x0a], ['a\uFFFD\uFFFDb']],
    ['CRLF, CR and LF end a line', [...Buffer.from('a\r\nb\rc\nd')], ['a', 'b', 'c', 'd']],
    ['the last line needs no end', [...Buffer.from('a\nb')], ['a', 'b']],
    ['a byte order mark is dropped', [0xef, 0xbb, 0xbf, 0x61], ['a']],
    ['an empty file has no lines', [], []],
    ['only line ends are empty lines', [...Buffer.from('\n\n')], ['', '']],
  ])('%s', async (_what, bytes, lines) => {
    const file = join(freshFolder(), 'text')
    writeFileSync(file, Buffer.from(bytes))
    const ctx = await freshContext()
    for (const minPartitions of [1, 2, bytes.length + 1]) {
      expect(await ctx.textFile(file, { minPartitions }).collect()).toEqual(lines)
    }
  })

  test('a line of 200 MB is one row', async () => {
    const file = join(freshFolder(), 'long')
    writeFileSync(file, Buffer.concat([Buffer.alloc(200e6, 'x'), Buffer.from('\nend\n')]))
    const ctx = await freshContext()
    expect(
      await ctx
        .textFile(file)
        .map((line) => line.length)
        .collect(),
    ).toEqual([200e6, 3])
  })

  test('10,000 tiny files are read and written', async () => {
    const folder = freshFolder()
    const [input, output] = [join(folder, 'in'), join(folder, 'out')]
    mkdirSync(input)
    for (let i = 0; i < 10_000; i++) writeFileSync(join(input, `${i}.txt`), `${i}\n`)
    const ctx = await freshContext()
    const numbers = ctx.textFile(input).map(Number)
    expect(await numbers.sum()).toBe(49_995_000)
    await numbers.saveAsTextFile(output)
    expect(readdirSync(output)).toHaveLength(10_001)
  })

  test('a file that shrinks while it is read is an error that says so', async () => {
    const file = join(freshFolder(), 'shrinking')
    writeFileSync(file, 'x\n'.repeat(5e6))
    const ctx = await freshContext({ master: 'local[1]' })
    ctx.on('taskStart', ({ partition }) => {
      if (partition === 1) truncateSync(file, 100)
    })
    const error = await rejection(ctx.textFile(file, { minPartitions: 4 }).count())
    expect(error).toBeInstanceOf(DataError)
    expect(error.message).toContain('changed while reading')
  })
})

describe('an output directory', () => {
  test('that exists is refused before any work', async () => {
    const folder = freshFolder()
    const out = join(folder, 'out')
    mkdirSync(out)
    const ctx = await freshContext()
    const types: string[] = []
    ctx.on('*', ({ type }) => types.push(type))
    const error = await rejection(ctx.range(3).saveAsTextFile(out))
    expect(error).toBeInstanceOf(PlanError)
    expect(without(error.message, folder)).toContain('…/out')
    expect(error.message).toContain('overwrite')
    expect(types).toEqual([])
    expect(readdirSync(out)).toEqual([])
  })

  test('is replaced at the end with overwrite, and kept when the job fails', async () => {
    const folder = freshFolder()
    const out = join(folder, 'out')
    const ctx = await freshContext()
    await ctx.range(0, 4, 1, 4).saveAsTextFile(out)
    const failing = ctx.range(2).map((n): number => {
      throw new Error(`no ${n}`)
    })
    expect(await rejection(failing.saveAsTextFile(out, { overwrite: true }))).toBeInstanceOf(TaskError)
    expect(readdirSync(out)).toEqual(['_SUCCESS', 'part-00000', 'part-00001', 'part-00002', 'part-00003'])
    await ctx.range(5, 6, 1, 1).saveAsTextFile(out, { overwrite: true })
    expect(everythingIn(folder)).toEqual(['out', 'out/_SUCCESS', 'out/part-00000'])
    expect(readFileSync(join(out, 'part-00000'), 'utf8')).toBe('5\n')
  })

  test('may be the one that is read', async () => {
    const folder = freshFolder()
    const out = join(folder, 'out')
    const ctx = await freshContext()
    await ctx.range(0, 100, 1, 3).saveAsTextFile(out)
    const doubled = ctx.textFile(out).map((line) => Number(line) * 2)
    await doubled.saveAsTextFile(out, { overwrite: true })
    expect(await ctx.textFile(out).map(Number).sum()).toBe(9900)
  })

  test('of two jobs at once goes to one of them', async () => {
    const folder = freshFolder()
    const out = join(folder, 'out')
    const ctx = await freshContext()
    const results = await Promise.allSettled(
      [1, 2].map((n) =>
        ctx
          .range(0, 50, 1, 5)
          .map((x) => x * n)
          .saveAsTextFile(out),
      ),
    )
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect(readdirSync(out)).toHaveLength(6)
    expect(readdirSync(folder)).toEqual(['out'])
  })
})

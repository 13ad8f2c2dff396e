/** Targets: they appear complete or not at all, whatever ends their writing, and are read as they were written. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { dir, file, glob, jsonl, memory } from '@kindling/workflow'
import { createContext } from 'kindling'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { filesIn, freshFolder } from './fresh.ts'

async function all<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

test('a file is written in one go or piece by piece, and read as text, bytes and lines', async () => {
  const target = file(join(freshFolder(), 'new/folder/a.txt'))
  expect(await target.exists()).toBe(false)
  await target.write('one\r\ntwo\n\nlast')
  expect(await target.text()).toBe('one\r\ntwo\n\nlast')
  expect(await all(target.lines())).toEqual(['one', 'two', '', 'last'])
  await target.write(async (writer) => {
    await writer.write('a\u2028b\n')
    await writer.write(Buffer.from([0xc3]))
    await writer.write(Buffer.from([0xa9]))
  })
  expect(await target.exists()).toBe(true)
  expect(await all(target.lines())).toEqual(['a\u2028b', 'é'])
  expect([...(await target.bytes())].slice(-2)).toEqual([0xc3, 0xa9])
})

test('a file may be large: pieces wait until there is room', async () => {
  const target = file(join(freshFolder(), 'large.gz'))
  const line = `${'x'.repeat(9999)}\n`
  await target.write(async (writer) => {
    for (let i = 0; i < 2000; i++) await writer.write(line)
  })
  let count = 0
  for await (const text of target.lines()) count += text.length
  expect(count).toBe(2000 * 9999)
})

test('.gz is packed and unpacked on the way', async () => {
  const folder = freshFolder()
  const target = file(join(folder, 'a.gz'))
  await target.write('packed\ntext\n')
  expect(gunzipSync(readFileSync(join(folder, 'a.gz'))).toString()).toBe('packed\ntext\n')
  expect(await target.text()).toBe('packed\ntext\n')
  expect(await all(target.lines())).toEqual(['packed', 'text'])
})

test.each(['file', 'file.gz'])('an exception leaves nothing of a new %s, and the old one as it was', async (name) => {
  const folder = freshFolder()
  const target = file(join(folder, 'sub', name))
  const fail = () =>
    target.write(async (writer) => {
      await writer.write('half')
      throw new Error('boom')
    })
  await expect(fail()).rejects.toThrow('boom')
  expect(readdirSync(folder)).toEqual([])
  await target.write('old')
  await expect(fail()).rejects.toThrow('boom')
  expect(await target.text()).toBe('old')
  expect(filesIn(folder)).toEqual([`sub/${name}`])
})

test('tempPath gives a path that bears the name of the file, and takes what was written there', async () => {
  const folder = freshFolder()
  const target = file(join(folder, 'movie.mp4'))
  await target.tempPath((path) => {
    expect(path).toMatch(/\/movie\.mp4$/)
    expect(existsSync(target.path)).toBe(false)
    writeFileSync(path, 'frames')
  })
  expect(filesIn(folder)).toEqual(['movie.mp4'])
  await expect(target.tempPath(() => undefined)).rejects.toThrow('nothing was written for')
  await expect(target.tempPath((path) => mkdirSync(path))).rejects.toThrow(
    'was written as a directory, but its target is a file',
  )
  const fail = (path: string): never => {
    writeFileSync(path, 'half')
    throw new Error('boom')
  }
  await expect(target.tempPath(fail)).rejects.toThrow('boom')
  expect(filesIn(folder)).toEqual(['movie.mp4'])
  expect(await target.text()).toBe('frames')
})

test('through a link, what it leads to is written', async () => {
  const folder = freshFolder()
  writeFileSync(join(folder, 'real'), 'old')
  symlinkSync('real', join(folder, 'link'))
  await file(join(folder, 'link')).write('new')
  expect(readFileSync(join(folder, 'real'), 'utf8')).toBe('new')
})

test('a directory is complete when _SUCCESS is in it, and replaced as a whole', async () => {
  const folder = freshFolder()
  const target = dir(join(folder, 'out'))
  const writeIn = (name: string) => (path: string) => {
    mkdirSync(path)
    writeFileSync(join(path, name), name)
  }
  await target.tempPath(writeIn('a'))
  expect(filesIn(folder)).toEqual(['out/_SUCCESS', 'out/a'])
  expect(target.files()).toEqual([join(folder, 'out/a')])
  await target.tempPath(writeIn('b'))
  expect(filesIn(folder)).toEqual(['out/_SUCCESS', 'out/b'])
  const fail = (path: string): never => {
    writeIn('c')(path)
    throw new Error('boom')
  }
  await expect(target.tempPath(fail)).rejects.toThrow('boom')
  expect(filesIn(folder)).toEqual(['out/_SUCCESS', 'out/b'])
  rmSync(join(folder, 'out/_SUCCESS'))
  expect(await target.exists()).toBe(false)
})

test('a directory that no task made is not replaced', async () => {
  const folder = freshFolder()
  mkdirSync(join(folder, 'photos'))
  writeFileSync(join(folder, 'photos/one.jpg'), '')
  await expect(dir(join(folder, 'photos')).tempPath((path) => mkdirSync(path))).rejects.toThrow(
    /holds files but no _SUCCESS, so no task made it. Remove it, or choose another path/,
  )
  expect(filesIn(folder)).toEqual(['photos/one.jpg'])
})

test('what a dataset saves is a directory target, at its path or at a temporary one', async () => {
  const folder = freshFolder()
  const context = await createContext({ master: 'local[1]', progress: false })
  onTestFinished(() => context.stop())
  const rows = context.range(3).map((n) => `row ${n}`)
  const [one, two] = [dir(join(folder, 'one')), dir(join(folder, 'two'))]
  await rows.saveAsTextFile(one.path)
  await two.tempPath((path) => rows.saveAsTextFile(path))
  expect(await Promise.all([one.exists(), two.exists()])).toEqual([true, true])
  expect(filesIn(join(folder, 'one'))).toEqual(filesIn(join(folder, 'two')))
})

test('a glob is complete when a file matches', () => {
  const folder = freshFolder()
  const target = glob(join(folder, '*.json'))
  expect(target.exists()).toBe(false)
  expect(() => target.files()).toThrow('no file matches')
  writeFileSync(join(folder, 'b.json'), '{}')
  writeFileSync(join(folder, 'a.json'), '{}')
  writeFileSync(join(folder, 'c.txt'), '')
  expect(target.exists()).toBe(true)
  expect(target.files()).toEqual([join(folder, 'a.json'), join(folder, 'b.json')])
  expect(target.fingerprint().map(({ sizeBytes }) => sizeBytes)).toEqual([2, 2])
})

test('rows are written and read by their schema, and a wrong one is told by its line', async () => {
  const folder = freshFolder()
  const target = jsonl(join(folder, 'rows.jsonl'), z.object({ n: z.number() }))
  await target.writeAll([{ n: 1 }, { n: 2 }])
  expect(await target.text()).toBe('{"n":1}\n{"n":2}\n')
  expect(await all(target.rows())).toEqual([{ n: 1 }, { n: 2 }])
  writeFileSync(target.path, '{"n":1}\n{"n":"two"}\n')
  await expect(all(target.rows())).rejects.toThrow(/rows\.jsonl:2: .*expected number.* at \.n\.$/)
  writeFileSync(target.path, '{"n":1\n')
  await expect(all(target.rows())).rejects.toThrow(/rows\.jsonl:1: expected JSON, got /)
  // The compiler refuses it too.
  const wrong = [{ n: 'x' }] as unknown as { n: number }[]
  await expect(target.writeAll(wrong)).rejects.toThrow('rows.jsonl:1:')
  expect(filesIn(folder)).toEqual(['rows.jsonl'])
})

test('memory holds a value once it is set', () => {
  const target = memory<number>('answer')
  expect(target.exists()).toBe(false)
  expect(() => target.get()).toThrow('memory: "answer" holds nothing yet. Require the task that sets it.')
  target.set(42)
  expect([target.exists(), target.get()]).toEqual([true, 42])
})

test('a path that cannot be written is told with what to do', async () => {
  const folder = freshFolder()
  mkdirSync(join(folder, 'taken'))
  await expect(file(join(folder, 'taken')).write('x')).rejects.toThrow(
    /write: cannot write ".*taken" \(EISDIR\). It is a directory/,
  )
  writeFileSync(join(folder, 'plain'), '')
  await expect(file(join(folder, 'plain/below')).write('x')).rejects.toThrow(
    /\((ENOTDIR|EEXIST)\). Something above it is a file/,
  )
  // What the function that writes it cannot read is another file.
  const reading = file(join(folder, 'new')).write(() => readFileSync(join(folder, 'absent')))
  await expect(reading).rejects.toThrow(/^ENOENT: .*absent/)
  expect(filesIn(folder)).toEqual(['plain'])
})

test.skipIf(process.getuid?.() !== 0)(
  'a full disk leaves nothing, and says so (needs root, to mount a small one)',
  async () => {
    const { execFileSync } = await import('node:child_process')
    const disk = mkdtempSync(join(tmpdir(), 'kindling-disk-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
    onTestFinished(() => {
      execFileSync('umount', [disk])
      rmSync(disk, { recursive: true })
    })
    await expect(file(join(disk, 'big')).write('x'.repeat(1_000_000))).rejects.toThrow(/\(ENOSPC\). The disk is full/)
    expect(readdirSync(disk)).toEqual([])
  },
)

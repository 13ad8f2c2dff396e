/** Listing: which files a path means, and what is wrong with one that means none. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { listFiles } from '../../src/io/list-files.ts'
import { freshDirectory, messageOf } from './fresh.ts'

function files(...names: string[]): string {
  const root = freshDirectory()
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), name)
  }
  return root
}

/** Lists paths below a directory and gives the names relative to it. */
function list(root: string, ...paths: string[]): string[] {
  const given = paths.map((path) => join(root, path))
  return listFiles('textFile', given).map((file) => relative(root, file.path))
}

function listOrNone(root: string, pattern: string): string[] {
  try {
    return list(root, pattern)
  } catch (error) {
    if (String(error).includes('no file matches')) return []
    throw error
  }
}

/** The message for a path, its root cut to a word. */
function refusal(root: string | null, path: string): string {
  const message = messageOf(() => listFiles('textFile (a.ts:1:2)', [path]))
  return root === null ? message : message.replaceAll(root, 'ROOT')
}

describe('a path means', () => {
  test('a file, with its size and time, and gzip when it ends in .gz', () => {
    const root = files('a.txt', 'b.gz')
    const [a, b] = listFiles('textFile', [join(root, 'a.txt'), join(root, 'b.gz')])
    expect(a).toEqual({
      path: join(root, 'a.txt'),
      stamp: { sizeBytes: 5, modifiedMs: expect.any(Number) },
      compression: 'none',
    })
    expect(b?.compression).toBe('gzip')
  })

  test('a directory: its files, sorted by name, but those hidden by an underscore or a dot', () => {
    const root = files('d/b', 'd/a10', 'd/a9', 'd/_SUCCESS', 'd/.a.crc', 'd/B')
    expect(list(root, 'd')).toEqual(['d/B', 'd/a10', 'd/a9', 'd/b'])
    expect(list(root, 'd/')).toEqual(['d/B', 'd/a10', 'd/a9', 'd/b'])
    mkdirSync(join(root, 'empty'))
    expect(list(root, 'empty')).toEqual([])
  })

  test('a hidden file when it is named outright, and what a link leads to', () => {
    const root = files('_meta.json', 'real/x')
    symlinkSync(join(root, 'real'), join(root, 'link'))
    symlinkSync(join(root, '_meta.json'), join(root, 'real/y'))
    expect(list(root, '_meta.json', 'link')).toEqual(['_meta.json', 'link/x', 'link/y'])
  })

  test('a glob: files that match, sorted, and the files of directories that match', () => {
    const root = files(
      'a1.txt',
      'a2.txt',
      'a10.txt',
      'b.txt',
      '_a.txt',
      '.a.txt',
      'd1/x.txt',
      'd2/y.csv',
      'd2/deep/z.txt',
      '_t/z.txt',
    )
    expect(list(root, 'a*.txt')).toEqual(['a1.txt', 'a10.txt', 'a2.txt'])
    expect(list(root, '*.txt')).toEqual(['a1.txt', 'a10.txt', 'a2.txt', 'b.txt'])
    expect(list(root, 'a?.txt')).toEqual(['a1.txt', 'a2.txt'])
    expect(list(root, '[!a]*.txt')).toEqual(['b.txt'])
    expect(list(root, 'd*/*.{txt,csv}')).toEqual(['d1/x.txt', 'd2/y.csv'])
    expect(list(root, '{b,a1}.txt')).toEqual(['a1.txt', 'b.txt'])
    expect(list(root, '**/*.txt')).toEqual(['a1.txt', 'a10.txt', 'a2.txt', 'b.txt', 'd1/x.txt', 'd2/deep/z.txt'])
    expect(list(root, '**')).toEqual(['a1.txt', 'a10.txt', 'a2.txt', 'b.txt', 'd1/x.txt', 'd2/deep/z.txt', 'd2/y.csv'])
    expect(list(root, 'd[1]')).toEqual(['d1/x.txt'])
    expect(list(root, '_t/*.txt')).toEqual(['_t/z.txt'])
  })

  test.each(['*', '*.txt', 'a?.txt', '?.*', 'd*', 'a.*', 'none*'])(
    'a glob in one directory: the same with and without the library, %s',
    (pattern) => {
      const root = files('a1.txt', 'a2.txt', 'a..b', 'b.txt', '_a.txt', '.a.txt', 'a\nb.txt', 'd1/x.txt', 'd2/y.csv')
      const inBraces = `{${pattern},neither}`
      expect(listOrNone(root, pattern)).toEqual(listOrNone(root, inBraces))
      symlinkSync(join(root, 'a1.txt'), join(root, 'a3.txt'))
      symlinkSync(join(root, 'd1'), join(root, 'd3'))
      symlinkSync(join(root, 'nowhere'), join(root, 'a4.txt'))
      expect(listOrNone(root, pattern)).toEqual(listOrNone(root, inBraces))
    },
  )

  test('a list with commas, where braces and the names of files keep theirs', () => {
    const root = files('a', 'b', 'c', 'a,b')
    expect(list(root, `c,${root}/b,${root}/a`)).toEqual(['c', 'b', 'a'])
    expect(listFiles('textFile', [`${root}/a,b`]).map((file) => relative(root, file.path))).toEqual(['a,b'])
    expect(listFiles('textFile', [`${root}/{a,b},${root}/c`]).map((file) => relative(root, file.path))).toEqual([
      'a',
      'b',
      'c',
    ])
    expect(list(root, 'a', 'a')).toEqual(['a', 'a'])
  })

  test('a name that exists before it means a glob', () => {
    const root = files(
      'a[x].json',
      'ax.json',
      'd (1) {k}/f*.txt',
      'd (1) {k}/fg.txt',
      '-x',
      '%20',
      'é',
      'new\nline',
      '!n.txt',
      'a(b|c).txt',
    )
    expect(list(root, 'a[x].json')).toEqual(['a[x].json'])
    expect(list(root, 'd (1) {k}/f?.txt')).toEqual(['d (1) {k}/f*.txt', 'd (1) {k}/fg.txt'])
    expect(list(root, '-x', '%20', 'é', 'new\nline')).toEqual(['-x', '%20', 'é', 'new\nline'])
    expect(list(root, '!n*')).toEqual(['!n.txt'])
    expect(list(root, 'a(b|c)*')).toEqual(['a(b|c).txt'])
  })

  test('what a file URL says', () => {
    const root = files('a b.txt')
    expect(listFiles('textFile', [pathToFileURL(join(root, 'a b.txt')).href]).map((file) => file.path)).toEqual([
      join(root, 'a b.txt'),
    ])
  })

  test('a relative path, which stays relative', () => {
    const path = relative(process.cwd(), files('a', 'b'))
    expect(listFiles('textFile', [path, `${path}/*`]).map((file) => file.path)).toEqual([
      `${path}/a`,
      `${path}/b`,
      `${path}/a`,
      `${path}/b`,
    ])
  })

  test('ten thousand files, all of them', () => {
    const root = freshDirectory()
    for (let i = 0; i < 10_000; i++) writeFileSync(join(root, `f${i}`), '')
    expect(listFiles('textFile', [root]).length).toBe(10_000)
    expect(listFiles('textFile', [join(root, '*')]).length).toBe(10_000)
  })
})

describe('a path that cannot be read is named, with what to do', () => {
  const verb = 'DataError: textFile (a.ts:1:2):'

  test('when nothing is there', () => {
    const root = files('file')
    const here = `(working directory: ${process.cwd()})`
    expect(refusal(root, join(root, 'no.txt'))).toBe(`${verb} "ROOT/no.txt" does not exist ${here}. Check the path.`)
    expect(refusal(root, join(root, 'file/x'))).toBe(`${verb} "ROOT/file/x" does not exist ${here}. Check the path.`)
    expect(refusal(root, join(root, '*.no'))).toBe(`${verb} no file matches "ROOT/*.no" ${here}. Check the pattern.`)
    expect(refusal(root, join(root, 'no/*/x'))).toBe(
      `${verb} no file matches "ROOT/no/*/x" ${here}. Check the pattern.`,
    )
    expect(refusal(root, `${root}/file,${root}/no`)).toBe(`${verb} "ROOT/no" does not exist ${here}. Check the path.`)
    expect(refusal(root, 'x'.repeat(5000))).toContain('does not exist')
  })

  test('when it is no path of this machine, or none at all', () => {
    expect(refusal(null, 's3://bucket/a.json')).toBe(
      `${verb} "s3://bucket/a.json" is not on this machine. Only local files can be read: copy it here first.`,
    )
    expect(refusal(null, '')).toBe(`${verb} the path is empty, got "". Give a file, a directory or a glob.`)
    expect(refusal(null, 'a\0b')).toBe(`${verb} the path holds a NUL character, got "a\\u0000b".`)
  })

  test('when it is a link to nothing or to itself', () => {
    const root = freshDirectory()
    symlinkSync(join(root, 'gone'), join(root, 'link'))
    symlinkSync(join(root, 'self'), join(root, 'self'))
    const dangling = `${verb} "ROOT/link" is a link to nothing. Remove it, or make what it leads to.`
    expect(refusal(root, join(root, 'link'))).toBe(dangling)
    expect(refusal(root, root)).toBe(dangling)
    expect(refusal(root, join(root, 'self'))).toBe(
      `${verb} "ROOT/self" cannot be read (ELOOP). It is a link that leads to itself: remove it.`,
    )
  })

  test('when it is a pipe or a device', () => {
    const root = freshDirectory()
    execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(root, 'fifo')])
    const advice = 'Copy what it gives into a file first.'
    expect(refusal(root, join(root, 'fifo'))).toBe(`${verb} "ROOT/fifo" is a named pipe, not a file. ${advice}`)
    expect(refusal(root, root)).toBe(`${verb} "ROOT/fifo" is a named pipe, not a file. ${advice}`)
    expect(refusal(root, '/dev/zero')).toBe(`${verb} "/dev/zero" is a device, not a file. ${advice}`)
  })

  test('when it is a directory inside a directory', () => {
    const root = files('d/a', 'd/inner/b')
    expect(refusal(root, join(root, 'd'))).toBe(
      `${verb} "ROOT/d/inner" is a directory inside a directory, got "ROOT/d". Use a glob: "ROOT/d/**".`,
    )
  })

  test('when its permissions forbid it', () => {
    const root = files('a', 'd/b')
    chmodSync(root, 0o755)
    chmodSync(join(root, 'a'), 0)
    chmodSync(join(root, 'd'), 0)
    asNobody(() => {
      const advice = 'cannot be read (EACCES). Check its permissions.'
      expect(refusal(root, join(root, 'a'))).toBe(`${verb} "ROOT/a" ${advice}`)
      expect(refusal(root, join(root, 'd'))).toBe(`${verb} "ROOT/d" ${advice}`)
      expect(refusal(root, join(root, 'd/b'))).toBe(`${verb} "ROOT/d/b" ${advice}`)
    })
    chmodSync(join(root, 'd'), 0o755)
  })
})

/** Permissions don't bind root. */
function asNobody(call: () => void): void {
  if (process.geteuid?.() !== 0) return call()
  process.seteuid?.(65534)
  try {
    call()
  } finally {
    process.seteuid?.(0)
  }
}

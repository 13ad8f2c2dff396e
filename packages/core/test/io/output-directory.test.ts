/** Output directories: the old output, the new one or none, never a mixture, whatever fails and whenever the process ends. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type FileSystem, realFileSystem } from '../../src/io/file-system.ts'
import { listFiles } from '../../src/io/list-files.ts'
import { openOutput } from '../../src/io/output-directory.ts'
import { ownerName } from '../../src/io/owner.ts'
import { openTextPart } from '../../src/io/text-part.ts'
import { freshDirectory, messageOf, tree } from './fresh.ts'

/** What a job does: two partitions, the second tried twice. */
function runJob(path: string, text: string, overwrite: boolean, files?: FileSystem): void {
  const output = openOutput('saveAsTextFile', path, { overwrite }, [], files)
  const write = (partition: number, attempt: number, line: string): void => {
    const part = openTextPart(output.attemptFile(partition, attempt, ''), 'none', files)
    try {
      part.write(line)
      part.finish()
    } catch (error) {
      part.abort()
      throw error
    }
  }
  try {
    write(0, 0, `${text} 0`)
    output.commitPart(0, 0, '')
    write(1, 0, 'lost')
    write(1, 1, `${text} 1`)
    output.commitPart(1, 1, '')
    output.commitPart(1, 0, '')
  } catch (error) {
    output.abort()
    throw error
  }
  output.commit()
}

/** The state of an output: the text of the job that wrote it whole, `none`, or a description of the mess. */
function stateOf(path: string): string {
  if (!existsSync(path)) return 'none'
  const names = tree(path)
  if (names.join() !== '_SUCCESS,part-00000,part-00001') return `a mess: ${names.join()}`
  const lines = ['part-00000', 'part-00001'].map((name) => readFileSync(join(path, name), 'utf8'))
  const text = lines[0]?.split(' ')[0] ?? ''
  return lines.join('') === `${text} 0\n${text} 1\n` ? text : `a mixture: ${lines.join('')}`
}

/** A file system whose call number `nth` fails, and with `forever` all after it, as if the process had ended. */
function failingAt(nth: number, forever: boolean): FileSystem & { calls: number } {
  const files = { calls: 0 } as FileSystem & { calls: number }
  for (const [name, call] of Object.entries(realFileSystem) as [string, (...args: unknown[]) => unknown][]) {
    const faulty = (...args: unknown[]): unknown => {
      const number = ++files.calls
      if (number === nth || (forever && number > nth)) throw Object.assign(new Error(`${name} fails`), { code: 'EIO' })
      return call(...args)
    }
    Object.assign(files, { [name]: faulty })
  }
  return files
}

describe('when any one call to the file system fails', () => {
  for (const forever of [false, true]) {
    for (const hasOld of [false, true]) {
      const after = forever ? 'and the process ends there' : 'and the others work'
      test(`${after}, ${hasOld ? 'an old output' : 'nothing'} is replaced by the whole new one or not at all`, () => {
        const seen = new Set<string>()
        let isThrough = false
        for (let nth = 1; !isThrough; nth++) {
          const root = freshDirectory()
          const path = join(root, 'sub', 'out')
          if (hasOld) runJob(path, 'old', false)
          const files = failingAt(nth, forever)
          const message = messageOf(() => runJob(path, 'new', true, files))
          isThrough = files.calls < nth
          const state = stateOf(path)
          seen.add(state)
          // A job that ends well has written; one that failed left the old output, or, ended between two renames, none.
          if (message === 'nothing was thrown') expect(state).toBe('new')
          else expect(hasOld && !forever ? ['old'] : ['old', 'none']).toContain(state)
          if (!forever && message !== 'nothing was thrown') {
            expect(message).toMatch(
              /^Error: (saveAsTextFile: cannot write to ".*" \(EIO\)\.|.*: cannot write.* \(EIO\)\.)/,
            )
          }

          // The next run, though it is refused, repairs.
          if (hasOld) {
            expect(messageOf(() => runJob(path, 'next', false))).toContain('already exists')
            expect(stateOf(path)).toBe(message === 'nothing was thrown' ? 'new' : 'old')
          }
          runJob(path, 'next', true)
          expect(stateOf(path)).toBe('next')
          expect(tree(join(root, 'sub')).filter((name) => !name.startsWith('out'))).toEqual([])
        }
        expect([...seen].sort()).toEqual(hasOld ? (forever ? ['new', 'none', 'old'] : ['new', 'old']) : ['new', 'none'])
      })
    }
  }
})

describe('an output', () => {
  test('is not to be seen before it is whole, and nothing stands beside it then', () => {
    const root = freshDirectory()
    const path = join(root, 'a/b/out')
    const output = openOutput('saveAsTextFile', path, { overwrite: false }, [])
    openTextPart(output.attemptFile(0, 0, '.gz'), 'gzip').finish()
    output.commitPart(0, 0, '.gz')
    expect(existsSync(path)).toBe(false)
    expect(listFiles('textFile', [join(root, 'a/b')])).toEqual([])
    output.commit()
    expect(tree(root)).toEqual(['a', 'a/b', 'a/b/out', 'a/b/out/_SUCCESS', 'a/b/out/part-00000.gz'])
    output.abort()
    expect(existsSync(path)).toBe(true)
  })

  test('of an aborted job leaves nothing, not even the directories above it', () => {
    const root = freshDirectory()
    mkdirSync(join(root, 'a'))
    const output = openOutput('saveAsTextFile', join(root, 'a/b/c/out'), { overwrite: false }, [])
    openTextPart(output.attemptFile(0, 0, ''), 'none')
    output.abort()
    output.abort()
    expect(tree(root)).toEqual(['a'])
    const second = openOutput('saveAsTextFile', join(root, 'a/b/c/out'), { overwrite: false }, [])
    writeFileSync(join(root, 'a/b/mine'), '')
    second.abort()
    expect(tree(root)).toEqual(['a', 'a/b', 'a/b/mine'])
    expect(messageOf(() => second.commit())).toBe('Error: the output is committed or given up already')
  })

  test('may replace the directory that the job reads', () => {
    const path = join(freshDirectory(), 'data')
    runJob(path, 'old', false)
    const output = openOutput('saveAsTextFile', path, { overwrite: true }, [path])
    const lines = listFiles('textFile', [path]).map((file) => readFileSync(file.path, 'utf8').trim())
    const part = openTextPart(output.attemptFile(0, 0, ''), 'none')
    for (const line of lines) part.write(line)
    part.finish()
    output.commitPart(0, 0, '')
    output.commit()
    expect(tree(path)).toEqual(['_SUCCESS', 'part-00000'])
    expect(readFileSync(join(path, 'part-00000'), 'utf8')).toBe('old 0\nold 1\n')
  })

  test('is written where a link leads', () => {
    const root = freshDirectory()
    runJob(join(root, 'disk/out'), 'old', false)
    symlinkSync(join(root, 'disk/out'), join(root, 'link'))
    runJob(join(root, 'link'), 'new', true)
    expect([stateOf(join(root, 'link')), stateOf(join(root, 'disk/out'))]).toEqual(['new', 'new'])
    expect(tree(join(root, 'disk')).filter((name) => name.startsWith('.'))).toEqual([])
  })
})

describe('a path is refused before any work', () => {
  const refusal = (root: string, path: string, overwrite: boolean, inputs: string[] = []): string =>
    messageOf(() => openOutput('saveAsTextFile (a.ts:1:2)', path, { overwrite }, inputs)).replaceAll(root, 'ROOT')
  const verb = 'PlanError: saveAsTextFile (a.ts:1:2):'

  test('when something is there', () => {
    const root = freshDirectory()
    mkdirSync(join(root, 'out'))
    writeFileSync(join(root, 'file'), '')
    symlinkSync(join(root, 'gone'), join(root, 'link'))
    expect(refusal(root, join(root, 'out'), false)).toBe(
      `${verb} "ROOT/out" already exists. Pass { overwrite: true } to replace it, or choose another path.`,
    )
    for (const overwrite of [false, true]) {
      expect(refusal(root, join(root, 'file'), overwrite)).toBe(`${verb} "ROOT/file" is a file. Choose another path.`)
    }
    expect(refusal(root, join(root, 'link'), true)).toBe(
      `${verb} "ROOT/link" is a link to nothing. Remove it, or make what it leads to.`,
    )
    expect(refusal(root, join(root, 'file/out'), true)).toBe(
      `Error: saveAsTextFile (a.ts:1:2): cannot write to "ROOT/file/out" (ENOTDIR). Something above it is a file.`,
    )
    expect(tree(root)).toEqual(['file', 'link', 'out'])
  })

  test('when replacing it would remove more than an output', () => {
    const root = freshDirectory()
    mkdirSync(join(root, 'data/2024'), { recursive: true })
    expect(refusal(root, join(root, 'data'), true, [join(root, 'data/2024/*.json')])).toBe(
      `${verb} "ROOT/data" holds the directory "2024", with the input "ROOT/data/2024/*.json". Remove it yourself, or choose another path.`,
    )
    expect(refusal(root, join(root, 'data'), true)).toBe(
      `${verb} "ROOT/data" holds the directory "2024", which no output does. Remove it yourself, or choose another path.`,
    )
    // A checkout of one file, say; what a failed job of Spark left is an output all the same.
    mkdirSync(join(root, 'code/.git'), { recursive: true })
    writeFileSync(join(root, 'code/.git/HEAD'), '')
    expect(refusal(root, join(root, 'code'), true)).toBe(
      `${verb} "ROOT/code" holds the directory ".git", which no output does. Remove it yourself, or choose another path.`,
    )
    expect(tree(join(root, 'code'))).toEqual(['.git', '.git/HEAD'])
    mkdirSync(join(root, 'failed/_temporary/0'), { recursive: true })
    runJob(join(root, 'failed'), 'new', true)
    expect(stateOf(join(root, 'failed'))).toBe('new')
    symlinkSync(process.cwd(), join(root, 'here'))
    symlinkSync(dirname(process.cwd()), join(root, 'above'))
    for (const path of [join(root, 'here'), join(root, 'above', basename(process.cwd()))]) {
      expect(refusal(root, path, true)).toContain('holds the working directory and cannot be replaced.')
    }
    expect(refusal(root, '.', true)).toBe(
      `${verb} "." holds the working directory and cannot be replaced. Choose another path.`,
    )
    expect(refusal(root, '/', true)).toBe(`${verb} "/" is the root directory. Give another one.`)
    expect(refusal(root, ' ', true)).toBe(`${verb} the output path is empty, got " ". Give a directory.`)
  })

  test('when another job of this process is writing it', () => {
    const root = freshDirectory()
    const first = openOutput('saveAsTextFile', join(root, 'out'), { overwrite: true }, [])
    expect(refusal(root, join(root, 'out'), true)).toBe(
      `${verb} another job of this process is writing to "ROOT/out" at this moment. Wait for it, or choose another path.`,
    )
    // Through another path it is the same output, and the first job's work must not be taken for a leftover.
    symlinkSync(root, join(root, 'again'))
    expect(refusal(root, join(root, 'again/out'), true)).toContain('another job of this process is writing')
    first.commit()
    openOutput('saveAsTextFile', join(root, 'out'), { overwrite: true }, []).abort()
  })
})

describe('what others left or do at the same time', () => {
  const leftover = (root: string, owner: string, suffix = ''): string => {
    const path = join(root, `.out.kindling-${owner}-0123abcd${suffix}`)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'part-00000'), 'x')
    return path
  }
  const dead = (): string => ownerName().replace(/^\d+/, String(spawnSync('true').pid))

  test('is removed when its process is dead, also when its number is used again', () => {
    const root = freshDirectory()
    leftover(root, dead())
    leftover(root, dead(), '.old')
    leftover(root, ownerName().replace(/_[^_]*_/, '_1_'))
    // Of this thread, but no job that runs.
    leftover(root, ownerName())
    const other = join(root, basename(leftover(root, dead())).replace('.out', '.outer'))
    mkdirSync(other)
    runJob(join(root, 'out'), 'new', true)
    expect(tree(root).filter((name) => name.startsWith('.'))).toEqual([basename(other)])
  })

  test('is put back when an old output was moved aside and no new one came', () => {
    const root = freshDirectory()
    const path = join(root, 'out')
    runJob(path, 'old', false)
    renameSync(path, join(root, `.out.kindling-${dead()}-0123abcd.old`))
    leftover(root, dead())
    expect(messageOf(() => openOutput('saveAsTextFile', path, { overwrite: false }, []))).toContain('already exists')
    expect([stateOf(path), tree(root).filter((name) => name.startsWith('.'))]).toEqual(['old', []])
  })

  test('is left alone when its process lives, which is named, or can not be seen from here', async () => {
    const root = freshDirectory()
    const child = spawn('sleep', ['1000'])
    onTestFinished(() => void child.kill())
    await new Promise((resolve) => child.once('spawn', resolve))
    const owner = ownerName(child.pid)
    leftover(root, owner)
    expect(messageOf(() => openOutput('saveAsTextFile', join(root, 'out'), { overwrite: true }, []))).toBe(
      `PlanError: saveAsTextFile: process ${child.pid} is writing to "${root}/out" at this moment. Wait for it, or choose another path.`,
    )
    const elsewhere = freshDirectory()
    const foreign = leftover(elsewhere, owner.replace(/-[0-9a-f]+_/, '-00000000_'))
    runJob(join(elsewhere, 'out'), 'new', true)
    expect([stateOf(join(elsewhere, 'out')), existsSync(foreign)]).toEqual(['new', true])
  })

  test('stays when it was made while the job ran', () => {
    const root = freshDirectory()
    const path = join(root, 'out')
    const output = openOutput('saveAsTextFile', path, { overwrite: false }, [])
    mkdirSync(path)
    writeFileSync(join(path, 'theirs'), '')
    const message = `PlanError: saveAsTextFile: "${path}" was made by somebody else while the job ran, and stays as it is. Choose another path.`
    expect(messageOf(() => output.commit())).toBe(message)
    expect(tree(root)).toEqual(['out', 'out/theirs'])
  })

  test('stays when it was made between the last look and the rename', () => {
    for (const overwrite of [false, true]) {
      const root = freshDirectory()
      const path = join(root, 'out')
      if (overwrite) runJob(path, 'old', false)
      const rename = (from: string, to: string): void => {
        if (to === path) {
          mkdirSync(path)
          writeFileSync(join(path, 'theirs'), '')
        }
        renameSync(from, to)
      }
      const output = openOutput('saveAsTextFile', path, { overwrite }, [], { ...realFileSystem, rename })
      expect(messageOf(() => output.commit())).toContain('was made by somebody else while the job ran')
      expect(tree(path)).toEqual(['theirs'])
    }
  })
})

/** Text parts: one row a line, whole or not at all. */
import { openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { realFileSystem } from '../../src/io/file-system.ts'
import { textOf } from '../../src/io/row-text.ts'
import { openTextPart } from '../../src/io/text-part.ts'
import { freshDirectory, messageOf, tree } from './fresh.ts'

describe('a part', () => {
  test('holds each line and a newline after it, in UTF-8, plain or as gzip', () => {
    const root = freshDirectory()
    let count = 0
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), fc.boolean(), (lines, isGzip) => {
        const path = join(root, String(count++))
        const part = openTextPart(path, isGzip ? 'gzip' : 'none')
        for (const line of lines) part.write(line)
        const { bytesWritten } = part.finish()
        const bytes = readFileSync(path)
        expect(bytes.length).toBe(bytesWritten)
        const expected = Buffer.from(lines.map((line) => `${line}\n`).join(''))
        expect((isGzip ? gunzipSync(bytes) : bytes).equals(expected)).toBe(true)
      }),
    )
  })

  test('of many megabytes is written in pieces, a line longer than a piece among them', () => {
    const root = freshDirectory()
    const long = 'é'.repeat(3_000_000)
    for (const compression of ['none', 'gzip'] as const) {
      const path = join(root, compression)
      const part = openTextPart(path, compression)
      for (let i = 0; i < 300_000; i++) part.write(`row ${i}`)
      part.write(long)
      part.write('last')
      part.finish()
      const bytes = readFileSync(path)
      const lines = (compression === 'gzip' ? gunzipSync(bytes) : bytes).toString().split('\n')
      expect([lines.length, lines[299_999], lines[300_000] === long, lines[300_001]]).toEqual([
        300_003,
        'row 299999',
        true,
        'last',
      ])
    }
  })

  test('without rows is an empty file, as gzip an empty member', () => {
    const root = freshDirectory()
    expect(openTextPart(join(root, 'a'), 'none').finish()).toEqual({ bytesWritten: 0 })
    openTextPart(join(root, 'b'), 'gzip').finish()
    expect(gunzipSync(readFileSync(join(root, 'b'))).length).toBe(0)
  })

  test('is removed by abort, which may come twice, but not after it is finished', () => {
    const root = freshDirectory()
    const part = openTextPart(join(root, 'a'), 'none')
    part.write('x')
    part.abort()
    part.abort()
    expect(tree(root)).toEqual([])
    const finished = openTextPart(join(root, 'b'), 'none')
    finished.finish()
    finished.abort()
    expect(tree(root)).toEqual(['b'])
  })

  test('is written whole by a disk that takes a few bytes at a time', () => {
    const path = join(freshDirectory(), 'a')
    const write = (descriptor: number, bytes: Uint8Array, from: number): number =>
      writeSync(descriptor, bytes, from, Math.min(7, bytes.length - from))
    const part = openTextPart(path, 'none', { ...realFileSystem, write })
    part.write('a line that is longer than seven bytes')
    part.finish()
    expect(readFileSync(path, 'utf8')).toBe('a line that is longer than seven bytes\n')
  })

  test('on a full disk is an error with the path, the bytes and a hint', () => {
    // /dev/full is a disk without room.
    const part = openTextPart('/dev/full', 'none', {
      ...realFileSystem,
      create: (path) => openSync(path, 'w'),
      remove() {},
    })
    part.write('x'.repeat(99))
    expect(messageOf(() => part.finish())).toBe(
      'Error: /dev/full: cannot write 100 bytes (ENOSPC). The disk is full: make room, or write to another disk.',
    )
    part.abort()
  })

  test('never replaces a file, and says when its directory is gone', () => {
    const root = freshDirectory()
    openTextPart(join(root, 'a'), 'none').finish()
    expect(messageOf(() => openTextPart(join(root, 'a'), 'none'))).toBe(
      `Error: ${root}/a: cannot write (EEXIST). Check the disk.`,
    )
    expect(messageOf(() => openTextPart(join(root, 'no/a'), 'none'))).toBe(
      `Error: ${root}/no/a: cannot write (ENOENT). The output directory was removed while the job ran.`,
    )
  })
})

describe('the text of a row', () => {
  test('is String(x) of a primitive and JSON of the rest', () => {
    const rows = [
      'a\nb',
      1,
      -0,
      1n,
      true,
      null,
      undefined,
      Number.NaN,
      [1, 'x'],
      { a: [undefined] },
      new Date(0),
      Symbol('s'),
    ]
    expect(rows.map(textOf)).toEqual([
      'a\nb',
      '1',
      '0',
      '1',
      'true',
      'null',
      'undefined',
      'NaN',
      '[1,"x"]',
      '{"a":[null]}',
      '"1970-01-01T00:00:00.000Z"',
      'Symbol(s)',
    ])
  })

  test('is refused to a promise and a function', () => {
    expect(messageOf(() => textOf(Promise.resolve(1)))).toBe(
      'DataError: a promise has no text to write. For a function that returns promises use mapAsync.',
    )
    expect(messageOf(() => textOf(() => 1))).toBe('DataError: a function has no text to write. Return a string.')
    expect(messageOf(() => textOf({ toJSON() {} }))).toContain('has no text to write')
  })
})

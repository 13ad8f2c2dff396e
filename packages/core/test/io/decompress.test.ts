/** Decompressing: any bytes come back through any buffer, members are read on, and what is damaged is an error with its path. */
import { spawnSync } from 'node:child_process'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openFeed } from '../../src/io/open-feed.ts'
import type { Compression } from '../../src/plan/source.ts'
import { freshFile, messageOf, stampOf } from './fresh.ts'

type Packed = Exclude<Compression, 'none'>

const { zstdCompressSync } = zlib as typeof zlib & { readonly zstdCompressSync?: (bytes: Uint8Array) => Buffer }
const hasBzip2 = spawnSync('bzip2', ['--version'], { input: '' }).status === 0

/** `hello\n` and, after an empty member, `world\n`, from the bzip2 program. */
const HELLO = Buffer.from(
  'QlpoOTFBWSZTWcHAgOIAAAFBAAAQAkSgADDNAMNGKZcXckU4UJDBwIDiQlpoORdyRThQkAAAAABCWmg5MUFZJlNZClgGlQAAAsGAABAEBJCAIAAiGGgwBOgYXckU4UJAKWAaVA==',
  'base64',
)

const FORMATS: readonly {
  name: Packed
  suffix: string
  pack: (bytes: Uint8Array) => Buffer
  without: string | null
}[] = [
  { name: 'gzip', suffix: '.gz', pack: (bytes) => zlib.gzipSync(bytes), without: null },
  {
    name: 'zstd',
    suffix: '.zst',
    pack: (bytes) => (zstdCompressSync as (bytes: Uint8Array) => Buffer)(bytes),
    without: zstdCompressSync === undefined ? `Node ${process.version} has no zstd` : null,
  },
  {
    name: 'bzip2',
    suffix: '.bz2',
    pack: (input) => spawnSync('bzip2', { input, maxBuffer: 2 ** 30 }).stdout,
    without: hasBzip2 ? null : 'there is no bzip2 program here',
  },
]

function unpack(compression: Packed, path: string, bufferBytes: number = 65536): Buffer {
  const feed = openFeed(path, stampOf(path), compression)
  const chunks: Buffer[] = []
  try {
    for (;;) {
      const buffer = Buffer.alloc(bufferBytes)
      const count = feed.read(buffer, 0, buffer.length)
      if (count === 0) return Buffer.concat(chunks)
      chunks.push(buffer.subarray(0, count))
    }
  } finally {
    feed.close()
  }
}

describe.each(FORMATS)('$name', ({ name, suffix, pack, without }) => {
  // Formats that this machine cannot write are skipped by name.
  const check = (title: string, run: () => void): void =>
    without === null ? test(title, run) : test.skip(`${title} (${without})`, run)

  check('gives back any bytes, through a buffer of any size', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 700 }), (bytes, bufferBytes) => {
        expect(unpack(name, freshFile(`a${suffix}`, pack(bytes)), bufferBytes)).toEqual(Buffer.from(bytes))
      }),
      { numRuns: 15 },
    )
  })

  check('is read on through its members, empty ones among them', () => {
    const parts = ['one', '', 'two', ''].map((text) => pack(Buffer.from(text)))
    expect(unpack(name, freshFile(`a${suffix}`, Buffer.concat(parts))).toString()).toBe('onetwo')
  })

  check('of many megabytes of zeros is read in pieces no larger than asked for', () => {
    const zeros = Buffer.alloc(20_000_000)
    const path = freshFile(`a${suffix}`, pack(zeros))
    expect(stampOf(path).sizeBytes).toBeLessThan(30_000)
    expect(unpack(name, path, 1_000_003).equals(zeros)).toBe(true)
  })

  check('that is cut short anywhere is an error with its path', () => {
    const text = Array.from({ length: 300 }, (_, i) => `line ${i * 7919}\n`).join('')
    const whole = pack(Buffer.from(text))
    for (const length of [1, 2, 5, 9, 12, 20, whole.length >> 1, whole.length - 5, whole.length - 1]) {
      const path = freshFile(`a${suffix}`, whole.subarray(0, length))
      expect(messageOf(() => unpack(name, path))).toMatch(
        new RegExp(
          `^DataError: ${path}: the ${name} data is cut short \\(.*\\) at or before byte ${length}. Replace it.$`,
        ),
      )
    }
  })

  check('with a flipped bit is an error, or gives the same bytes', () => {
    const text = Array.from({ length: 300 }, (_, i) => `line ${i * 7919}\n`).join('')
    // The checksum of a zstd frame is an option, which its program sets.
    const whole = pack(Buffer.from(text))
    let refused = 0
    for (let at = 10; at < whole.length; at += 11) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      const path = freshFile(`a${suffix}`, damaged)
      const message = messageOf(() => unpack(name, path))
      if (message !== 'nothing was thrown')
        expect(message).toMatch(new RegExp(`^DataError: ${path}: the ${name} data `))
      else if (name !== 'zstd') expect(unpack(name, path).toString()).toBe(text)
      if (message !== 'nothing was thrown') refused++
    }
    expect(refused).toBeGreaterThan(10)
  })

  test('that is empty, or plain text, says so', () => {
    expect(messageOf(() => unpack(name, freshFile(`a${suffix}`, '')))).toMatch(
      zstdCompressSync === undefined && name === 'zstd' ? 'needs Node 22.15' : `is named ${suffix} but is empty`,
    )
    expect(messageOf(() => unpack(name, freshFile(`a${suffix}`, 'hello there, this is text')))).toMatch(
      zstdCompressSync === undefined && name === 'zstd'
        ? 'needs Node 22.15'
        : `is named ${suffix} but is not ${name} (it begins with 68 65 6c 6c)`,
    )
  })
})

test('a bzip2 file that was written elsewhere is read, an empty member in it', () => {
  expect(unpack('bzip2', freshFile('a.bz2', HELLO)).toString()).toBe('hello\nworld\n')
})

test.runIf(zstdCompressSync === undefined)('zstd, where Node has none, is an error that says which Node has', () => {
  const path = freshFile('a.zst', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x00, 0x01, 0x00, 0x00]))
  expect(messageOf(() => unpack('zstd', path))).toBe(
    `DataError: ${path}: reading zstd needs Node 22.15 or later, got ${process.version}. Use that, or gzip.`,
  )
})

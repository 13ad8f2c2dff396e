/** What a file is by its first bytes, when it is not what its name promises. */
import { DataError } from '../errors.ts'
import type { Compression } from '../plan/source.ts'
import { shownPath } from './shown-path.ts'

type Format = Exclude<Compression, 'none'>

interface Magic {
  readonly name: string
  readonly suffix: string
  /** Whether the first bytes, as latin1, are its own. */
  readonly begins: (head: string) => boolean
  /** The program that decompresses what is not read here. */
  readonly unpack: string
}

/** Sources: RFC 1952, RFC 8878, the bzip2 and xz file formats. */
const FORMATS: Readonly<Record<Format | 'xz', Magic>> = {
  gzip: { name: 'gzip', suffix: '.gz', unpack: 'gunzip', begins: (head) => head.startsWith('\x1f\x8b\x08') },
  zstd: {
    name: 'zstd',
    suffix: '.zst',
    unpack: 'unzstd',
    // A frame of data, or one to be skipped, which parallel compressors put before it.
    begins: (head) => head.startsWith('\x28\xb5\x2f\xfd') || (/^[P-_]\*M/.test(head) && head[3] === '\x18'),
  },
  bzip2: {
    name: 'bzip2',
    suffix: '.bz2',
    unpack: 'bunzip2',
    // A block, or the end of a file without one.
    begins: (head) => /^BZh[1-9]1AY&SY/.test(head) || (/^BZh[1-9]/.test(head) && head.endsWith('rE8P\x90')),
  },
  xz: { name: 'xz', suffix: '.xz', unpack: 'unxz', begins: (head) => head.startsWith('\xfd7zXZ\0') },
}

/** Bytes that are looked at. */
export const MAGIC_LENGTH = 10

/** How a file is compressed, by its name. */
export function compressionOf(path: string): Compression {
  if (path.endsWith('.gz')) return 'gzip'
  if (path.endsWith('.zst')) return 'zstd'
  return path.endsWith('.bz2') ? 'bzip2' : 'none'
}

/** @throws DataError if a file that is read as plain text begins like a compressed one */
export function refuseCompressed(path: string, head: Buffer): void {
  const format = formatOf(head)
  if (format === null) return
  const advice =
    format === FORMATS.xz
      ? `That is not read: decompress it first (${format.unpack}).`
      : `Give it a name that ends in ${format.suffix}, and it is decompressed as it is read.`
  throw new DataError(`${shownPath(path)}: is compressed with ${format.name}, not text. ${advice}`)
}

/** @throws DataError if a file that is named as compressed begins like something else */
export function refuseOtherFormat(path: string, expected: Format, head: Buffer): void {
  const { name, suffix, begins } = FORMATS[expected]
  const text = head.toString('latin1')
  if (text === '') {
    const advice = `without so much as a ${name} header. Remove it.`
    throw new DataError(`${shownPath(path)}: is named ${suffix} but is empty, ${advice}`)
  }
  // A head that was cut is left to the decompressor, which reports the end of the file.
  if (begins(text) || (text.length < MAGIC_LENGTH && FIRST_BYTES[expected].startsWith(text.slice(0, 2)))) return
  const is = formatOf(head)?.name ?? `not ${name}`
  throw new DataError(
    `${shownPath(path)}: is named ${suffix} but is ${is} (it begins with ${hex(head)}). ` +
      `Rename it without ${suffix}, or compress it.`,
  )
}

/** The error of a decompressor, at or before a byte of the file. */
export function corrupt(path: string, format: Format, bytesRead: number, failure: string): DataError {
  const what = /Z_BUF_ERROR|unexpected end/.test(failure) ? 'is cut short' : 'is corrupt'
  return new DataError(
    `${shownPath(path)}: the ${format} data ${what} (${failure}) at or before byte ${bytesRead}. Replace it.`,
  )
}

const FIRST_BYTES: Readonly<Record<Format, string>> = { gzip: '\x1f\x8b', zstd: '\x28\xb5', bzip2: 'BZ' }

function formatOf(head: Buffer): Magic | null {
  const text = head.toString('latin1')
  return Object.values(FORMATS).find(({ begins }) => begins(text)) ?? null
}

function hex(bytes: Buffer): string {
  return bytes
    .subarray(0, 4)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
}

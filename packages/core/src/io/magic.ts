/** What a file is by its first bytes, when it is not the text that its name promises. */
import { DataError } from '../errors.ts'
import { shownPath } from './shown-path.ts'

/** First bytes of compressed formats. Sources: RFC 1952, RFC 8878, the bzip2 and xz file formats. */
const FORMATS: readonly { name: string; suffix: string; bytes: Buffer; unpack: string }[] = [
  { name: 'gzip', suffix: '.gz', bytes: Buffer.from([0x1f, 0x8b, 0x08]), unpack: 'gunzip' },
  { name: 'zstd', suffix: '.zst', bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), unpack: 'unzstd' },
  { name: 'xz', suffix: '.xz', bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]), unpack: 'unxz' },
]
const BZIP2 = /^BZh[1-9]1AY&SY/

/** Bytes that `formatOf` needs to see. */
export const MAGIC_LENGTH = 10

/** @throws DataError if a file that is read as plain text begins like a compressed one */
export function refuseCompressed(path: string, head: Buffer): void {
  const format = formatOf(head)
  if (format === null) return
  const advice =
    format.name === 'gzip'
      ? 'Give it a name that ends in .gz, and it is decompressed as it is read.'
      : `Only gzip is read: decompress it first (${format.unpack}).`
  throw new DataError(`${shownPath(path)}: is compressed with ${format.name}, not text. ${advice}`)
}

/** @throws DataError if a file named .gz begins like something else */
export function refusePlain(path: string, head: Buffer): void {
  if (head.length === 0) {
    throw new DataError(`${shownPath(path)}: is named .gz but is empty, without so much as a gzip header. Remove it.`)
  }
  // A head of one byte that fits is left to the decompressor, which reports the end of the file.
  if (head[0] === 0x1f && (head.length === 1 || head[1] === 0x8b)) return
  const is = formatOf(head)?.name ?? 'not gzip'
  throw new DataError(
    `${shownPath(path)}: is named .gz but is ${is} (it begins with ${hex(head)}). Rename it without .gz, or compress it.`,
  )
}

function formatOf(head: Buffer): { name: string; unpack: string } | null {
  if (BZIP2.test(head.toString('latin1'))) return { name: 'bzip2', unpack: 'bunzip2' }
  return FORMATS.find(({ bytes }) => head.subarray(0, bytes.length).equals(bytes)) ?? null
}

function hex(bytes: Buffer): string {
  return bytes
    .subarray(0, 4)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
}

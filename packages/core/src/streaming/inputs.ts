/** Inputs: what one program gets, from the files, lists and sizes that the user gave. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, PlanError } from '../errors.ts'
import { type InputFile, listFiles } from '../io/list-files.ts'
import type { Command } from '../stream/command.ts'
import type { StreamSettings } from './options.ts'
import { cutByRecords, cutBySize, headerOf, LINE_END, type Piece, wholePiece, wholePieceOf } from './piece.ts'
import { namesInput } from './template.ts'

/** What one program gets. */
export interface ProgramInput {
  /** The paths as the user wrote them, for `{}` and messages; none for standard input. */
  readonly paths: readonly string[]
  readonly pieces: readonly Piece[]
  /** What comes before the pieces; null when that is nothing, or in the first of them. */
  readonly header: Piece | null
  /** Why it cannot be read; null when it can. */
  readonly missing: string | null
  /** Its piece is a block of standard input, in a file that nobody else needs. */
  readonly isBlock: boolean
}

/** Blocks of standard input when no size is given. */
const BLOCK_BYTES = 16e6

/**
 * The inputs of all programs, in order; of standard input as they come.
 * @param work where blocks of standard input are kept, asked for once they come
 * @throws PlanError when there are none or options contradict each other, DataError for a path that leads to nothing
 */
export function inputsOf(
  settings: StreamSettings,
  work: () => string,
): readonly ProgramInput[] | AsyncIterable<ProgramInput> {
  const { input = [], inputsFrom } = settings
  if (input.length === 0 && inputsFrom === undefined)
    throw new PlanError('stream: there is no input. Give it with --input or --inputs-from.')
  if (input.includes('-')) {
    if (input.length > 1 || inputsFrom !== undefined)
      throw new PlanError('stream: standard input (-) cannot be mixed with other inputs. Give it alone.')
    return blocksOf(process.stdin, settings, work)
  }
  const listed = inputsFrom === undefined ? [] : listedIn(inputsFrom, settings)
  // What is missing comes last, so that it parts no files that are packed together.
  const files = [...listFiles('stream', input), ...listed.flatMap((each) => each.files)]
  return [...grouped(files, settings), ...listed.flatMap(missingOf)]
}

interface Listed {
  readonly files: readonly InputFile[]
  readonly entry: string
  readonly missing: string | null
}

function listedIn(list: string, { nullSeparated }: StreamSettings): readonly Listed[] {
  const text = textOf(list)
  const entries = text.split(nullSeparated ? '\0' : /\r?\n/).filter((entry) => entry !== '')
  if (entries.length === 0) throw new PlanError(`stream: "${list}" lists no inputs.`)
  return entries.map((entry) => {
    try {
      return { files: listFiles('stream', [entry]), entry, missing: null }
    } catch (error) {
      if (!(error instanceof DataError)) throw error
      return { files: [], entry, missing: error.message.replace(/^stream: /, '') }
    }
  })
}

function textOf(list: string): string {
  try {
    return readFileSync(list === '-' ? 0 : list, 'utf8')
  } catch (error) {
    throw new DataError(
      `stream: the list of inputs "${list}" cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      {
        cause: error,
      },
    )
  }
}

function missingOf({ entry, missing }: Listed): readonly ProgramInput[] {
  return missing === null ? [] : [{ paths: [entry], pieces: [], header: null, missing, isBlock: false }]
}

/** Files packed together or cut, as the settings say. */
function grouped(files: readonly InputFile[], settings: StreamSettings): readonly ProgramInput[] {
  const { split, pack, filesPerJob, inputFormat } = settings
  const recordEnd = Buffer.from(settings.recordEnd)
  const headerIn = (file: InputFile): Piece | null => (settings.header ? headerOf(file) : null)
  const recordCount = inputFormat.startsWith('nline:') ? Number(inputFormat.slice('nline:'.length)) : null
  if (recordCount !== null) {
    const compressed = files.find(({ compression }) => compression !== 'none')
    if (compressed !== undefined)
      throw new PlanError(`stream: "${compressed.path}" is compressed and cannot be cut by lines.`)
    return files.flatMap((file) => {
      const header = headerIn(file)
      return inputsFrom(cutByRecords(file, recordCount, recordEnd, header?.end ?? 0), header)
    })
  }
  const cut = (file: InputFile, header: Piece | null): Piece[] =>
    split === undefined ? [wholePiece(file)] : cutBySize(file, split, recordEnd, header?.end ?? 0)
  if (pack === undefined && filesPerJob === undefined)
    return files.flatMap((file) => {
      const header = headerIn(file)
      return inputsFrom(cut(file, header), header)
    })
  const packed: ProgramInput[] = []
  let open: Piece[] | null = null
  let bytes = 0
  for (const file of files) {
    const size = file.stamp.sizeBytes
    const header = headerIn(file)
    const [piece, ...others] = cut(file, header)
    if (piece === undefined) continue
    if (settings.header && file.compression !== 'none')
      throw new PlanError(`stream: "${file.path}" is compressed: its header cannot be taken off. Leave out pack.`)
    const isFull =
      bytes + size > (pack ?? Number.POSITIVE_INFINITY) ||
      (open?.length ?? 0) >= (filesPerJob ?? Number.POSITIVE_INFINITY)
    if (others.length > 0) {
      packed.push(...inputsFrom([piece, ...others], header))
      open = null
    } else if (open === null || isFull) {
      open = [piece]
      bytes = size
      packed.push(inputOf(open, null))
    } else {
      // Its header was that of the first file.
      open.push(header === null ? piece : { ...piece, start: header.end })
      bytes += size
    }
  }
  return packed.map((input) => ({ ...input, paths: input.pieces.map(({ path }) => path) }))
}

/** One piece for each program. The header of a file is in its first piece. */
function inputsFrom(pieces: readonly Piece[], header: Piece | null): ProgramInput[] {
  return pieces.map((piece, i) => inputOf([piece], i === 0 ? null : header))
}

function inputOf(pieces: readonly Piece[], header: Piece | null): ProgramInput {
  return { paths: pieces.map(({ path }) => path), pieces, header, missing: null, isBlock: false }
}

/** What a program reads: pieces, the text of a list of paths, or nothing when its command names the input. */
export function sourceOf(
  { paths, pieces, header }: ProgramInput,
  command: Command,
  inputFormat: string,
): readonly Piece[] | string | null {
  if (namesInput(command)) return null
  if (inputFormat === 'path') return paths.map((path) => `${path}\n`).join('')
  return header === null ? pieces : [header, ...pieces]
}

/** Standard input in blocks of whole records, each in a file of the work directory; one record longer than a block is a block. */
async function* blocksOf(
  stdin: AsyncIterable<Buffer | string>,
  { split: blockBytes = BLOCK_BYTES, recordEnd: endText, header: hasHeader }: StreamSettings,
  work: () => string,
): AsyncGenerator<ProgramInput> {
  const recordEnd = Buffer.from(endText)
  let header = Buffer.alloc(0)
  let block = newBlock(work(), 0, header)
  let count = 1
  // The end of a chunk may begin a record end.
  let held = Buffer.alloc(0)
  for await (const chunk of stdin) {
    let rest = Buffer.concat([held, Buffer.from(chunk)])
    for (;;) {
      // The first record end behind which the block is large enough.
      const at = rest.indexOf(recordEnd, Math.max(0, blockBytes - block.bytes - recordEnd.length))
      if (block.bytes + rest.length < blockBytes || at < 0) break
      const end = at + recordEnd.length
      block.write(rest.subarray(0, end))
      const input = block.finish()
      if (hasHeader && count === 1) header = firstLineOf(input)
      yield input
      block = newBlock(work(), count++, header)
      rest = rest.subarray(end)
    }
    const kept = Math.min(rest.length, recordEnd.length - 1)
    block.write(rest.subarray(0, rest.length - kept))
    held = rest.subarray(rest.length - kept)
  }
  block.write(held)
  const isEmpty = block.bytes === 0
  const last = block.finish()
  if (!isEmpty) yield last
}

function firstLineOf({ pieces }: ProgramInput): Buffer<ArrayBuffer> {
  const bytes = readFileSync(pieces[0]?.path ?? '')
  return bytes.subarray(0, bytes.indexOf(LINE_END) + 1)
}

interface Block {
  /** So far, without the header. */
  readonly bytes: number
  write(bytes: Buffer): void
  finish(): ProgramInput
}

function newBlock(work: string, number: number, header: Buffer): Block {
  const path = join(work, `block-${number}`)
  const descriptor = openSync(path, 'w')
  let bytes = 0
  const put = (chunk: Buffer): void => {
    for (let from = 0; from < chunk.length; ) from += writeSync(descriptor, chunk, from)
  }
  put(header)
  return {
    get bytes() {
      return bytes
    },
    write(chunk) {
      put(chunk)
      bytes += chunk.length
    },
    finish() {
      closeSync(descriptor)
      return { paths: [], pieces: [wholePieceOf(path)], header: null, missing: null, isBlock: true }
    },
  }
}

/** The name of an input in messages and logs. */
export function nameOf({ paths }: ProgramInput): string {
  const [first = '-', ...others] = paths
  return others.length === 0 ? first : `${first} and ${others.length} more`
}

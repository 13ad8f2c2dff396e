/** Inputs: what one program gets, from the files, lists and sizes that the user gave. */
import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DataError, PlanError } from '../errors.ts'
import { type InputFile, listFiles } from '../io/list-files.ts'
import type { StreamSettings } from './options.ts'
import { cutByLines, cutBySize, type Piece, wholePiece } from './piece.ts'

/** What one program gets. */
export interface ProgramInput {
  /** The paths as the user wrote them, for `{}` and messages; none for standard input. */
  readonly paths: readonly string[]
  readonly pieces: readonly Piece[]
  /** Why it cannot be read; null when it can. */
  readonly missing: string | null
  /** Its piece is a block of standard input, in a file that nobody else needs. */
  readonly isBlock: boolean
}

/** Blocks of standard input when no size is given. */
const BLOCK_BYTES = 16e6
const NEWLINE = 0x0a

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
    return blocksOf(process.stdin, settings.split ?? BLOCK_BYTES, work)
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
  return missing === null ? [] : [{ paths: [entry], pieces: [], missing, isBlock: false }]
}

/** Files packed together or cut, as the settings say. */
function grouped(files: readonly InputFile[], settings: StreamSettings): readonly ProgramInput[] {
  const { split, pack, filesPerJob, inputFormat } = settings
  const lineCount = inputFormat.startsWith('nline:') ? Number(inputFormat.slice('nline:'.length)) : null
  if (lineCount !== null) {
    const compressed = files.find(({ compression }) => compression !== 'none')
    if (compressed !== undefined)
      throw new PlanError(`stream: "${compressed.path}" is compressed and cannot be cut by lines.`)
    return files.flatMap((file) => cutByLines(file, lineCount).map(inputOf))
  }
  if (pack === undefined && filesPerJob === undefined)
    return files.flatMap((file) => (split === undefined ? [wholePiece(file)] : cutBySize(file, split)).map(inputOf))
  const packed: Piece[][] = []
  let bytes = 0
  for (const file of files) {
    const last = packed.at(-1)
    const size = file.stamp.sizeBytes
    const isFull =
      bytes + size > (pack ?? Number.POSITIVE_INFINITY) ||
      (last?.length ?? 0) >= (filesPerJob ?? Number.POSITIVE_INFINITY)
    const pieces = split === undefined ? [wholePiece(file)] : cutBySize(file, split)
    if (last !== undefined && !isFull && pieces.length === 1) {
      last.push(...pieces)
      bytes += size
    } else {
      packed.push(...pieces.map((piece) => [piece]))
      bytes = pieces.length === 1 ? size : Number.POSITIVE_INFINITY
    }
  }
  return packed.map((pieces) => ({ paths: pieces.map(({ path }) => path), pieces, missing: null, isBlock: false }))
}

function inputOf(piece: Piece): ProgramInput {
  return { paths: [piece.path], pieces: [piece], missing: null, isBlock: false }
}

/** Standard input in blocks of whole lines, each in a file of the work directory; one line longer than a block is a block. */
async function* blocksOf(
  stdin: AsyncIterable<Buffer | string>,
  blockBytes: number,
  work: () => string,
): AsyncGenerator<ProgramInput> {
  let block = newBlock(work(), 0)
  let count = 1
  for await (const chunk of stdin) {
    let rest = Buffer.from(chunk)
    for (;;) {
      // The first line end behind which the block is large enough.
      const newline = rest.indexOf(NEWLINE, Math.max(0, blockBytes - block.bytes - 1))
      if (block.bytes + rest.length < blockBytes || newline < 0) break
      block.write(rest.subarray(0, newline + 1))
      yield block.finish()
      block = newBlock(work(), count++)
      rest = rest.subarray(newline + 1)
    }
    block.write(rest)
  }
  const isEmpty = block.bytes === 0
  const last = block.finish()
  if (!isEmpty) yield last
}

function newBlock(
  work: string,
  number: number,
): { readonly bytes: number; write(bytes: Buffer): void; finish(): ProgramInput } {
  const path = join(work, `block-${number}`)
  const descriptor = openSync(path, 'w')
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    write(chunk) {
      for (let from = 0; from < chunk.length; ) from += writeSync(descriptor, chunk, from)
      bytes += chunk.length
    },
    finish() {
      const { size, mtimeMs } = fstatSync(descriptor)
      closeSync(descriptor)
      const piece = {
        path,
        start: 0,
        end: bytes,
        compression: 'none' as const,
        stamp: { sizeBytes: size, modifiedMs: mtimeMs },
      }
      return { paths: [], pieces: [piece], missing: null, isBlock: true }
    },
  }
}

/** The name of an input in messages and logs. */
export function nameOf({ paths }: ProgramInput): string {
  const [first = '-', ...others] = paths
  return others.length === 0 ? first : `${first} and ${others.length} more`
}

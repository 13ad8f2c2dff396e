/** A replay: the line that runs one program of a job again by hand, on the input that it had. */
import { type Command, commandText, quoted } from '../stream/command.ts'
import { isWhole, type Piece } from './piece.ts'

const DECOMPRESSORS = { gzip: 'gzip', bzip2: 'bzip2', zstd: 'zstd' }

export function replayLine(command: Command, source: readonly Piece[] | string | null): string {
  const text = commandText(command)
  if (source === null) return text
  // A redirection belongs to one command of a line, a pipe to the first: only a group has all of it.
  const grouped = typeof command === 'string' && /[|;&\n]/.test(command) ? `( ${text} )` : text
  if (typeof source === 'string') return `printf %s ${quoted(source)} | ${grouped}`
  const [only] = source
  if (source.length === 1 && only !== undefined && only.compression === 'none' && isWhole(only))
    return `${grouped} < ${quoted(only.path)}`
  const sources = source.map(readLine)
  return `${sources.length === 1 ? sources[0] : `{ ${sources.join('; ')}; }`} | ${grouped}`
}

function readLine(piece: Piece): string {
  if (piece.compression !== 'none') return `${DECOMPRESSORS[piece.compression]} -dc ${quoted(piece.path)}`
  if (isWhole(piece)) return `cat ${quoted(piece.path)}`
  return `tail -c +${piece.start + 1} ${quoted(piece.path)} | head -c ${piece.end - piece.start}`
}

/** What is said of a command that did not start, or did not end well. */
import { DataError } from '../errors.ts'
import { type Command, commandText } from './command.ts'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/**
 * Node makes a child's streams as sockets, which ENXIO keeps from being opened by name. FIFOs would do, but their descriptors cannot
 * be handed from `fs` to a stream in a worker thread, which closes such descriptors again when it ends.
 */
const SOCKET_BY_NAME = /\/dev\/std(in|out|err).*(No such device|ENXIO)|(No such device|ENXIO).*\/dev\/std(in|out|err)/
const SOCKET_ADVICE =
  ' Its streams cannot be opened by name: write >&2 for > /dev/stderr, or wrap the command, as in "cat | command | cat".'

/** `error` is what starting `program` threw. */
export function startError(command: Command, program: string, error: unknown): DataError {
  const { code, message } = error as NodeJS.ErrnoException
  const what = `the command "${commandText(command)}" could not be started: `
  if (code === 'ENOENT') {
    const isLine = /\s/.test(program)
    const advice = isLine
      ? 'A list holds one word each; give a string for a line of shell.'
      : 'Install it, or give its path.'
    return new DataError(`${what}there is no program "${program}". ${advice}`, { cause: error })
  }
  if (code === 'EACCES') {
    const advice = `Allow it with chmod +x, or name its interpreter first, as in ['python3', 'map.py'].`
    return new DataError(`${what}"${program}" may not be executed. ${advice}`, { cause: error })
  }
  return new DataError(`${what}${message}`, { cause: error })
}

/**
 * @param stderr the end of what the command wrote there, by lines
 * @param advice what to do
 */
export function exitError(command: Command, exit: Exit, stderr: readonly string[], advice: string = ''): DataError {
  const how = exit.signal === null ? `ended with exit code ${exit.code}` : `was ended by signal ${exit.signal}`
  const sockets = stderr.some((line) => SOCKET_BY_NAME.test(line)) ? SOCKET_ADVICE : ''
  return new DataError(`the command "${commandText(command)}" ${how}.${sockets}${advice} ${saidOnStderr(stderr)}`)
}

export function saidOnStderr(lines: readonly string[]): string {
  if (lines.length === 0) return 'It wrote nothing to stderr.'
  return `The end of its stderr:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

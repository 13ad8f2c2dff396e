/** A command: what the user gave to run as a child process, an argument list or a line for a shell. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export type Command = string | readonly string[]

export interface Invocation {
  readonly file: string
  readonly args: readonly string[]
  /** A shell reads the command, and any failing stage of a pipeline in it fails the whole. */
  readonly isPipeline: boolean
  /** A shell reads the command that notices only the last stage. */
  readonly isFallback: boolean
}

/**
 * How to start a command. A list is started as it is, without a shell; a line is run by bash, in which a failing first stage of
 * `cut -f1 | sort` fails the line, or, where there is no bash, by sh.
 */
export function invocationOf(command: Command, path: string): Invocation {
  if (typeof command !== 'string')
    return { file: command[0] ?? '', args: command.slice(1), isPipeline: false, isFallback: false }
  if (isOnPath('bash', path))
    return { file: 'bash', args: ['-o', 'pipefail', '-c', command], isPipeline: true, isFallback: false }
  return { file: '/bin/sh', args: ['-c', command], isPipeline: false, isFallback: true }
}

/** The command as the user would type it. */
export function commandText(command: Command): string {
  if (typeof command === 'string') return command
  return command.map(quoted).join(' ')
}

/** A word as a shell reads it back. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

function isOnPath(name: string, path: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

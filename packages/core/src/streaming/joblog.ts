/**
 * The job log: a line for each program that ended, in the nine columns of GNU Parallel. Unlike there, the log grows from run to run, and the
 * exit value of a program that a signal ended is not 0 but 128 and the signal's number.
 */
import { appendFileSync, existsSync, statSync } from 'node:fs'
import { constants } from 'node:os'
import { DataError } from '../errors.ts'
import { type Command, commandText } from '../stream/command.ts'

const COLUMNS = 'Seq\tHost\tStarttime\tJobRuntime\tSend\tReceive\tExitval\tSignal\tCommand'

export interface LogEntry {
  readonly seq: number
  readonly startedAtMs: number
  readonly ms: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly command: Command
}

export interface JobLog {
  add(entry: LogEntry): void
}

/** @throws DataError when it cannot be written */
export function openJobLog(path: string | undefined): JobLog {
  if (path === undefined) return { add: () => undefined }
  if (!existsSync(path) || statSync(path).size === 0) append(path, COLUMNS)
  return { add: (entry) => append(path, lineOf(entry)) }
}

function lineOf({ seq, startedAtMs, ms, bytesIn, bytesOut, exitCode, signal, command }: LogEntry): string {
  const number = signal === null ? 0 : constants.signals[signal]
  const value = signal === null ? (exitCode ?? 127) : 128 + number
  const start = (startedAtMs / 1000).toFixed(3)
  const runtime = (ms / 1000).toFixed(3).padStart(10)
  const text = commandText(command).replaceAll('\n', '\\n')
  return [seq, ':', start, runtime, bytesIn, bytesOut, value, number, text].join('\t')
}

function append(path: string, line: string): void {
  try {
    appendFileSync(path, `${line}\n`)
  } catch (error) {
    throw new DataError(`stream: the job log "${path}" cannot be written (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    })
  }
}

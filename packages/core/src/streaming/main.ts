/** The command `kindling stream`, but for the word itself: from its arguments to its exit code. */
import type { Writable } from 'node:stream'
import { DataError, PlanError } from '../errors.ts'
import { parseStreamArguments } from './arguments.ts'
import { streamHelp } from './help.ts'
import { runStream, type StreamResult } from './stream.ts'

export interface StreamTerminal {
  readonly stdout: Writable
  readonly stderr: Writable
}

/**
 * Runs it and gives the exit code: 0 all done, 1 a program failed, 2 nothing was run because the command is wrong, an input is missing or the
 * output exists. An interrupt ends the process as its signal does, after the programs.
 */
export async function streamMain(argv: readonly string[], terminal: StreamTerminal = process): Promise<number> {
  const say = (text: string): void => void terminal.stderr.write(`${text}\n`)
  if (argv.some((word) => ['--help', '-h', '-help', '-info'].includes(word))) {
    terminal.stdout.write(streamHelp())
    return 0
  }
  try {
    const { settings, warnings } = await parseStreamArguments(argv)
    for (const warning of warnings) say(`stream: ${warning}`)
    const result = await runStream(settings, terminal)
    for (const line of summaryOf(result)) say(line)
    return result.failures.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof PlanError || error instanceof DataError)) throw error
    say(error.message)
    return 2
  }
}

/** What is said at the end: failures, counters, how many jobs there were. */
function summaryOf(result: StreamResult): readonly string[] {
  return []
}

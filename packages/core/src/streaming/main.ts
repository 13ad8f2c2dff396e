/** The command `kindling stream`, but for the word itself: from its arguments to its exit code. */
import type { Writable } from 'node:stream'
import { DataError, PlanError } from '../errors.ts'
import { parseStreamArguments } from './arguments.ts'
import { OWN_COUNTERS, OWN_GROUP } from './counters.ts'
import { streamHelp } from './help.ts'
import type { StreamResult } from './result.ts'
import { runStream } from './run-stream.ts'

/** Of more, only the number is told. */
const SHOWN_FAILURES = 5

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
    const { settings, warnings } = parseStreamArguments(argv)
    for (const warning of warnings) say(`stream: ${warning}`)
    const result = await runStream(settings, terminal)
    for (const line of summaryOf(result, settings.counters)) say(line)
    return result.failures.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof PlanError || error instanceof DataError)) throw error
    say(error.message)
    return 2
  }
}

/** What is said at the end: failures, counters, and how many programs there were. */
function summaryOf(
  { jobs, failures, counters, unfinished }: StreamResult,
  tellsOwnCounters: boolean,
): readonly string[] {
  const lines = failures.slice(0, SHOWN_FAILURES).map(({ message }) => `stream: ${message}`)
  for (const [group, counts] of counters) {
    if (group === OWN_GROUP) continue
    lines.push(group, ...[...counts].map(([name, amount]) => `  ${name}=${amount}`))
  }
  const own = counters.get(OWN_GROUP)
  if (own !== undefined && tellsOwnCounters) {
    const known = OWN_COUNTERS.filter((name) => own.has(name))
    lines.push(OWN_GROUP, ...known.map((name) => `  ${name}=${own.get(name)}`))
  }
  const keptCount = jobs.filter(({ isKept }) => isKept).length
  if (failures.length > 0) {
    const rest = unfinished === 0 ? '' : `, ${unfinished} were not run to their end`
    lines.push(`stream: ${failures.length} of ${jobs.length + unfinished} programs failed${rest}.`)
  }
  if (keptCount > 0) lines.push(`stream: ${keptCount} of ${jobs.length} outputs were there from an earlier run.`)
  return lines
}

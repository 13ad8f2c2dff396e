/** A report: the events of a run as lines for people, one when a task starts and one when it ends. */
import { durationText } from '../duration.ts'
import type { Listener, WorkflowEvent } from '../events.ts'
import { shownError } from '../shown-error.ts'
import type { Row } from '../summary.ts'

export type Level = 'quiet' | 'normal' | 'verbose'

export function reporter(write: (text: string) => void, level: Level): Listener {
  return (event) => {
    const line = lineOf(event, level)
    if (line !== null) write(`${line}\n`)
  }
}

function lineOf(event: WorkflowEvent, level: Level): string | null {
  const isQuiet = level === 'quiet'
  switch (event.type) {
    case 'taskStart': {
      const again = event.attempt > 1 ? ` (attempt ${event.attempt})` : ''
      return isQuiet ? null : `start   ${event.task}${again}  ${event.reason}`.trimEnd()
    }
    case 'taskEnd':
      return endLine(event.row, level)
    case 'taskRetry': {
      const when = event.delayMs === 0 ? 'at once' : `in ${durationText(event.delayMs)}`
      return isQuiet ? null : `retry   ${event.task}  ${when}: ${event.error.message}`
    }
    case 'taskLog':
      return isQuiet ? null : `log     ${event.task}  ${event.message}`
    case 'taskProgress':
      return level === 'verbose'
        ? `at ${String(Math.round(event.fraction * 100)).padStart(3)} %  ${event.task}  ${event.message ?? ''}`.trimEnd()
        : null
    case 'stall': {
      const who = event.running.slice(0, 3).join(', ')
      return `stall   nothing else went on for ${durationText(event.blockedMs)}, as one of these computed: ${who}. Move that into compute(…), a dataset or sh.`
    }
    case 'runStart':
    case 'runEnd':
      return null
  }
}

function endLine(row: Row, level: Level): string | null {
  const { task, status, wallMs, error, reason, attempts } = row
  switch (status) {
    case 'ran':
      return level === 'quiet' || attempts === 0 ? null : `done    ${task}  ${durationText(wallMs)}`
    case 'failed':
    case 'invalid':
      return `${status.padEnd(7)} ${task}  ${error === null ? '' : shownError(error)}`
    case 'missing':
    case 'locked':
      return `${status.padEnd(7)} ${task}  ${reason ?? ''}`
    case 'upToDate':
      return level === 'verbose' ? `current ${task}  ${reason ?? ''}`.trimEnd() : null
    case 'blocked':
    case 'cancelled':
    case 'wouldRun':
      return level === 'verbose' ? `${SHORT[status]} ${task}  ${reason ?? ''}`.trimEnd() : null
  }
}

const SHORT = { blocked: 'blocked', cancelled: 'not run', wouldRun: 'would  ' } as const

/** The summary of a run: what became of each task, as data and as text, and the exit code that follows from it. */
import { durationText } from './duration.ts'
import { frameOf } from './shown-error.ts'

/** What became of a task. */
export type Status =
  | 'ran'
  /** Complete before, and nothing it reads has changed. */
  | 'upToDate'
  /** Only in a dry run. */
  | 'wouldRun'
  | 'failed'
  /** A task that it requires did not become complete. */
  | 'blocked'
  /** An external target that isn't there. */
  | 'missing'
  /** `requires`, `output` or `complete` threw. */
  | 'invalid'
  /** Another process makes its targets at this moment. */
  | 'locked'
  /** The run ended before it could start or finish. */
  | 'cancelled'

/** What became of one task. */
export interface Row {
  /** `Name(a=1)`. */
  readonly task: string
  readonly name: string
  readonly status: Status
  readonly attempts: number
  /** Of its last attempt; 0 if it had none. */
  readonly wallMs: number
  /** Why it ran, would run or could not; null when there is nothing to say. */
  readonly reason: string | null
  readonly error: Error | null
  /** Its targets, as they describe themselves. */
  readonly outputs: readonly string[]
  /** Its functions are others than when it last ran. */
  readonly isCodeChanged: boolean
}

export interface Summary {
  /** 0 if and only if the task that was asked for is complete now (in a dry run: if it could become so). */
  readonly code: number
  readonly ok: boolean
  readonly rows: readonly Row[]
  readonly byStatus: Readonly<Record<Status, readonly Row[]>>
  /** What is wrong with the plan as a whole, such as a cycle; then nothing ran. */
  readonly problem: Error | null
  readonly interruptedBy: NodeJS.Signals | null
  readonly isDryRun: boolean
  readonly workers: number
  readonly wallMs: number
}

export const EXIT_CODES = {
  ok: 0,
  failed: 1,
  usage: 2,
  missing: 3,
  invalid: 4,
  locked: 5,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
} as const

const SHOWN: Readonly<Record<Status, string>> = {
  ran: 'ran',
  wouldRun: 'would run',
  upToDate: 'up to date',
  failed: 'failed',
  blocked: 'blocked',
  missing: 'missing',
  invalid: 'invalid',
  locked: 'locked',
  cancelled: 'not run',
}
const STATUSES = Object.keys(SHOWN) as readonly Status[]

/** More rows of one status are only counted. */
const LISTED = 5

export function summarize(
  about: Pick<Summary, 'problem' | 'interruptedBy' | 'isDryRun' | 'workers' | 'wallMs'> & {
    readonly isComplete: boolean
  },
  rows: readonly Row[],
): Summary {
  const { problem, interruptedBy, isDryRun, workers, wallMs } = about
  const byStatus = Object.fromEntries(STATUSES.map((status) => [status, [] as Row[]])) as Record<Status, Row[]>
  for (const row of rows) byStatus[row.status].push(row)
  const code = exitCode(about, byStatus)
  return { code, ok: code === 0, rows, byStatus, problem, interruptedBy, isDryRun, workers, wallMs }
}

function exitCode(
  { isComplete, isDryRun, problem, interruptedBy }: Parameters<typeof summarize>[0],
  byStatus: Readonly<Record<Status, readonly Row[]>>,
): number {
  const has = (status: Status): boolean => byStatus[status].length > 0
  if (problem !== null) return EXIT_CODES.invalid
  if (interruptedBy !== null) return EXIT_CODES[interruptedBy as 'SIGINT'] ?? EXIT_CODES.failed
  if (isComplete) return EXIT_CODES.ok
  if (has('failed')) return EXIT_CODES.failed
  if (has('invalid')) return EXIT_CODES.invalid
  if (has('locked')) return EXIT_CODES.locked
  if (has('missing')) return EXIT_CODES.missing
  return isDryRun ? EXIT_CODES.ok : EXIT_CODES.failed
}

/** The summary for people: a line of counts, a few tasks of each status, and what follows. */
export function summaryText(summary: Summary): string {
  const { rows, byStatus, problem, isDryRun, interruptedBy, workers, wallMs } = summary
  if (problem !== null) return `${problem.message}\nNOTHING RAN  (exit ${summary.code})\n`
  const present = STATUSES.filter((status) => byStatus[status].length > 0)
  const counts = present.map((status) => `${byStatus[status].length} ${SHOWN[status]}`).join(', ')
  const workersText = `${workers} worker${workers === 1 ? '' : 's'}`
  const lines = [
    `${rows.length} task${rows.length === 1 ? '' : 's'}: ${counts || 'nothing to do'}${isDryRun ? '' : `   (${workersText}, ${durationText(wallMs)})`}`,
  ]
  const width = Math.max(...rows.slice(0, 200).map(({ task }) => Math.min(task.length, 48)), 0)
  for (const status of present) {
    const listed = byStatus[status].slice(0, LISTED)
    lines.push(...listed.map((row) => `  ${SHOWN[status].padEnd(10)}  ${rowText(row, width)}`.trimEnd()))
    const more = byStatus[status].length - listed.length
    if (more > 0) lines.push(`  ${SHOWN[status].padEnd(10)}  … and ${more} more`)
  }
  const changed = byStatus.upToDate.filter(({ isCodeChanged }) => isCodeChanged)
  if (changed.length > 0) {
    const names = [...new Set(changed.map(({ name }) => name))].join(', ')
    lines.push(`The code of ${names} changed since it ran; --rerun-on code runs it again.`)
  }
  lines.push(verdict(summary, interruptedBy))
  return `${lines.join('\n')}\n`
}

function rowText({ task, status, reason, error, attempts, wallMs, outputs }: Row, width: number): string {
  const what: string[] = []
  if (status === 'ran') what.push(durationText(wallMs), ...outputs.slice(0, 2))
  if (status === 'wouldRun' || status === 'blocked' || status === 'missing' || status === 'locked')
    what.push(reason ?? '')
  if (error !== null) what.push(error.message.split('\n')[0] ?? '', frameOf(error))
  if (attempts > 1) what.push(`${attempts} attempts`)
  return `${task.padEnd(width)}  ${what.filter((text) => text !== '').join('  ')}`
}

function verdict({ code, isDryRun, byStatus }: Summary, interruptedBy: NodeJS.Signals | null): string {
  if (isDryRun)
    return code === 0 ? 'DRY RUN: nothing ran, no file changed' : `DRY RUN: it could not finish  (exit ${code})`
  if (interruptedBy !== null) return `INTERRUPTED by ${interruptedBy}  (exit ${code})   the next run does the rest`
  if (code === 0)
    return byStatus.failed.length === 0 ? 'OK' : 'OK, though a task failed that another one could do without'
  const left = byStatus.failed.length + byStatus.blocked.length + byStatus.cancelled.length + byStatus.locked.length
  const rest = left === 0 ? '' : `   the next run does only the ${left} that ${left === 1 ? 'is' : 'are'} left`
  return `FAILED  (exit ${code})${rest}`
}

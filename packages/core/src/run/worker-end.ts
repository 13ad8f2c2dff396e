/** How a worker ended that nobody stopped, and what is said of it: what happened, and what to do. */
import type { TaskOutcome } from '../plan/task.ts'
import { endedOutcome } from './endings.ts'
import { errorDataOf } from './error-data.ts'

export interface WorkerEnd {
  /** The error that ended a thread, or that kept a process from starting; undefined when there was none. */
  readonly fatal: unknown
  readonly exitCode: number
  /** The signal that ended a process. */
  readonly signal: NodeJS.Signals | null
  /** What Node and V8 wrote to a process's stderr when they gave up; '' when nothing. */
  readonly report: string
}

export interface LostWorker extends WorkerEnd {
  /** Whether it ever came so far that it could take a task. */
  readonly hasStarted: boolean
  /** The worker's heap limit in MB; null for Node's own. */
  readonly memoryMb: number | null
}

/** The outcome of a task whose worker died. */
export function lostOutcome(lost: LostWorker): TaskOutcome {
  const { hasStarted, fatal, exitCode, signal, report } = lost
  const data = fatal === undefined ? null : errorDataOf(fatal, String)
  if (data?.code === OUT_OF_MEMORY || report.includes('heap out of memory')) return outOfMemory(lost)
  if (data !== null) {
    const what = hasStarted ? 'the worker died' : 'the worker could not start'
    return endedOutcome('lost', { ...data, message: `${what}: ${data.message}` })
  }
  if (!hasStarted) {
    const how = signal === null ? `it ended with exit code ${exitCode}` : `it was ended by ${signal}`
    return died(`the worker could not start: ${how}${gistOf(report)}`)
  }
  if (signal !== null) return died(endedBy(signal, report), signal)
  return died(`user code called process.exit(${exitCode}), which ended the worker. Throw an error instead`)
}

/** The code that Node gives to a thread's error; a process that died of the same has it from here. */
const OUT_OF_MEMORY = 'ERR_WORKER_OUT_OF_MEMORY'

function outOfMemory({ memoryMb }: LostWorker): TaskOutcome {
  const limit = memoryMb === null ? '' : ` (limit ${memoryMb} MB)`
  const advice = 'Make the partitions smaller, hold fewer rows at once, or raise workerMemoryMb'
  return died(`the worker ran out of memory${limit}. ${advice}`, OUT_OF_MEMORY)
}

function endedBy(signal: NodeJS.Signals, report: string): string {
  switch (signal) {
    case 'SIGKILL':
      return `the worker was killed (SIGKILL), as the system does when memory runs out. Make the partitions smaller, hold fewer rows at once, or use fewer workers`
    case 'SIGABRT':
      return `the worker was aborted (SIGABRT)${gistOf(report)}. User code called process.abort(), or native code that it uses gave up`
    case 'SIGSEGV':
    case 'SIGBUS':
    case 'SIGILL':
    case 'SIGFPE':
    case 'SIGTRAP':
      return `the worker crashed (${signal})${gistOf(report)}. Look for a native add-on among the modules that user code uses`
    default:
      return `the worker was ended by ${signal}, which kindling did not send. Find out who did`
  }
}

/** The one line of a report that says most. */
function gistOf(report: string): string {
  const line = /^(?:\w*Error\b|FATAL ERROR|# *Fatal).*/m.exec(report)
  return line === null ? '' : `: ${line[0].replace(/^# */, '').trim()}`
}

function died(message: string, code?: string): TaskOutcome {
  return endedOutcome('lost', { name: 'Error', message, stack: '', ...(code !== undefined && { code }) })
}

/**
 * Interrupts: SIGINT, SIGTERM and SIGHUP cancel the running jobs, so that nothing half-written stays, and then end the process as
 * they would have. Handlers are there only while jobs run. A user's own listener for a signal decides what comes after the cancelling.
 */
type Cancel = (reason: Error) => void

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
type Signal = (typeof SIGNALS)[number]

const running = new Map<Cancel, Promise<unknown>>()
let received: Signal | null = null

/** How long the jobs may take to end once cancelled. */
const PATIENCE_MS = 2000

/**
 * Cancels a job when the process is interrupted.
 * @param ended settles when the job has cleaned up
 * @returns a function to be called when the job has ended
 */
export function onInterrupt(cancel: Cancel, ended: Promise<unknown>): () => void {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, interrupt)
  running.set(cancel, ended)
  return () => {
    running.delete(cancel)
    if (running.size === 0 && received === null) for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}

/** The reader of stdout has gone while jobs print to it: the process ends with the status of one that SIGPIPE ended. */
export function brokenPipe(): void {
  process.exitCode = 141
  if (running.size > 0) endAfter(cancelAll('nobody reads the output any more'), () => process.exit())
}

function interrupt(signal: Signal): void {
  // The second time there is no waiting.
  if (received !== null) {
    die(signal)
    return
  }
  const isOurs = process.listenerCount(signal) === 1
  if (isOurs) received = signal
  const ended = cancelAll(signal)
  if (!isOurs) return
  endAfter(ended, () => die(signal))
}

/** Ends the process when its jobs have ended, or when they take too long. */
function endAfter(ended: Promise<unknown>, end: () => void): void {
  const timer = setTimeout(end, PATIENCE_MS)
  // At once, before the rejected action is reported as unhandled: what ended from outside needs no stack trace.
  void ended.finally(() => {
    clearTimeout(timer)
    end()
  })
}

function cancelAll(what: string): Promise<unknown> {
  const jobs = [...running]
  for (const [cancel] of jobs)
    cancel(Object.assign(new Error(`the job was cancelled: ${what}`), { name: 'AbortError' }))
  return Promise.allSettled(jobs.map(([, ended]) => ended))
}

const lastActs: (() => void)[] = []

/** Calls `act` before a signal ends the process, when its `exit` event will not come. */
export function onDeath(act: () => void): void {
  lastActs.push(act)
}

function die(signal: Signal): void {
  for (const act of lastActs) act()
  for (const name of SIGNALS) process.off(name, interrupt)
  process.kill(process.pid, signal)
}

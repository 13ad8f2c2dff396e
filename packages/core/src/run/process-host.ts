/**
 * The process host: workers that are child processes. Whatever crashes in one, or ends it, ends only that one. Each leads a process group
 * and a session of its own: a Ctrl-C in the terminal is for the driver, which cancels the jobs first, and what user code has started
 * ends with its worker. Nothing is left when the driver is gone, however it went: an idle worker reads the end of its pipe, and a
 * leash ends one that user code keeps busy.
 */
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { childProcess } from '../io/on-demand.ts'
import { YOUNG_MB } from '../shuffle/heap-watch.ts'
import { leash, signalGroup } from '../stream/leash.ts'
import { type CrashReport, openCrashReport } from './crash-report.ts'
import { encodeFrame, openFrames } from './frames.ts'
import { isPrint, type PrintMessage } from './prints.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { entryUrl, type HostedWorker, type HostOptions, type WorkerEvents, type WorkerHost } from './worker-host.ts'

/** How long the pipes of a worker that has exited are read for last words: who left its group may hold them open for ever. */
const LAST_WORDS_MS = 1000

export function openProcesses({ workerMemoryMb, workerUrl = entryUrl('process-worker') }: HostOptions): WorkerHost {
  const flags = [
    // Of one of the two halves between which new objects move.
    `--max-semi-space-size=${YOUNG_MB / 2}`,
    ...(workerMemoryMb === null ? [] : [`--max-old-space-size=${workerMemoryMb}`]),
  ]
  return {
    sharesMemory: false,
    start(_slot, events) {
      const child = childProcess().spawn(
        process.execPath,
        [...flags, fileURLToPath(workerUrl), ...process.argv.slice(2)],
        {
          env: { ...process.env, NODE_OPTIONS: '' },
          stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
          detached: true,
        },
      )
      return child.pid === undefined ? stillborn(child, events) : new WorkerProcess(child, child.pid, events)
    },
  }
}

/** A process that the system refused to start, which it says in a moment. */
function stillborn(child: ChildProcess, events: WorkerEvents): HostedWorker {
  child.once('error', (fatal) => events.end({ fatal, exitCode: 1, signal: null, report: '' }))
  const terminal = openTerminal(() => {})
  return { terminal, send() {}, ref() {}, unref() {}, terminate: () => Promise.resolve() }
}

class WorkerProcess implements HostedWorker {
  readonly terminal: Terminal = openTerminal(() => {})
  readonly #child: ChildProcess
  readonly #group: number
  readonly #events: WorkerEvents
  readonly #pipes: readonly Socket[]
  readonly #requests: Socket
  readonly #exited: Promise<void>
  #fatal: unknown

  constructor(child: ChildProcess, group: number, events: WorkerEvents) {
    this.#child = child
    this.#group = group
    this.#events = events
    // All but the first were asked to be pipes, which are sockets.
    const [, stdout, stderr, requests, replies] = child.stdio as unknown as [null, Socket, Socket, Socket, Socket]
    this.#pipes = [stdout, stderr, requests, replies]
    this.#requests = requests
    // A pipe that breaks belongs to a worker that ends, which is heard of by its end.
    for (const pipe of this.#pipes) pipe.on('error', () => {})
    this.unref()
    const report = openCrashReport(stderr, (bytes) => this.#print(stderr, [['stderr', bytes]]))
    stdout.on('data', (bytes: Buffer) => this.#print(stdout, [['stdout', bytes]]))
    this.#readReplies(replies, report)
    this.#exited = this.#watchEnd(report)
  }

  send(message: unknown): void {
    const pieces = encodeFrame(message)
    this.#requests.cork()
    for (const piece of pieces) this.#requests.write(piece)
    this.#requests.uncork()
  }

  ref(): void {
    for (const handle of [this.#child, ...this.#pipes]) handle.ref()
  }

  unref(): void {
    for (const handle of [this.#child, ...this.#pipes]) handle.unref()
  }

  terminate(): Promise<void> {
    // Once it has exited, its number may be another's.
    if (this.#child.exitCode === null && this.#child.signalCode === null) signalGroup(this.#group, 'SIGKILL')
    return this.#exited
  }

  #readReplies(replies: Socket, report: CrashReport): void {
    const read = openFrames((message) => {
      report.dismiss()
      if (isPrint(message)) this.#print(replies, message.pieces)
      else this.#events.message(message)
    })
    replies.on('data', (piece: Uint8Array) => {
      try {
        read(piece)
      } catch (error) {
        // Something else than our own code wrote to the pipe: nothing after it can be understood.
        this.#fatal ??= error
        replies.removeAllListeners('data').resume()
        void this.terminate()
      }
    })
  }

  /** While the terminal is full, no more is read from the pipe, so that the worker waits when that is full too. */
  #print(from: Socket, pieces: PrintMessage['pieces']): void {
    this.terminal.write({ type: 'prints', pieces, size: 0 })
    const drained = this.terminal.drained()
    if (drained === null) return
    from.pause()
    void drained.then(() => from.resume())
  }

  /** Resolves when the process has exited. Its end is told when all that it wrote has been read. */
  #watchEnd(report: CrashReport): Promise<void> {
    const hold = leash(this.#group)
    return new Promise((resolve) => {
      this.#child.once('exit', (exitCode, signal) => {
        hold.release()
        // Whatever it has started and left would keep its pipes open.
        signalGroup(this.#group, 'SIGKILL')
        resolve()
        const end = (): void => {
          clearTimeout(timer)
          this.#child.off('close', end)
          this.#events.end({ fatal: this.#fatal, exitCode: exitCode ?? 1, signal, report: report.text() })
        }
        const timer = setTimeout(end, LAST_WORDS_MS)
        this.#child.once('close', end)
      })
    })
  }
}

/** The thread host: workers that are threads of this process. They start fast, share memory, and end the process if V8 or native code crashes. */
import { Worker } from 'node:worker_threads'
import { YOUNG_MB } from '../shuffle/heap-watch.ts'
import { openOutstanding, subtractOutstanding } from './outstanding.ts'
import { isPrint } from './prints.ts'
import { openTerminal } from './terminal.ts'
import { entryUrl, type HostOptions, type WorkerHost } from './worker-host.ts'

export function openThreads({ workerMemoryMb, workerUrl = entryUrl('thread-worker') }: HostOptions): WorkerHost {
  return {
    sharesMemory: true,
    start(slot, events) {
      const outstanding = openOutstanding()
      const terminal = openTerminal((size) => subtractOutstanding(outstanding, size))
      const worker = new Worker(workerUrl, {
        argv: process.argv.slice(2),
        execArgv: [],
        env: { ...process.env, NODE_OPTIONS: '' },
        workerData: { outstanding },
        name: `kindling ${slot}`,
        resourceLimits: {
          maxYoungGenerationSizeMb: YOUNG_MB,
          ...(workerMemoryMb !== null && { maxOldGenerationSizeMb: workerMemoryMb }),
        },
      })
      worker.unref()
      worker.on('message', (message) => {
        if (isPrint(message)) terminal.write(message)
        else events.message(message)
      })
      let fatal: unknown
      worker.on('error', (error) => {
        fatal = error ?? new Error('it threw nothing')
      })
      worker.on('exit', (exitCode) => events.end({ fatal, exitCode, signal: null, report: '' }))
      return {
        send: (message, transfer) => worker.postMessage(message, transfer),
        terminal,
        ref: () => worker.ref(),
        unref: () => worker.unref(),
        terminate: () => worker.terminate(),
      }
    },
  }
}

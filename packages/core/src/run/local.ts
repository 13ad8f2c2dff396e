/** The local engine with everything around it: its executor, its progress bar, its answer to Ctrl-C. */
import type { Config } from './config.ts'
import type { Engine } from './engine.ts'
import type { Events } from './events.ts'
import { openInline } from './inline.ts'
import { openPool } from './pool.ts'
import { openProcesses } from './process-host.ts'
import { showProgress } from './progress.ts'
import { openLocalEngine } from './scheduler.ts'
import { openThreads } from './thread-host.ts'
import type { WorkerHost } from './worker-host.ts'

export function openLocal(config: Config, events: Events): Engine {
  const executor = config.kind === 'inline' ? openInline() : openPool({ ...config, host: hostOf(config) })
  const endProgress = config.progress ? showProgress(events) : (): void => {}
  const engine = openLocalEngine({
    executor,
    events,
    retries: config,
    defaultParallelism: config.slots,
    signals: config.signals,
  })
  return {
    open: (job) => engine.open(job),
    dropBroadcast: (id) => engine.dropBroadcast(id),
    async close() {
      await engine.close()
      endProgress()
    },
  }
}

function hostOf({ isolation, workerMemoryMb }: Config): WorkerHost {
  switch (isolation) {
    case 'thread':
      return openThreads({ workerMemoryMb })
    case 'process':
      return openProcesses({ workerMemoryMb })
  }
}
